"""A pilot's plan as text, at most 80 columns where the names allow it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from tui.cli.numbers import NONE, estimate, figure, fixed, rule_words, scale_of
from tui.cli.orders import Order
from tui.cli.pilot_ramp_text import (
    apart_words,
    interference_lines,
    is_clear,
    lines_change,
    percent,
    points,
    ramp_lines,
    title_of,
)
from tui.cli.remarks import remarks, too_narrow, warning
from tui.cli.tables import aligned, fits, in_blocks, laid, wrapped

if TYPE_CHECKING:
    from scenarios.pilot.guardrails import Guardrail
    from scenarios.pilot.plan import MetricPlan, PilotPlan
    from scenarios.pilot.sights import Sight
    from scenarios.result import Metric

_DAYS_SHOWN_MAX = 999


def plan_text(plan: PilotPlan, order: Order, replay: str, width: int) -> str:
    """Return the plan: the answer first, then what it rests on, the stop rules, the ramp.

    Args:
        plan: what was found.
        order: the command as it was given.
        replay: the command line that gives the same again.
        width: columns.
    """
    lines = [
        f"A pilot of {plan.aim.design} against {plan.against}",
        *wrapped(
            f"{plan.scenario}, seed {plan.seed}, {plan.replications} replications of every step, "
            f"{order.settings_words()}",
            width,
        ),
        *warning(plan.notes),
        "",
        "PLAN",
        *_answer(plan, width),
        "",
        f"SAMPLE SIZE   power {percent(plan.aim.power)}, two-sided alpha {percent(plan.aim.alpha)}, one look",
        *too_narrow(plan.notes, width),
        *_sizes(plan, width),
        "",
        f"DAYS OF ENROLMENT by effect and share ({title_of(plan.metrics[0].metric)})",
        *_grid(plan, plan.days_for, _days_words),
        "",
        f"POWER after {plan.days or 5} days of enrolment",
        *_grid(plan, plan.power, lambda chance: f"{chance * 100:.0f} %"),
        "",
        *_looks(plan, width),
        "",
        *_guardrails(plan, width),
        "",
        *interference_lines(plan, width),
        "",
        *_sights(plan, width),
        "",
        *ramp_lines(plan, width),
        "",
        *([*remarks(plan.notes, width), ""] if plan.notes else []),
        f"replay: {replay}",
        f"next:   {_next(plan, order)}   (its cases rehearsed before anybody is enrolled)",
    ]
    return "\n".join(lines) + "\n"


def _answer(plan: PilotPlan, width: int) -> Iterable[str]:
    first = plan.metrics[0]
    name = title_of(first.metric)
    for one in plan.metrics:
        if one.worse:
            yield from wrapped(
                f"WARNING: by the simulation the pilot is worse in {title_of(one.metric)}: "
                f"{apart_words(one.difference)} pp beside {plan.against}. What is planned shows a loss; first mend "
                "the design.",
                width,
            )
    asked = "asked for" if plan.aim.effect is not None else "simulated"
    if first.effect is None or plan.days is None:
        yield from wrapped(
            f"No pilot of this share can be told to see it: {name} differs by "
            f"{points(first.difference.value)} in the simulation. Name the smallest difference worth seeing with "
            "--effect, or enlarge --share.",
            width,
        )
        return
    pilot, control = (
        plan.days * per_day for per_day in (first.arms.pilot_per_day, first.arms.control_per_day)
    )
    months = plan.days / plan.campaign_days
    yield from wrapped(
        f"{percent(plan.aim.share)} of the customers for {plan.days} working days of enrolment "
        f"({fixed(plan.days_needed or 0.0, 1)} are enough with the looks below; whole weeks, so that every "
        f"weekday counts), then "
        f"{plan.wait_days if plan.wait_days is not None else NONE} calendar days until 95 % of the records that ever "
        "come are in.",
        width,
    )
    yield from wrapped(
        f"Effect planned for: {points(first.effect)} of {name} ({asked}). By then {pilot:,.0f} in the pilot and "
        f"{control:,.0f} beside it ({first.pilot.base}).",
        width,
    )
    yield from wrapped(
        f"{plan.cases_per_day:,.0f} cases enter on each of the {plan.campaign_days} days of a campaign with first "
        f"messages ({plan.sends_per_day:,.0f} messages a day over the month): {fixed(months, 1)} campaigns.",
        width,
    )
    if plan.holdout is not None:
        yield from wrapped(
            f"Holdout at full rollout: {percent(plan.holdout)} of the customers in {plan.against} are enough for an "
            "effect of that size within one campaign; what they will show stands under INTERFERENCE.",
            width,
        )
    low, high = first.difference.low, first.difference.high
    if plan.aim.effect is None and low is not None and high is not None and low <= 0.0 <= high:
        yield from wrapped(
            "The simulated difference may be nought (its interval holds it): a plan for it is a plan for noise. Name "
            "the smallest difference worth seeing with --effect.",
            width,
        )


_SIZES = ("apart, pp", "deff", "days", "cases in each")


def _sizes(plan: PilotPlan, width: int) -> list[str]:
    heads = [plan.against, plan.aim.design, *_SIZES]
    cells = {title_of(one.metric): _size(one) for one in plan.metrics}
    lines = aligned([["", *heads], *([title, *row] for title, row in cells.items())], "<>>>>>>")
    if not fits(lines, width):  # the same, a column a metric
        lines = in_blocks(list(cells), width, lambda titles: _upright(heads, cells, titles))
    return [*lines, *_size_notes(plan, width)]


def _size(one: MetricPlan) -> list[str]:
    return [
        _short(one.control),
        _short(one.pilot),
        apart_words(one.difference),
        fixed(one.design_effect, 2),
        NONE if one.days is None else _days_words(one.days),
        NONE if one.pilot_cases is None else f"{one.control_cases:,} + {one.pilot_cases:,}",
    ]


def _upright(heads: Sequence[str], cells: Mapping[str, list[str]], titles: Sequence[str]) -> list[str]:
    rows = [[head, *(cells[title][place] for title in titles)] for place, head in enumerate(heads)]
    return aligned([["", *titles], *rows], "<" + ">" * len(titles))


def _size_notes(plan: PilotPlan, width: int) -> Iterable[str]:
    first = plan.metrics[0]
    yield from wrapped(
        f"Rates in a pilot of {percent(plan.aim.share)}, on the same lines as everybody. Customers are randomised "
        "within each day, so a day's luck cancels; deff (design effect) is what days that change the difference "
        f"itself cost. Smallest {'rise' if first.visible > 0.0 else 'fall'} that {plan.days or 5} days can see: "
        f"{points(first.visible)}.",
        width,
    )
    yield from wrapped(
        "Comparing with another month instead would add its days' luck: the baseline's daily rate alone varies with "
        f"a standard deviation of {fixed(first.day_sd * 100, 2)} pp beyond sampling; and whatever else changed.",
        width,
    )


def _grid(plan: PilotPlan, cells: dict[float, dict[float, float]], words: object) -> list[str]:
    rows = [["effect", *(percent(share) for share in plan.shares)]]
    for effect in plan.effects:
        planned = plan.metrics[0].effect is not None and abs(plan.metrics[0].effect) == effect
        mark = " (planned)" if planned else ""
        rows.append([f"{fixed(effect * 100, 1)} pp{mark}", *(words(cells[effect][s]) for s in plan.shares)])  # type: ignore[operator]
    return aligned(rows, "<" + ">" * len(plan.shares))


def _days_words(days: float) -> str:
    if days > _DAYS_SHOWN_MAX:
        return f"over {_DAYS_SHOWN_MAX}"
    return "<0.1" if days < 0.1 else fixed(days, 1)


def _looks(plan: PilotPlan, width: int) -> Iterable[str]:
    yield "LOOKS   stop early for the effect only where a look crosses its line"
    yield from too_narrow(plan.notes, width)
    if not plan.looks:
        yield from wrapped("none: there is no effect to plan looks for", width)
        return
    rows = [["after day", "information", "alpha spent", "|z|", "p below", "difference"]]
    rows += [
        [
            str(one.day),
            percent(one.look.fraction),
            f"{one.look.spent:.4f}",
            f"{one.look.z:.2f}",
            f"{one.look.nominal_p:.2g}",
            f"±{fixed(one.difference * 100, 1)} pp",
        ]
        for one in plan.looks
    ]
    yield from aligned(rows, ">>>>>>")
    yield from wrapped(
        f"Lan and DeMets (Biometrika 70, 1983), spending like O'Brien and Fleming; the whole test keeps "
        f"{percent(plan.aim.alpha)}. A look reads customers whose wait is over. No line for futility: giving up "
        "early spends no alpha.",
        width,
    )


def _guardrails(plan: PilotPlan, width: int) -> Iterable[str]:
    from scenarios.pilot.guardrails import SOURCE

    yield "STOP RULES   in the pilot's arm, as customers enrolled by that day mature"
    shown = [one for one in plan.guardrails if one.looks or one.first]
    yield from _fitting(shown, width)
    yield from wrapped(
        "A cell reads: crossed at this many bad outcomes (or more) of so many cases; look when that many have "
        f"matured. All looks are in --json. Method: {SOURCE}; together they cross with at most "
        f"{percent(plan.aim.alpha)} when every true rate stands on its line.",
        width,
    )
    for one in plan.guardrails:
        if one.false_alarm is not None and one.false_alarm > plan.aim.alpha:
            yield from wrapped(
                f"{one.title} ({rule_words(one.rule, 'rate')}): the simulation itself crosses with "
                f"{percent(one.false_alarm)}; mend the design before the pilot.",
                width,
            )


def _fitting(shown: list[Guardrail], width: int) -> list[str]:
    """The table with as many looks as the width has room for, the first and the last always."""
    days = [look.day for look in next((one.looks for one in shown if one.looks), ())]
    order = [*days[-1:], *days[:1], *days[1:-1]]
    for count in range(len(order), 0, -1):
        chosen = sorted(set(order[:count]))
        rows = [["", "line", "bad in sim.", *(f"day {day}" for day in chosen)]]
        rows += [_guardrail(one, chosen) for one in shown]
        lines = aligned(rows, "<<>" + ">" * len(chosen))
        if fits(lines, width):
            return lines
    return lines if order else []


def _guardrail(one: Guardrail, days: list[int]) -> list[str]:
    name = f"{one.calls_for}: {one.title}"
    if one.first:
        return [name, "none", fixed(one.expected or 0.0, 0), *(["any"] * len(days))]
    rate = NONE if one.expected is None else figure(one.expected, "rate")
    counts = {
        look.day: NONE if look.limit is None else f"{look.limit:,}/{look.cases:,}" for look in one.looks
    }
    return [name, rule_words(one.rule, "rate"), rate, *(counts.get(day, "") for day in days)]


def _sights(plan: PilotPlan, width: int) -> Iterable[str]:
    share = percent(plan.aim.share)
    yield f"WHAT THIS PILOT CAN SHOW   {plan.days or 5} days, {share}; ± is its own 95 % margin"
    rows = [["", "cases", f"at {share}", "all moved", "shift, pp"]]
    for one in plan.sights:
        half = NONE if one.half_width is None else f"±{fixed(one.half_width * 100, 1)}"
        rows.append(
            [
                title_of(one.metric),
                f"{one.cases:,}",
                f"{_short(one.in_pilot)} {half}",
                _short(one.at_full),
                apart_words(one.shift),
            ]
        )
    lines = aligned(rows, "<>>>>")
    if not fits(lines, width):  # the shift says the same as the rate when all have moved
        lines = aligned([[*row[:3], row[4]] for row in rows], "<>>>")
    yield from lines
    yield from wrapped(
        f"shift: the rate when everybody has moved less the rate in the pilot. {_shift_words(plan)}", width
    )
    yield ""
    yield f"WHAT IT CANNOT   simulated at {share} and when all have moved, 95 % intervals"
    rows = [["", "cases", f"at {share}", "all moved", "why"]]
    for one in plan.blind:
        why = "shared lines" if not _has_arms(one) else "too few" if one.cases else "none"
        rows.append(
            [
                title_of(one.metric),
                f"{one.cases:,}" if one.cases else NONE,
                _whole_words(one.in_pilot),
                _whole_words(one.at_full),
                why,
            ]
        )
    yield from laid(rows, "<>>><", width, [0])


def _has_arms(one: Sight) -> bool:
    from scenarios.world.library import metrics_document

    return metrics_document().metrics[one.metric].family != "call_centre"


def _shift_words(plan: PilotPlan) -> str:
    """What may be read from the shifts: the lines are named as their cause only where they do change."""
    if not any(is_clear(one.shift) for one in plan.sights):
        return "≈: its interval holds nought, so the runs cannot tell whether the pilot's rate carries over."
    told = "≈: its interval holds nought, and the runs cannot tell whether that rate carries over;"
    if lines_change(plan) == "yes":
        return f"{told} what does not carry over shifts because the lines do."
    return (
        f"{told} why the others shift they cannot tell either: they do not show that the lines change, and one such "
        "interval in twenty misses."
    )


def _whole_words(metric: Metric) -> str:
    """A figure with its interval."""
    unit = scale_of(metric.unit, metric.value).unit
    return estimate(metric) if metric.value is None else f"{estimate(metric)} {unit}".rstrip()


def _short(metric: Metric) -> str:
    """A figure without its interval."""
    return figure(metric.value, metric.unit)


def _next(plan: PilotPlan, order: Order) -> str:
    return order.follow("prelaunch", [("--design", plan.aim.design)])
