"""Every message of the screens. Requests go up to the app; news comes back to whoever listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from scenarios.limits.limit import TheoryLimit
    from scenarios.lines.agents_by_theory import TheoryAgents
    from scenarios.live import LiveMoment
    from scenarios.saved.runs import SavedRun
    from scenarios.whatif import Look, WhatIf
    from scenarios.world.spec import CheckReport
    from tui.cli.orders import Order
    from tui.library import Library
    from tui.ports import ReadBack, Varied
    from tui.progress_board import RunProgress
    from tui.work import Work


class ScenarioHighlighted(Message):
    """The picker's highlight moved."""

    def __init__(self, name: str) -> None:
        """Carry the scenario's name."""
        super().__init__()
        self.name = name


class ScenarioPicked(Message):
    """The user chose a scenario in the picker and wants it run."""

    def __init__(self, name: str) -> None:
        """Carry the scenario's name."""
        super().__init__()
        self.name = name


class RunRequested(Message):
    """A screen asks the app to start a piece of work."""

    def __init__(self, work: Work) -> None:
        """Carry what to do."""
        super().__init__()
        self.work = work


class ModeRequested(Message):
    """The user wants to see another screen."""

    def __init__(self, mode: str) -> None:
        """Carry the screen's name."""
        super().__init__()
        self.mode = mode


class RowOpened(Message):
    """The user wants to see what stands behind a line of a panel."""

    def __init__(self, picked: tuple[str, str]) -> None:
        """Carry the name the line is about, and the design or an empty text."""
        super().__init__()
        self.picked = picked


class Answered(Message):
    """A line that was asked for is typed, or left: then the text is None."""

    def __init__(self, what: str, text: str | None) -> None:
        """Carry what was asked and what was typed."""
        super().__init__()
        self.what, self.text = what, text


class LineLeft(Message):
    """The user leaves a line without having typed anything that counts."""


class FormSent(Message):
    """The customer on the phone sends a form."""

    def __init__(self, inputs: str) -> None:
        """Carry the submission, as JSON."""
        super().__init__()
        self.inputs = inputs


class Checked(Message):
    """A scenario's file was read and checked."""

    def __init__(self, name: str, report: CheckReport) -> None:
        """Carry what was found."""
        super().__init__()
        self.name, self.report = name, report


class LiveMoved(Message):
    """A watched run has come to its next mark."""

    def __init__(self, moment: LiveMoment) -> None:
        """Carry how all designs stand."""
        super().__init__()
        self.moment = moment


class CancelRequested(Message):
    """A screen asks the app to stop the run under way."""


class News(Message):
    """Something happened that any screen may want to show; the app publishes it to its listeners."""


class LibraryLoaded(News):
    """The scenario library was read."""

    def __init__(self, library: Library) -> None:
        """Carry what was read."""
        super().__init__()
        self.library = library


class LibraryFailed(News):
    """The scenario library could not be read."""

    def __init__(self, reason: str) -> None:
        """Carry what was wrong, one problem per line."""
        super().__init__()
        self.reason = reason


class WorldChanged(News):
    """Another scenario is in hand, or something in it was changed; the session says which and what."""


class FailurePutAway(News):
    """The user has read why a run failed; it need not stand on any screen any longer."""


class CasesWanted(News):
    """Somebody wants to see certain cases; the session's aim says which."""


class Reopened(News):
    """A saved comparison was taken up again; the session holds it."""


class RunStarted(News):
    """A run has begun."""

    def __init__(self, work: Work) -> None:
        """Carry what runs."""
        super().__init__()
        self.work = work


class RunProgressed(News):
    """A run moved on; absolute totals, so a lost message does no harm."""

    def __init__(self, progress: RunProgress) -> None:
        """Carry the totals so far."""
        super().__init__()
        self.progress = progress


class RunStopping(News):
    """The user asked the run to stop; it is winding down."""


class RunEnded(News):
    """A run is over, one way or another."""


class RunFinished(RunEnded):
    """A run came to its end."""

    def __init__(self, work: Work, result: object) -> None:
        """Carry what was asked and what came out."""
        super().__init__()
        self.work = work
        self.result = result


class RunStopped(RunEnded):
    """A run stopped because the user asked for it."""


class RunFailed(RunEnded):
    """A run broke off with an error."""

    def __init__(self, work: Work, reason: str, *, history: bool = False) -> None:
        """Carry what was asked, why it failed, and whether it was refused for a history that is not reproduced."""
        super().__init__()
        self.work = work
        self.reason = reason
        self.history = history


class StudyRead(Message):
    """The scenario was read, or not."""

    def __init__(self, name: str, study: WhatIf | None, problems: tuple[str, ...]) -> None:
        """Carry what was read."""
        super().__init__()
        self.name, self.study, self.problems = name, study, problems


class Looked(Message):
    """Changed settings were looked at."""

    def __init__(self, look: Look) -> None:
        """Carry what was seen."""
        super().__init__()
        self.look = look


class Saved(Message):
    """A copy was written, or not."""

    def __init__(self, path: str, problems: tuple[str, ...]) -> None:
        """Carry where it is, or why it is not there."""
        super().__init__()
        self.path, self.problems = path, problems


class TheoryRead(Message):
    """Theory has answered, or why it cannot."""

    def __init__(
        self,
        asked: tuple[Order, str, Varied],
        found: dict[str, TheoryLimit],
        agents: dict[str, TheoryAgents | None],
        problems: list[str],
    ) -> None:
        """Carry the question and the answers; agents by design, for every design there is."""
        super().__init__()
        self.asked, self.found, self.agents, self.problems = asked, found, agents, problems


class RunsRead(Message):
    """The saved runs were listed, or not."""

    def __init__(self, runs: list[SavedRun], problems: list[str]) -> None:
        """Carry them."""
        super().__init__()
        self.runs, self.problems = runs, problems


class RunRead(Message):
    """One saved run was read back, or not."""

    def __init__(self, number: int, found: ReadBack | None, problems: list[str]) -> None:
        """Carry it."""
        super().__init__()
        self.number, self.found, self.problems = number, found, problems
