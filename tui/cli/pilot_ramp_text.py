"""The ramp of a pilot as text: the interference between its arms, and what each step must show before the next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from scenarios.result import Metric
from tui.cli.numbers import NONE, difference, estimate, figure, fixed, signed
from tui.cli.tables import aligned, fits, wrapped

if TYPE_CHECKING:
    from sandbox.experiment.intervals import Estimate
    from scenarios.pilot.plan import PilotPlan
    from scenarios.pilot.ramp import StepWorld

_NOTICEABLE = 0.005
"""Abandonment that changes by less than half a point leaves the arms of a pilot all but apart."""

_LINES = ("abandoned, %", "wait, s", "calls/day")

_GLYPHS = {"pass": "✔", "fail": "✘", "unsure": "?"}


def percent(share: float) -> str:
    """Write a share in as few digits as it has: "10 %", "2.5 %"."""
    return f"{round(share * 100, 1):g} %"


def points(value: float | None) -> str:
    """Write a difference of rates in points."""
    return NONE if value is None else f"{signed(value * 100, 1)} pp"


def apart_words(apart: Estimate) -> str:
    """Write a difference of rates in points with its margin; ≈ where its interval holds nought.

    One that ends at the most two rates can differ by has no margin on that side: its interval stands there.
    """
    if apart.value is None:
        return NONE
    if apart.half_width is None or apart.low is None or apart.high is None:
        return signed(apart.value * 100, 1)
    if apart.low == -1.0 or apart.high == 1.0:
        return difference(apart.value, apart.low, apart.high, "rate")
    mark = "" if is_clear(apart) else "≈"
    return f"{mark}{signed(apart.value * 100, 1)} ±{fixed(apart.half_width * 100, 1)}"


def apart_interval(apart: Estimate) -> str:
    """Write a difference of rates in points with its interval; ≈ where that holds nought."""
    return NONE if apart.value is None else f"{difference(apart.value, apart.low, apart.high, 'rate')} pp"


def is_clear(apart: Estimate | None) -> bool:
    """Say whether an interval leaves nought out; a value without one may be anything."""
    if apart is None or apart.low is None or apart.high is None:
        return False
    return apart.low > 0.0 or apart.high < 0.0


def lines_change(plan: PilotPlan) -> Literal["yes", "hardly", "unsure"]:
    """Say whether moving everybody changes the abandonment of the shared lines, as far as the runs can tell.

    Yes: by half a point or more, nought outside the interval. Hardly: by less, and not more within the interval.
    """
    shift = next(step.lines for step in plan.steps if step.share == 1.0)
    if shift.value is None or shift.low is None or shift.high is None:
        return "unsure"
    if is_clear(shift) and abs(shift.value) >= _NOTICEABLE:
        return "yes"
    return "hardly" if max(-shift.low, shift.high) < _NOTICEABLE else "unsure"


def title_of(metric: str) -> str:
    """Return a metric's title for tables."""
    from scenarios.world.library import metrics_document

    return metrics_document().metrics[metric].title


def interference_lines(plan: PilotPlan, width: int) -> Iterable[str]:
    """Return what a part of the customers does to the shared lines, and to what the pilot shows."""
    name = title_of(plan.metrics[0].metric)
    head = f"INTERFERENCE   everybody calls the same lines; {name.lower()} of each arm"
    yield from [head] if fits([head], width) else [head.partition(";")[0], f"  {name.lower()} of each arm"]
    if plan.not_mixed:
        yield from wrapped(
            f"not simulated: {plan.aim.design} and {plan.against} cannot stand in one world "
            f"({'; '.join(plan.not_mixed)}). The figures above are of the two designs apart.",
            width,
        )
    yield from _ramp_table(plan, width)
    yield from wrapped(
        f"Wait: of all callers in busy hours. ± and [ ]: 95 % intervals over the days of {plan.replications} "
        "replications.",
        width,
    )
    by_share = {step.share: step for step in plan.steps}
    pilot = by_share.get(plan.aim.share)
    if pilot is not None:
        yield from wrapped(_lines_warning(plan, by_share[0.0], pilot, by_share[1.0]), width)
        yield from wrapped(_effect_warning(plan, pilot), width)
    last = next((step for step in reversed(plan.steps) if 0.5 < step.share < 1.0), None)
    if last is not None and last.difference is not None and _differs(plan, last):
        yield from wrapped(
            f"A holdout of {percent(1 - last.share)} beside everybody else sees {apart_interval(last.difference)}: "
            "its customers call lines that the others have left. It watches for drift; it does not measure what the "
            "move was worth.",
            width,
        )


def _differs(plan: PilotPlan, last: StepWorld) -> bool:
    """Whether a holdout's difference is far from what moving everybody changes, and the lines can be why."""
    whole, beyond = plan.metrics[0].total.value, last.beyond
    if whole is None or beyond is None or beyond.value is None:
        return False
    return lines_change(plan) == "yes" and is_clear(beyond) and abs(beyond.value) > 0.25 * abs(whole)


def _lines_warning(plan: PilotPlan, nobody: StepWorld, pilot: StepWorld, everybody: StepWorld) -> str:
    before, during, after = (
        figure(step.queue["call_abandonment_rate"].value, "rate") for step in (nobody, pilot, everybody)
    )
    change = lines_change(plan)
    if change == "hardly":
        return (
            f"The lines hardly notice this design: {before} of the calls are abandoned before and {after} when all "
            "have moved."
        )
    if change == "unsure":
        return (
            f"Whether the lines notice this design these runs cannot tell: {before} of the calls are abandoned "
            f"before and {after} when all have moved, apart by {apart_interval(everybody.lines)}."
        )
    part = ""
    if is_clear(pilot.lines) and pilot.lines.value is not None and everybody.lines.value:
        part = f", {percent(pilot.lines.value / everybody.lines.value)} of the way"
    return (
        f"WARNING: a {percent(plan.aim.share)} pilot does not load the lines as a rollout does. Calls abandoned: "
        f"{before} before, {during} in the pilot{part}, {after} when all have moved."
    )


def _effect_warning(plan: PilotPlan, pilot: StepWorld) -> str:
    """What the pilot shows beside what the move does: more or less only where runs and lines say so."""
    first, beyond = plan.metrics[0], pilot.beyond
    inside, whole = first.difference.value, first.total.value
    if inside is None or whole is None or beyond is None:
        return "The difference when all move does not apply."
    told = (
        f"Inside the pilot {title_of(first.metric).lower()} differs by {apart_interval(first.difference)}; moving "
        f"everybody changes it by {apart_interval(first.total)}."
    )
    if not is_clear(beyond):
        return (
            f"{told} Whether the pilot shows more or less than the move these runs cannot tell: the two are apart by "
            f"{apart_interval(beyond)}."
        )
    if lines_change(plan) != "yes":
        return (
            f"{told} The two are apart by {apart_interval(beyond)}, but the runs do not show that the lines change: "
            "whether the pilot shows more or less than the move they cannot tell; one such interval in twenty misses."
        )
    words = "less than" if abs(inside) < abs(whole) else "more than"
    return (
        f"{told} The pilot shows {words} the move does, by {apart_interval(beyond)}, because both arms wait in the "
        "same lines."
    )


def _ramp_table(plan: PilotPlan, width: int) -> list[str]:
    """Lines and arms of every step in one table, or below each other where that is too wide."""
    shares = [percent(step.share) for step in plan.steps]
    lines = [[*_LINES], *(_of_the_lines(step) for step in plan.steps)]
    arms = [
        [f"{plan.aim.design}, %", f"{plan.against}, %", "apart, pp"],
        *(_of_the_arms(step) for step in plan.steps),
    ]

    def table(*parts: list[list[str]]) -> list[str]:
        cells = [[cell for row in rows for cell in row] for rows in zip(*parts, strict=True)]
        return aligned(
            [[head, *row] for head, row in zip(["share", *shares], cells, strict=True)],
            ">" * (1 + len(cells[0])),
        )

    whole = table(lines, arms)
    return whole if fits(whole, width) else [*table(lines), *table(arms)]


def _of_the_lines(step: StepWorld) -> list[str]:
    lost, calls = step.queue["call_abandonment_rate"], step.calls
    offered = Metric(step.calls_per_day, "calls", calls.n_units, calls.low, calls.high, "a day")
    return [
        f"{estimate(lost)} {_GLYPHS.get(lost.verdict or '', '')}".rstrip(),
        estimate(step.queue["call_wait_busy_s"]),
        estimate(offered),
    ]


def _of_the_arms(step: StepWorld) -> list[str]:
    return [
        NONE if step.pilot is None else estimate(step.pilot),
        NONE if step.control is None else estimate(step.control),
        NONE if step.difference is None else apart_words(step.difference),
    ]


def ramp_lines(plan: PilotPlan, width: int) -> Iterable[str]:
    """Return the steps of the ramp with what each must show before the next is taken."""
    yield "RAMP   a step lasts at least a week; go on only when it shows all of this"
    steps = [step for step in plan.steps if step.share > 0.0]
    for place, step in enumerate(steps):
        following = steps[place + 1] if place + 1 < len(steps) else None
        yield from wrapped(
            f"{percent(step.share)}: {'; '.join(_must_show(plan, step, following))}.", width, "     "
        )
    yield from wrapped(
        "hold: one of these is unsure, stay another week. stop: a stop rule is crossed, go back to the step before. "
        "Outside what is predicted: the simulation is wrong somewhere; `sandbox actuals` says where.",
        width,
    )


def _must_show(plan: PilotPlan, step: StepWorld, following: StepWorld | None) -> Iterable[str]:
    from scenarios.world.library import metrics_document

    better = metrics_document().metrics[plan.metrics[0].metric].better
    name = title_of(plan.metrics[0].metric).lower()
    if step.difference is not None:
        expected = step.difference.value or 0.0
        side = "below" if better == "down" else "above"
        wrong = expected < 0.0 if better != "down" else expected > 0.0
        if not is_clear(step.difference):
            yield f"{name} as predicted ({apart_interval(step.difference)} to the other arm, which may be none)"
        elif wrong:
            yield f"{name} as predicted ({apart_interval(step.difference)} to the other arm)"
        else:
            yield f"{name} {side} the other arm's, interval clear of nought (simulated {points(expected)})"
    elif step.pilot is not None:
        predicted = figure(step.pilot.value, step.pilot.unit, step.pilot.low, step.pilot.high)
        yield f"{name} as predicted ({predicted})"
    yield "no stop rule crossed"
    low, high = step.abandonment.low, step.abandonment.high
    if low is not None and high is not None:
        ends = f"{fixed(max(low, 0.0) * 100, 1)} to {fixed(min(high, 1.0) * 100, 1)} %"
        yield f"a week's calls abandoned within {ends}, as predicted"
    if following is not None:
        lost = following.queue["call_abandonment_rate"]
        if lost.verdict == "fail" and (step.queue["call_abandonment_rate"].verdict == "pass"):
            share = percent(following.share)
            yield f"and more agents first: {share} is simulated at {figure(lost.value, 'rate')} abandoned"
