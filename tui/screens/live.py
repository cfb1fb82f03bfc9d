"""The Live screen: all designs on one clock and the same customers, as the simulated day goes on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget

from tui.live_reading import live_lines, pace_words
from tui.messages import LiveMoved, News, RunFinished, RunRequested, RunStopped
from tui.screens.base import ModeScreen
from tui.widgets.lines import LinesPanel
from tui.work import LiveWork

if TYPE_CHECKING:
    from scenarios.live import LiveControl
    from tui.cli.orders import Order
    from tui.work import Work


class LiveScreen(ModeScreen):
    """Watches the first replication of every design of the scenario in hand."""

    MODE = "live"
    TITLE_WORDS = "Live"
    EXPLAINS = (
        "Every design faces the same customers at the same simulated moment; all stop at every quarter of an hour "
        "until the last has come there. On the left how a design stands now, on the right the people waiting for an "
        "agent over the last marks, all on one scale, with the simulated clock below; a date stands where a day "
        "begins. The breaker stands between design and core: closed, calls "
        "go through; open, none does, and what customers did waits in the outbox; half-open, a few probes find out "
        "whether the core is back. It opens for seconds: how often it has opened says more than where it stands at a "
        "mark. Space pauses, . lets one step through, + and - set the pace. Watching changes nothing: what comes out "
        "is the first replication of the comparison."
    )
    IDLE = "r watches the scenario in hand; Space pauses, . steps, + - set the pace."
    CSS_PATH = "live.tcss"
    AUTO_FOCUS = "#live-scroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "run", "Run", id="live.run", tooltip="Watch all designs side by side."),
        Binding("space", "turn", "Pause", id="live.pause", tooltip="Pause, or go on."),
        Binding(
            "full_stop", "step", "Step", key_display=".", id="live.step", tooltip="Let one step through."
        ),
        Binding("plus", "pace(0.5)", "Faster", key_display="+", id="live.faster", tooltip="Twice the pace."),
        Binding(
            "minus",
            "pace(2.0)",
            "Slower",
            key_display="-",
            id="live.slower",
            show=False,
            tooltip="Half the pace.",
        ),
    ]

    _control: LiveControl | None = None
    _watched: Order | None = None
    _ended_well = False

    def middle(self) -> Iterable[Widget]:
        """Hold the bands."""
        yield VerticalScroll(LinesPanel(id="live"), id="live-scroll", classes="frame")

    def set_up(self) -> None:
        """Say what will be seen."""
        self.query_one("#live-scroll").border_title = "Side by side"
        self.query_one("#live", LinesPanel).say([self.EXPLAINS])
        self._show_command()

    @property
    def shown(self) -> Order | None:
        """The order that was watched."""
        return self._watched

    def resting(self) -> str:
        """Say how far the run on the screen came."""
        if self._watched is None:
            return self.IDLE
        return "✔ every design has come to its end" if self._ended_well else "■ stopped before the end"

    def running_words(self, work: Work) -> str:
        """Say how the watched run goes on, or what else is under way."""
        return pace_words(work.control) if isinstance(work, LiveWork) else super().running_words(work)

    def hear(self, news: News) -> None:
        """Say when it is over."""
        if isinstance(news, RunFinished) and isinstance(news.work, LiveWork):
            self._ended_well = True
            self.rest()
        elif isinstance(news, RunStopped) and self._watched is not None:
            self.rest()
        self._show_command()

    def on_screen_resume(self) -> None:
        """Show the command for what is in hand now."""
        self._show_command()

    def action_run(self) -> None:
        """Watch the scenario in hand."""
        order = self.session.order()
        if order is None:
            self.notify("There is no scenario to watch.", severity="warning")
            return
        self._control = self.session.runner.control()
        self._watched, self._ended_well = order, False
        told = lambda moment: self.post_message(LiveMoved(moment))  # noqa: E731 - posts from the other thread
        self.post_message(RunRequested(LiveWork(order, self._control, told)))

    def action_turn(self) -> None:
        """Pause, or go on."""
        if (control := self._watching()) is not None:
            control.turn()
            self._say_pace()

    def action_step(self) -> None:
        """Let one step through."""
        if (control := self._watching()) is not None:
            control.step()
            self._say_pace()

    def action_pace(self, factor: float) -> None:
        """Go faster or slower."""
        if (control := self._watching()) is not None:
            control.pace(factor)
            self._say_pace()

    def _watching(self) -> LiveControl | None:
        """The control of what is watched; say so where nothing is."""
        if self._control is not None and isinstance(self.session.work, LiveWork):
            return self._control
        self.notify("Nothing is being watched; r watches the scenario in hand.", severity="warning")
        return None

    @on(LiveMoved)
    def _moved(self, message: LiveMoved) -> None:
        moment, around = message.moment, self.query_one("#live-scroll")
        self.query_one("#live", LinesPanel).draw(
            lambda width: live_lines(moment, width, around.content_size.height)
        )
        self._say_pace()

    def _say_pace(self) -> None:
        control = self._control
        if control is not None and self.running and not self.session.stopping:
            self.strip.show_state(pace_words(control))

    def _show_command(self) -> None:
        order = self.session.order()
        if order is not None:
            self.show_command(f"{order.command()} --replications 1")
