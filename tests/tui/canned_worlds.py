"""Real small worlds behind the screens that look closer, each made once: cases, a study, phones, a review, flips."""

# ruff: noqa: ARG002 - a stand-in takes what the real runner takes
from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.errors import Cancelled, RuleBroken
from sandbox.scorecard.standing import Standing
from scenarios.evidence.cases import Cases, collect_cases
from scenarios.examining import Examined, examine
from scenarios.explain.diagnosis import Diagnosis, judged_design
from scenarios.explain.flips import Flip, Flips, SegmentFlips
from scenarios.explain.pitfalls import Pitfall, Pitfalls
from scenarios.limits.limit import LimitRequest, Limits, TheoryLimit, find_limits, plan_limits, theory_limits
from scenarios.limits.searching import conditions
from scenarios.limits.staffing_plan import StaffRequest, plan_staffing
from scenarios.limits.staffing_search import StaffFound, find_staffing
from scenarios.lines.agents_by_theory import TheoryAgents
from scenarios.live import DesignMoment, LiveControl, LiveMoment
from scenarios.outputs.as_json import comparison_json
from scenarios.progress import OnProgress, ShouldStop
from scenarios.rehearsal.phone import Phone
from scenarios.rehearsal.prelaunch import Review, review_design
from scenarios.result import Comparison
from scenarios.rulebook import read_rules
from scenarios.run import CompareRequest
from scenarios.saved.runs import SavedRun
from scenarios.totals import MEASURES, Figure
from scenarios.versions import versions
from scenarios.whatif import WhatIf
from scenarios.wiring.plan import busy_hours
from scenarios.world.spec import CheckReport, load_scenario
from tests.decided import LIMITS
from tests.tui.canned import CannedRunner, comparison
from tui.cli.orders import Order
from tui.ports import ReadBack, Told, Varied
from tui.screens.limits import KEEP, VARY

SMALL = (
    "campaign.messages=800",
    "call_centre.other_traffic.calls_per_day=60",
    "core.faults.unavailable_rate=0.2",
)
REQUEST = CompareRequest("retail-bank-200k", SMALL)

_FOLDER = TemporaryDirectory()


@cache
def cases(design: str) -> Cases:
    """Every case of one small run."""
    path = Path(_FOLDER.name) / f"{design}.sqlite"
    return collect_cases(REQUEST, design, path, lambda _: None, lambda: False)


@cache
def study() -> WhatIf:
    """The shipped scenario, to be questioned."""
    return WhatIf("retail-bank-200k")


@cache
def review(design: str) -> Review:
    """The ten cases of a design."""
    return review_design(REQUEST, design, lambda: False, lambda _: None)


TINY = (
    "campaign.messages=1500", "campaign.touches_per_case=1", "calendar.working_days=10",
    "calendar.follow_up_days=3", "call_centre.other_traffic.calls_per_day=40", "call_centre.agents=2",
)  # fmt: skip


def _tiny(design: str) -> CompareRequest:
    return CompareRequest("retail-bank-200k", TINY, (design,), None, 1, 1)


@cache
def theory(keep: str, vary: Varied) -> dict[str, TheoryLimit]:
    """What theory says of the shipped scenario."""
    return theory_limits(plan_limits(LimitRequest(CompareRequest("retail-bank-200k"), (keep,), *vary)))


@cache
def _seen(design: str) -> Examined:
    """The facts and the trail of a design in the small world."""
    scenario = load_scenario("retail-bank-200k", SMALL)
    hours = busy_hours(scenario.document)
    proofs = dict(read_rules()[0].document.evidence)
    return examine(scenario, design, hours, proofs, lambda _: None, lambda: False)


def diagnosis(result: Comparison) -> Diagnosis:
    """The canned figures judged by the shipped rules, with the facts of the small world."""
    book = read_rules()[0]
    judged = [
        judged_design(replace(one, metrics={**one.metrics, **one.calls}), _seen(name), book.document, LIMITS)
        for name, one in result.designs.items()
    ]
    return Diagnosis(
        result.scenario,
        result.title,
        result.seed,
        result.replications,
        book.document.stage,
        book.source,
        tuple(judged),
        result.baseline,
        tuple(result.notes),
        book.document.decisions,
    )


@cache
def limits() -> Limits:
    """How far the messages of a tiny campaign may go."""
    request = LimitRequest(
        _tiny("sms-to-call"), ("call_abandonment_rate<0.15",), "campaign.messages", "400:4000", 400
    )
    return find_limits(plan_limits(request), lambda _: None, lambda: False)


@cache
def staffed() -> StaffFound:
    """The fewest agents of the tiny campaign's in-message design."""
    request = StaffRequest(_tiny("in-message"), ("call_abandonment_rate<0.15",))
    return find_staffing(plan_staffing(request), lambda _: None, lambda: False)


def saved(number: int, line: str) -> SavedRun:
    """A run that ended well, made with another code."""
    start = 1_764_460_800_000 + number * 60_000
    return SavedRun(
        number,
        line,
        {},
        {},
        "c0de" * 16,
        "ab" * 32,
        versions(),
        "finished",
        start,
        start + 55_000,
        "{}",
        None,
        0,
    )


def flips(before: str, after: str) -> Flips:
    """Four ways a case can move, with invented figures."""

    def about(value: float) -> Figure:
        return Figure(value, value - 5.0, value + 5.0)

    moved = (
        Flip(Standing.WITH_PERSON, Standing.LOST, about(40.0), (7, 9)),
        Flip(Standing.ABANDONED, Standing.UNTOUCHED, about(300.0), (11,)),
        Flip(Standing.NOT_ENGAGED, Standing.NOT_ENGAGED, about(660.0), (1,)),
    )
    parts = (SegmentFlips("arrears 1m", about(600.0), about(25.0), about(200.0), about(375.0)),)
    sums = (about(40.0), about(300.0), about(660.0), about(0.0))
    return Flips("canned-bank", 42, 3, before, after, 1_000, *sums, moved, parts)


def moment(mark: int) -> LiveMoment:
    """Two designs at a quarter of an hour; the first has a queue that grows and a breaker that moves at each mark."""
    queue = tuple(2 * nth for nth in range(mark + 1))
    state = ("closed", "open", "half_open")[mark % 3]
    since = f"2026-03-02 09:{15 * mark - 1:02d}:30" if mark else ""
    breaker = (state, since, 2 * mark)
    first = DesignMoment(
        "sms-to-call", 2 * mark, 8, 40 * mark, 4 * mark, 30, 10, 5, 1, 0, 3, *breaker, queue, mark == 2
    )
    flat = (0,) * (mark + 1)
    second = DesignMoment(
        "in-message", 0, 2, 4 * mark, 0, 30, 24, 23, 2, 1, 0, "closed", "", 0, flat, mark == 2
    )
    marks = tuple(f"2026-03-02 09:{15 * nth:02d}:00" for nth in range(mark + 1))
    return LiveMoment(marks[-1], marks, (first, second))


def ranking() -> Pitfalls:
    """Two failure modes with invented figures; the second costs no completion for certain."""
    nothing = dict.fromkeys(MEASURES, Figure(0.0, 0.0, 0.0))
    sums = dict.fromkeys(MEASURES, Figure(200.0, 190.0, 210.0))

    def costs(
        completions: tuple[float, float, float], calls: tuple[float, float, float]
    ) -> dict[str, Figure]:
        return {**nothing, "completions": Figure(*completions), "calls": Figure(*calls)}

    return Pitfalls(
        "canned-bank",
        1,
        5,
        "GBP",
        ("in-message", sums),
        ("message-first", sums),
        (
            Pitfall(
                "weak_identity",
                "Weak identity",
                "no code",
                costs((-90, -99, -81), (104, 95, 113)),
                nothing,
                (),
            ),
            Pitfall(
                "rigid_timing", "Rigid timing", "no hours", costs((-4.6, -11, 2), (-1, -3, 1)), nothing, ()
            ),
        ),
    )


class WorldRunner(CannedRunner):
    """Compares canned figures; everything closer is real, small and made once."""

    starts_paused = False

    def __init__(self) -> None:
        super().__init__()
        self.saved: list[tuple[str, str, tuple[str, ...]]] = []
        self.kept: list[str] = []
        self.switched = 0

    def cases(
        self, order: Order, design: str | None, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Cases:
        """The small run's cases."""
        self.kept.append(design or "sms-to-call")
        return cases(self.kept[-1])

    def flips(
        self, order: Order, before: str, after: str, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Flips:
        """The invented flips."""
        return flips(before, after)

    def diagnose(
        self, order: Order, comparison: Comparison, on_progress: OnProgress, should_stop: ShouldStop
    ) -> Diagnosis:
        """The canned figures with the facts of the small world."""
        return diagnosis(comparison)

    def study(self, scenario: str) -> WhatIf:
        """The shipped scenario, whatever was asked for."""
        return study()

    def phone(self, order: Order, design: str | None) -> Phone:
        """A phone of the small world."""
        return Phone(REQUEST, design)

    def review(self, order: Order, design: str, should_stop: ShouldStop) -> Review:
        """The ten cases of the small world."""
        return review(design)

    def theory(self, order: Order, keep: str, vary: Varied) -> dict[str, TheoryLimit]:
        """What theory says of the shipped scenario."""
        return theory(keep, vary)

    def agents(self, order: Order, keep: str) -> dict[str, TheoryAgents | None]:
        """Two half hours of the portal; of no other design."""
        conditions((keep,))
        return {
            **dict.fromkeys(theory(KEEP, Varied(VARY))),
            "portal": TheoryAgents(("09:00", "09:30"), (3, 4), (5.0, 5.0), 0.08, 0.1),
        }

    def limits(self, order: Order, keep: str, vary: Varied, told: Told, should_stop: ShouldStop) -> Limits:
        """The limit of a tiny campaign."""
        return limits()

    def staff(self, order: Order, keep: str, design: str, told: Told, should_stop: ShouldStop) -> StaffFound:
        """The agents of a tiny campaign."""
        return staffed()

    def pitfalls(self, order: Order, on_progress: OnProgress, should_stop: ShouldStop) -> Pitfalls:
        """Sixteen variants are more than a test waits for: it fails the first time, and has figures after that."""
        self.switched += 1
        if self.switched == 1:
            raise RuleBroken("cases do not add up")
        return ranking()

    def live(
        self, order: Order, control: LiveControl, on_moment: object, should_stop: ShouldStop
    ) -> LiveMoment:
        """Three quarters of an hour, at the watcher's pace."""
        for mark in range(3):
            on_moment(moment(mark))
            control.wait(should_stop)
        if should_stop():
            raise Cancelled("stopped on request")
        return moment(2)

    def control(self) -> LiveControl:
        """A control that does not wait by itself."""
        return LiveControl(paused=self.starts_paused, pause_s=0.0)

    def check(self, scenario: str) -> CheckReport:
        """The first is sound, the second is not."""
        if scenario == "canned-quiet":
            return CheckReport(False, ["canned-quiet.yaml: line 3: unknown key"])
        return CheckReport(
            True, [], {"assumption": 2}, {"campaign.messages": 200_000, "designs.portal.login.next": "end"}
        )

    def written(self, order: Order, comparison: Comparison) -> str:
        """The real JSON, and a word for the report."""
        return comparison_json(comparison) if order.as_json else "the report\n"

    def saved_runs(self) -> list[SavedRun]:
        """Two comparisons and a limit, newest first."""
        return [saved(3, "sandbox limit canned-bank"), saved(2, "sandbox compare canned-bank --seed 43"),
                saved(1, "sandbox compare canned-bank")]  # fmt: skip

    def reopened(self, number: int) -> ReadBack:
        """What each gave."""
        run = next(run for run in self.saved_runs() if run.id == number)
        if number == 3:
            return ReadBack(replace(run, text="HOW FAR\n  it went"), None, None)
        seed = 41 + number
        return ReadBack(run, Order("compare", "canned-bank", seed=seed), comparison(seed=seed))

    def save(self, source: str, target: str, settings: tuple[str, ...]) -> None:
        """Remember what was to be written."""
        self.saved.append((source, target, settings))
