"""The ramp of a pilot as text: the interference between its arms, and what each step must show before the next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tui.cli.numbers import NONE, figure, fixed, signed
from tui.cli.tables import aligned, wrapped

if TYPE_CHECKING:
    from sandbox.experiment.intervals import Estimate
    from scenarios.pilot_plan import PilotPlan
    from scenarios.pilot_ramp import StepWorld

_NOTICEABLE = 0.005
"""Abandonment that changes by less than half a point leaves the arms of a pilot all but apart."""

_GLYPHS = {"pass": "✔", "fail": "✘", "unsure": "?"}


def percent(share: float) -> str:
    """Write a share in as few digits as it has: "10 %", "2.5 %"."""
    return f"{round(share * 100, 1):g} %"


def points(value: float | None) -> str:
    """Write a difference of rates in points."""
    return NONE if value is None else f"{signed(value * 100, 1)} pp"


def apart_words(apart: Estimate) -> str:
    """Write a difference of rates in points with its margin; ≈ where its interval holds nought."""
    if apart.value is None:
        return NONE
    if apart.half_width is None:
        return signed(apart.value * 100, 1)
    mark = "≈" if abs(apart.value) <= apart.half_width else ""
    return f"{mark}{signed(apart.value * 100, 1)} ±{fixed(apart.half_width * 100, 1)}"


def title_of(metric: str) -> str:
    """Return a metric's title for tables."""
    from scenarios.library import metrics_document

    return metrics_document().metrics[metric].title


def interference_lines(plan: PilotPlan, width: int) -> Iterable[str]:
    """Return what a part of the customers does to the shared lines, and to what the pilot shows."""
    name = title_of(plan.metrics[0].metric)
    yield f"INTERFERENCE   everybody calls the same lines; {name.lower()} of each arm"
    if plan.not_mixed:
        yield from wrapped(
            f"not simulated: {plan.aim.design} and {plan.against} cannot stand in one world "
            f"({'; '.join(plan.not_mixed)}). The figures above are of the two designs apart.",
            width,
        )
    rows = [["share", "abandoned", "wait", "calls/day", plan.aim.design, plan.against, "apart, pp"]]
    rows += [_step_row(step) for step in plan.steps]
    yield from aligned(rows, ">>>>>>>")
    by_share = {step.share: step for step in plan.steps}
    nobody, everybody = by_share[0.0], by_share[1.0]
    pilot = by_share.get(plan.aim.share)
    if pilot is not None:
        yield from wrapped(_lines_warning(plan, nobody, pilot, everybody), width)
        yield from wrapped(_effect_warning(plan), width)
    last = next((step for step in reversed(plan.steps) if 0.5 < step.share < 1.0), None)
    if last is not None and last.difference is not None and _differs(last, plan.metrics[0].total.value):
        yield from wrapped(
            f"A holdout of {percent(1 - last.share)} beside everybody else sees {points(last.difference.value)}: its "
            "customers call lines that the others have left. It watches for drift; it does not measure what the move "
            "was worth.",
            width,
        )


def _differs(step: StepWorld, whole: float | None) -> bool:
    """Whether a holdout's difference is far from what moving everybody changes."""
    apart = step.difference.value if step.difference is not None else None
    return apart is not None and whole is not None and abs(apart - whole) > 0.25 * abs(whole)


def _lines_warning(plan: PilotPlan, nobody: StepWorld, pilot: StepWorld, everybody: StepWorld) -> str:
    values = [step.queue["call_abandonment_rate"].value or 0.0 for step in (nobody, pilot, everybody)]
    share = percent(plan.aim.share)
    whole = values[2] - values[0]
    if abs(whole) < _NOTICEABLE:
        return (
            f"The lines hardly notice this design: {figure(values[0], 'rate')} of the calls are abandoned before and "
            f"{figure(values[2], 'rate')} when all have moved."
        )
    part = f", {percent((values[1] - values[0]) / whole)} of the way"
    return (
        f"WARNING: a {share} pilot does not load the lines as a rollout does. Calls abandoned: "
        f"{figure(values[0], 'rate')} before, {figure(values[1], 'rate')} in the pilot{part}, "
        f"{figure(values[2], 'rate')} when all have moved."
    )


def _effect_warning(plan: PilotPlan) -> str:
    first = plan.metrics[0]
    inside, whole = first.difference.value, first.total.value
    if inside is None or whole is None:
        return "The difference when all move does not apply."
    told = (
        f"Inside the pilot {title_of(first.metric).lower()} differs by {points(inside)}; moving everybody changes it "
        f"by {points(whole)}."
    )
    if abs(inside - whole) < 0.1 * abs(whole):
        return told
    words = "less than" if abs(inside) < abs(whole) else "more than"
    return f"{told} The pilot shows {words} the move does, because both arms wait in the same lines."


def _step_row(step: StepWorld) -> list[str]:
    lost, wait = step.queue["call_abandonment_rate"], step.queue["call_wait_busy_s"]
    glyph = _GLYPHS.get(lost.verdict or "", "")
    apart = step.difference
    return [
        percent(step.share),
        f"{figure(lost.value, 'rate')} {glyph}",
        figure(wait.value, "s"),
        fixed(step.calls_per_day, 0),
        NONE if step.pilot is None else figure(step.pilot.value, "rate"),
        NONE if step.control is None else figure(step.control.value, "rate"),
        NONE if apart is None else apart_words(apart),
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
    from scenarios.library import metrics_document

    better = metrics_document().metrics[plan.metrics[0].metric].better
    if step.difference is not None:
        expected = step.difference.value or 0.0
        side = "below" if better == "down" else "above"
        wrong = expected < 0.0 if better != "down" else expected > 0.0
        name = title_of(plan.metrics[0].metric).lower()
        if wrong:
            yield f"{name} as predicted ({points(expected)} to the other arm)"
        else:
            yield f"{name} {side} the other arm's, interval clear of nought (simulated {points(expected)})"
    elif step.pilot is not None:
        name = title_of(plan.metrics[0].metric).lower()
        yield f"{name} as predicted ({figure(step.pilot.value, step.pilot.unit)})"
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
