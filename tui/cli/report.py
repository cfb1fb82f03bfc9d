"""A comparison as plain text: the answer first, then the evidence, then where the numbers come from.

Reads without colour and at 100 to 120 columns. Pure: the same result gives the same text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from scenarios.files.quantities import SET_BY_USER
from scenarios.result import Comparison, ExpectationResult, MeasureCheck, Provenance, Verdict
from tui.cli import breakdown, money, panels
from tui.cli.decision_words import by_metrics, decision_lines
from tui.cli.numbers import figure, plain, unit_by_name
from tui.cli.orders import Order, trace_command
from tui.cli.remarks import remarks, too_narrow, warning
from tui.cli.tables import INDENT, aligned, fits, headed, laid, wrapped
from tui.cli.touches import touches
from tui.library import Words
from tui.readings import leader, metric_label, metrics_of

FITTED_SOURCE = "fitted-to-case"

_SOURCES = (SET_BY_USER, "measured", "published", "analogue", FITTED_SOURCE, "assumption")
_FIRST_CASE = 1
_ITEMS_SHOWN = 4
"""A longer list says more by its length than by its numbers; `sandbox check --settings` has them all."""

REPORT_TITLES = {"asa_s": "Wait of answered callers (ASA)", "aht_s": "Handling time (AHT)"}
"""What a call centre's own report abbreviates, spelt out."""


def render(comparison: Comparison, story: str, words: Words, order: Order, width: int) -> str:
    """Return the whole report, ending with a line break.

    Args:
        comparison: the result.
        story: the scenario's story, or empty.
        words: names and families of metrics.
        order: what was asked for; the next command is built from it, and it says how much is shown.
        width: columns.
    """
    sections = [
        header(comparison, story, order, width),
        expectations(comparison, width),
        decisions(comparison, width),
        panels.scorecard(comparison, words, width, everything=order.everything),
        *breakdown.parts(comparison, order.by, words, width, everything=order.everything),
        panels.calls(comparison, words, width),
        panels.queue(comparison, width),
        panels.funnel(comparison, width),
        panels.buckets(comparison, words, width),
        touches(comparison, width) if order.everything else [],
        money.costs(comparison, width),
        panels.differences(comparison, words, width, everything=order.everything),
        baseline_check(comparison, width),
        provenance(comparison, width),
        remarks(comparison.notes, width),
        footer(comparison, order),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def header(comparison: Comparison, story: str, order: Order, width: int) -> list[str]:
    """Return the title, the story, the designs, and what was run: scenario, seed, replications, changes."""
    lines = [comparison.title, *wrapped(story, width), ""]
    lines += laid(
        [[name, design.title] for name, design in comparison.designs.items()], "<<", width, [1], titled=False
    )
    runs = "replication" if comparison.replications == 1 else "replications"
    run = f"{comparison.scenario}, seed {comparison.seed}, {comparison.replications} {runs}"
    lines += wrapped(f"{run}, {order.settings_words()}", width)
    return [*lines, *warning(comparison.notes)]


def expectations(comparison: Comparison, width: int) -> list[str]:
    """Return the verdict on every `expect:` line, failed ones first.

    Where a row with the settings it belongs to is too wide, those settings stand above their rows, once; on a
    narrower window still, what was found goes below the line it answers.
    """
    items = comparison.expectations
    if not items:
        return []
    ranks: tuple[Verdict, ...] = ("fail", "unsure", "pass", "not judged")
    counts = Counter(item.verdict for item in items)
    tally = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ranks if counts[verdict])
    rows = [
        _expectation_row(comparison, item) for item in sorted(items, key=lambda one: ranks.index(one.verdict))
    ]
    lines = aligned(rows, "<<<<<")
    if not fits(lines, width):
        lines = _under_their_settings(rows, width)
    return [f"EXPECTATIONS   {tally}", *lines]


def _under_their_settings(rows: list[list[str]], width: int) -> list[str]:
    """Rows of (verdict, design, condition, found, when), each under its when, in the order these come up."""
    inner = width - len(INDENT)
    shown = [[line] for line in aligned([row[:4] for row in rows], "<<<<")]
    if not fits([line for (line,) in shown], inner):
        heads = aligned([row[:3] for row in rows], "<<<")
        below = [[f"{INDENT}{line}" for line in wrapped(row[3], inner - len(INDENT))] for row in rows]
        shown = [[head, *more] for head, more in zip(heads, below, strict=True)]
    grouped: dict[str, list[str]] = {}
    for row, lines in zip(rows, shown, strict=True):
        grouped.setdefault(row[4], []).extend(lines)
    return [
        line
        for when, lines in sorted(grouped.items(), key=lambda group: bool(group[0]))
        for line in (wrapped(when, width) + [f"{INDENT}{line}" for line in lines] if when else lines)
    ]


def decisions(comparison: Comparison, width: int) -> list[str]:
    """Return go, hold or stop for each design, as far as its metrics can tell."""
    found = [one for one in map(by_metrics, comparison.designs.values()) if one is not None]
    if not found:
        return []
    lines = ["DECISION   by the rules that metrics answer"]
    if not all(one.final for one in found):
        lines += wrapped("at best: what `sandbox diagnose` asks beside them can only make it worse", width)
    lines += too_narrow(comparison.notes, width)
    return [*lines, *(line for one in found for line in decision_lines(one, width))]


def baseline_check(comparison: Comparison, width: int) -> list[str]:
    """Return the call centre without the campaign beside the report it was inferred from."""
    check = comparison.baseline_check
    if check is None:
        return []
    held = {measure.name: measure for measure in check.measures}
    rows = [["", "report", "simulated", "allowed" if held else "", ""]]
    for name in dict.fromkeys([*check.report, *check.simulated]):
        unit = unit_by_name(name)
        rows.append(
            [
                REPORT_TITLES.get(name) or metric_label(name),
                *(figure(side.get(name), unit) for side in (check.report, check.simulated)),
                *_allowed(held.get(name), unit),
            ]
        )
    lines = [line for text in check.lines for line in wrapped(text, width, hanging="  ")]
    return [
        "CALL CENTRE WITHOUT THE CAMPAIGN   beside its own report",
        *laid(rows, "<>>><", width, [0]),
        *lines,
    ]


def _allowed(measure: MeasureCheck | None, unit: str) -> tuple[str, str]:
    """Between what a simulated figure has to lie, and whether it does."""
    if measure is None:
        return "", ""
    mark = "✔ reproduced" if measure.reproduced else "✘ not reproduced"
    return f"{figure(measure.low, unit)} to {figure(measure.high, unit)}", mark


def provenance(comparison: Comparison, width: int) -> list[str]:
    """Return how many numbers come from where, and each number fitted to the case."""
    if not comparison.provenance:
        return []
    counts = Counter(item.source for item in comparison.provenance)
    order = [*(source for source in _SOURCES if counts[source]), *sorted(set(counts) - set(_SOURCES))]
    tally = ", ".join(f"{counts[source]} {source}" for source in order)
    fitted = [item for item in comparison.provenance if item.source == FITTED_SOURCE]
    lines = headed(f"WHERE THE NUMBERS COME FROM   {tally}", width)
    if fitted:
        words = ", ".join(map(_setting, fitted))
        lines += wrapped(f"fitted to the case, so consistent with it and not validated by it: {words}", width)
    return lines


def footer(comparison: Comparison, order: Order) -> list[str]:
    """Return what it takes to see the same numbers again, and the one command worth running next."""
    command, purpose = next_command(comparison, order)
    return [
        f"replay: {comparison.replay or order.command()}",
        f"next:   {command}   ({purpose})",
    ]


def next_command(comparison: Comparison, order: Order) -> tuple[str, str]:
    """Return the command worth running next and what it is for.

    Undecided: more replications. Failed: one customer through the failing design. Not judged: the settings
    the expectation belongs to. One design: all of them. Otherwise: one customer through the best design.
    """
    verdicts = {item.verdict: item for item in reversed(comparison.expectations)}
    if "unsure" in verdicts:
        more = replace(order, replications=2 * comparison.replications, until=None)
        return more.again(), "narrower intervals decide what is unsure"
    if "fail" in verdicts:
        design = verdicts["fail"].design
        return trace_command(order, design, _FIRST_CASE), "one customer through the design that failed"
    elsewhere = next(
        (item for item in comparison.expectations if _judged_elsewhere(comparison, item, order)), None
    )
    if elsewhere is not None:
        return _with_settings(order, elsewhere.when).again(), "the settings the lines not judged belong to"
    if len(comparison.designs) == 1:
        return replace(order, verb="compare", designs=None).again(), "all designs side by side"
    best = trace_command(order, leader(comparison), _FIRST_CASE)
    return best, "one customer through the best design, step by step"


def _expectation_row(comparison: Comparison, item: ExpectationResult) -> list[str]:
    design = comparison.designs.get(item.design)
    metric = metrics_of(design).get(item.that.split(" ", 1)[0]) if design else None
    unit = metric.unit if metric else unit_by_name(item.that.split(" ", 1)[0])
    if item.verdict == "not judged" and not _belongs_elsewhere(comparison, item):
        return [panels.verdict_words(item.verdict), item.design, item.that, item.reason, ""]
    found = "" if item.verdict == "not judged" else figure(item.value, unit, item.low, item.high)
    when = ", ".join(f"{path} = {plain(value)}" for path, value in item.when.items())
    return [panels.verdict_words(item.verdict), item.design, item.that, found, f"when {when}" if when else ""]


def _setting(item: Provenance) -> str:
    value = item.value
    if isinstance(value, list | tuple) and len(value) > _ITEMS_SHOWN:
        return f"{item.path} ({len(value)} values)"
    return f"{item.path} = {plain(value)}"


def _belongs_elsewhere(comparison: Comparison, item: ExpectationResult) -> bool:
    settings = comparison.settings
    return item.verdict == "not judged" and any(
        settings.get(path) != value for path, value in item.when.items()
    )


def _judged_elsewhere(comparison: Comparison, item: ExpectationResult, order: Order) -> bool:
    """Say whether putting the item's own settings into this order would get it judged: nothing else is changed.

    Not where they ask for more messages than a case file has cases for: they belong to another population.
    """
    changed = {setting.split("=", 1)[0].strip() for setting in order.settings}
    wanted, most = item.when.get("campaign.messages"), comparison.messages_most
    too_many = most is not None and isinstance(wanted, int | float) and wanted > most
    return (
        order.calls is None
        and changed <= set(item.when)
        and not too_many
        and _belongs_elsewhere(comparison, item)
    )


def _with_settings(order: Order, when: dict[str, object]) -> Order:
    kept = tuple(setting for setting in order.settings if setting.split("=", 1)[0].strip() not in when)
    return replace(order, settings=kept + tuple(f"{path}={plain(value)}" for path, value in when.items()))
