"""What is open in the app, whichever screen shows it: the scenario, what was changed in it, the last results."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from scenarios.result import Comparison
from tui.cli.orders import Order
from tui.library import Words, with_named
from tui.messages import (
    FailurePutAway,
    LibraryFailed,
    LibraryLoaded,
    News,
    RunEnded,
    RunFailed,
    RunFinished,
    RunProgressed,
    WorldChanged,
)
from tui.work import CasesWork, DiagnoseWork, QuickWork

if TYPE_CHECKING:
    from scenarios.evidence.cases import CaseFilter, Cases
    from scenarios.explain.diagnosis import Diagnosis
    from tui.library import Library
    from tui.ports import Runner
    from tui.progress_board import RunProgress
    from tui.work import Work


@dataclass(frozen=True, slots=True)
class CaseAim:
    """Which cases somebody wants to see.

    Attributes:
        order: the run they are of; its seed and settings count.
        design: in which design; None for the scenario's baseline.
        wanted: which of them.
        words: the same for people, or empty for all.
        case_id: the one to open first, or None for the first of them.
    """

    order: Order
    design: str | None = None
    wanted: CaseFilter | None = None
    words: str = ""
    case_id: int | None = None


@dataclass(slots=True)
class Session:
    """Shared by all screens; only the app writes what the news say.

    Attributes:
        runner: does work, and reads scenarios to be questioned.
        scenario: name or path of the scenario in hand; None until there is one.
        settings: what was changed in it, each "path=value".
        despite_history: run it although its baseline does not reproduce its history.
        library: what there is to choose from; None until it is read.
        library_fault: why it could not be read, or empty.
        work: what is under way, or None.
        failed: why the last piece of work broke off, until that is put away or something else is begun; else None.
        refused: the last piece of work, where it was refused for a history that is not reproduced; else None.
        stopping: whether it was asked to stop.
        progress: how far it is, or None before the first word of it.
        compared: the last comparison and the order it came from, or None.
        diagnosed: the last comparison that was diagnosed, and how it came out, or None.
        aim: the cases somebody wants to see, or None.
        books: cases that were kept, by order and design.
        changed: what was changed in the scenarios that were in hand before, by name.
        edition: how often a file was read anew; what was read of one before is out of date.
    """

    runner: Runner
    scenario: str | None = None
    settings: tuple[str, ...] = ()
    despite_history: bool = False
    library: Library | None = None
    library_fault: str = ""
    work: Work | None = None
    failed: RunFailed | None = None
    refused: Work | None = None
    stopping: bool = False
    progress: RunProgress | None = None
    compared: tuple[Order, Comparison] | None = None
    diagnosed: tuple[Comparison, Diagnosis] | None = None
    aim: CaseAim | None = None
    books: dict[tuple[Order, str | None], Cases] = field(default_factory=dict)
    changed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    edition: int = 0

    @property
    def unread(self) -> bool:
        """Whether the library is still to be read."""
        return self.library is None and not self.library_fault

    @property
    def world(self) -> tuple[object, ...]:
        """What tells one thing in hand from another: scenario, settings and edition."""
        return self.scenario, self.settings, self.edition

    @property
    def words(self) -> Words:
        """The metrics in words; none before the library is read."""
        return self.library.words if self.library is not None else {}

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The diagnosis of the last comparison; None before there is one."""
        if self.compared is None or self.diagnosed is None or self.diagnosed[0] is not self.compared[1]:
            return None
        return self.diagnosed[1]

    def note(self, news: News) -> None:
        """Keep what is said here true, before anybody hears the news."""
        if isinstance(news, LibraryLoaded):
            self.library = news.library
        elif isinstance(news, LibraryFailed):
            self.library_fault = news.reason
        elif isinstance(news, RunProgressed):
            self.progress = news.progress
        elif isinstance(news, WorldChanged | FailurePutAway):
            self.failed = None
        elif isinstance(news, RunEnded):
            self.work = None
            self.failed = news if isinstance(news, RunFailed) else None
            self.refused = news.work if isinstance(news, RunFailed) and news.history else None
            if isinstance(news, RunFinished):
                self._take(news.work, news.result)

    def _take(self, work: Work, result: object) -> None:
        if isinstance(result, Comparison) and not isinstance(work, QuickWork):
            self.compared = work.order, result
        elif isinstance(work, DiagnoseWork):
            self.diagnosed = work.comparison, cast("Diagnosis", result)
        elif isinstance(work, CasesWork) and isinstance(result, tuple):
            for wanted, cases in zip(work.designs, result, strict=True):
                self.books[work.order, cases.design] = cases
                if wanted is None:
                    self.books[work.order, None] = cases

    def choose(self, scenario: str) -> None:
        """Take another scenario in hand: as its file has it, or with what was changed when it was in hand before."""
        if scenario == self.scenario:
            return
        if self.scenario is not None:
            self.changed[self.scenario] = self.settings
        self.scenario, self.settings = scenario, self.changed.get(scenario, ())
        self.despite_history = False
        if self.library is not None:
            self.library = with_named(self.library, scenario)

    def order(self, verb: str = "compare") -> Order | None:
        """Return the order for the scenario in hand with its changes; None without a scenario."""
        if self.scenario is None:
            return None
        return Order(verb, self.scenario, self.settings, despite_history=self.despite_history)
