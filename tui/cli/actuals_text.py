"""What a pilot reported beside what was predicted, as text: the verdict, the gaps, and which assumption broke."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tui.cli.numbers import NONE, difference, difference_unit_words, figure, fixed, scale_of, signed
from tui.cli.orders import Order
from tui.cli.pilot_ramp_text import percent
from tui.cli.remarks import remarks, too_narrow
from tui.cli.tables import aligned, wrapped

if TYPE_CHECKING:
    from scenarios.pilot.actuals import Report
    from scenarios.pilot.actuals_held import Held
    from scenarios.pilot.actuals_levers import Advice

_DIRTY_SHOWN = 5


def report_text(report: Report, order: Order, replay: str, width: int) -> str:
    """Return predicted beside actual, what explains the gap, the setting to change, and the next command."""
    who = "everybody" if report.share == 1.0 else f"{percent(report.share)} of the customers"
    days = "" if report.days is None else f", {report.days} days in the file"
    lines = [
        f"Predicted against actual: {report.design}, {who}",
        *wrapped(
            f"{report.scenario}, seed {report.seed}, {report.replications} replications, "
            f"{order.settings_words()}{days}",
            width,
        ),
        "",
        f"PREDICTION   {_verdict(report)}",
        *_joint(report, width),
        *too_narrow(report.notes, width),
        *_table(report),
        *wrapped(
            "Intervals are of prediction: the simulation's error, how days differ, and sampling at the reported "
            f"base. Each is at {fixed(report.level * 100, 1)} %, so that all hold together with "
            f"{percent(report.together)} if the scenario is right.",
            width,
        ),
        "",
        "GAP   actual less predicted; ≈ where it may be none",
        *_differences(report, width),
    ]
    if report.dirty:
        lines += ["", f"ROWS LEFT OUT   {len(report.dirty)} of {report.rows}", *_dirty(report, width)]
    if report.not_held:
        words = (line for text in report.not_held for line in wrapped(text, width, hanging="  "))
        lines += ["", "STAGES NOT HELD   whose losses stand in the next stage's rate", *words]
    if report.gap is not None:
        lines += ["", f"WHAT EXPLAINS THE GAP   {report.gap_of}", *_gap(report, width)]
        if not report.ranking:
            lines += wrapped(_untold(report), width)
    if report.ranking:
        lines += ["", "WHICH ASSUMPTION BROKE", *_broken(report, width)]
    if report.notes:
        lines += ["", *remarks(report.notes, width)]
    return "\n".join([*lines, "", f"replay: {replay}", f"next:   {_next(report, order)}"]) + "\n"


def _verdict(report: Report) -> str:
    count, of = len(report.ranking), len(report.held)
    told = (
        f"✘ {count} of {of} outside what was predicted" if count else f"✔ all {of} inside what was predicted"
    )
    if report.whole is None:
        return told
    if report.whole.inside is False:
        return f"{told}; the whole funnel {'too' if count else '✘ is not'}"
    return f"{told}; the whole funnel {'is inside' if count else 'too'}"


def _joint(report: Report, width: int) -> list[str]:
    """What is said of all figures at once; one figure has nothing to be joined with."""
    figures = [one for one in report.figures if one.p_joint is not None]
    if report.joint_p is None or len(figures) < 2:
        return []
    wrongly = 1.0 - report.together
    return wrapped(
        f"joint p {report.joint_p:.2g}: were the scenario right, the chance that any of the {len(figures)} figures "
        f"would lie as far out as the furthest, at most (Bonferroni). Below {wrongly:.2g} something broke; that is "
        f"wrongly said of at most {percent(wrongly)} of pilots.",
        width,
    )


def _untold(report: Report) -> str:
    """What is said of a gap whose stages all hold."""
    if report.broken:
        return (
            "The whole lies outside its prediction and no stage alone does: several lose a little. Where most of it "
            "went the shares say, and the counts of one stage cannot prove."
        )
    return "No stage lies outside its prediction: which of them is behind the gap these counts cannot tell."


def _table(report: Report) -> list[str]:
    rows = [["", "actual", "base", "predicted", "between", ""]]
    for one in report.figures:
        mark = {True: "✔ inside", False: "✘ outside", None: "· not judged"}[one.inside]
        base = NONE if not one.n else f"{one.n:,}" if one.n_given else f"~{one.n:,}"
        rows.append(
            [
                one.title,
                figure(one.actual, one.unit),
                base,
                figure(one.prediction.value, one.unit),
                _ends(one),
                mark,
            ]
        )
    lines = aligned(rows, "<>>>><")
    if any(one.n and not one.n_given for one in report.held):
        lines.append("  ~: base not in the file, taken from the simulation")
    return lines


def _differences(report: Report, width: int) -> Iterable[str]:
    rows = [["", "", "", "p", "joint p"]]
    for one in report.figures:
        gap = one.difference
        apart = NONE if gap.value is None else difference(gap.value, gap.low, gap.high, one.unit)
        rows.append([one.title, difference_unit_words(one.unit), apart, _chance(one.p), _chance(one.p_joint)])
    yield from aligned(rows, "<<<>>")
    yield from wrapped(
        f"Intervals at {fixed(report.level * 100, 1)} % each: by what the prediction can move for the actual figure "
        "to lie inside. p: chance of a figure as far out; joint p: of any of them.",
        width,
    )


def _chance(p: float | None) -> str:
    return NONE if p is None else f"{p:.2g}"


def _ends(one: Held) -> str:
    low, high = one.prediction.low, one.prediction.high
    if low is None or high is None:
        return NONE
    scale = scale_of(one.unit, one.prediction.value)
    ends = [max(low, 0.0), min(high, 1.0) if one.unit == "rate" else high]
    return "-".join(fixed(end * scale.factor, scale.decimals) for end in ends)


def _dirty(report: Report, width: int) -> Iterable[str]:
    for text in report.dirty[:_DIRTY_SHOWN]:
        yield from wrapped(text, width, hanging="  ")
    if len(report.dirty) > _DIRTY_SHOWN:
        yield f"  and {len(report.dirty) - _DIRTY_SHOWN} more: --json names all"


def _gap(report: Report, width: int) -> Iterable[str]:
    gap = report.gap
    if gap is None:
        return
    end = report.end.difference
    yield from wrapped(
        f"predicted {figure(gap.predicted, 'rate')}, actual {figure(gap.actual, 'rate')}: "
        f"{difference(gap.gap, end.low, end.high, 'rate')} pp",
        width,
    )
    order = sorted(report.held, key=lambda one: -abs(one.share or 0.0))
    rows = [["", "share, pp", "alone, pp", "stands behind it"]]
    rows += [
        [one.title, _pp(one.share), _pp(one.alone), ", ".join(one.levers[:1]) or "no single setting"]
        for one in order
    ]
    rows.append(["sum", _pp(gap.gap), _pp(gap.gap - gap.remainder), ""])
    yield from aligned(rows, "<>><")
    yield from wrapped(
        f"share: Shapley's, sums to the gap. alone: the prediction with that stage's actual rate and all others as "
        f"predicted; stages multiply, so {_pp(gap.remainder)} pp remain.",
        width,
    )


def _pp(value: float | None) -> str:
    return NONE if value is None else signed(value * 100, 2)


def _broken(report: Report, width: int) -> Iterable[str]:
    by_name = {one.name: one for one in report.held}
    for place, name in enumerate(report.ranking, 1):
        one = by_name[name]
        behind = ", ".join(one.levers) or "no single setting: compare the design's steps by `sandbox map`"
        seen = f"{figure(one.actual, one.unit)} instead of {figure(one.prediction.value, one.unit)}"
        yield from wrapped(f"{place}. {one.title}: {seen}. Behind it: {behind}", width, hanging="   ")
    if report.advice is not None:
        yield from wrapped(_advice_words(report.advice, by_name[report.advice.of]), width)


def _advice_words(advice: Advice, one: Held) -> str:
    gives, primary = advice.gives, advice.primary
    told = figure(gives.value, one.unit, gives.low, gives.high)
    words = f"--set {advice.setting} (was {advice.old:g}) gives {told} there"
    if primary.value is not None:
        words += f" and a completion of {figure(primary.value, 'rate', primary.low, primary.high)}"
    if gives.low is not None:
        words += " (one run, 95 % intervals over its days)"
    words += "." if advice.met else "; as near as this setting comes."
    if advice.in_range is False:
        words += " It lies outside the range the scenario states: look for another cause too."
    return f"{words} A candidate that fits, not a measurement: several settings could."


def _next(report: Report, order: Order) -> str:
    if not report.broken:
        return order.follow("pilot-plan", [("--design", report.design)])
    return order.follow("compare", [("--set", report.advice.setting)] if report.advice is not None else [])
