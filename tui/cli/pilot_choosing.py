"""`sandbox pilot-choice`: which workflow to pilot first."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.errors import BadInput
from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.diagnosing import Rules
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.numbers import NONE, figure, rule_words, signed
from tui.cli.orders import START_WITH, command_line
from tui.cli.progress import ProgressLine
from tui.cli.remarks import overriding
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.cli.tables import headed, laid, wrapped
from tui.clock import monotonic_s
from tui.figures import base_size

if TYPE_CHECKING:
    from sandbox.scorecard.judgement import Held, Reading
    from sandbox.scorecard.rules import ExpandingDefinition, PilotRule
    from scenarios.pilot_measure import Measured
    from scenarios.portfolio import Placing, Portfolio

SCHEMA = 1
_GLYPHS = {"pass": "✔", "fail": "✘", "unsure": "?", "does not apply": "·"}
_STATUS = {"candidate": "✔", "candidate, unsure": "?", "out": "✘"}
_COLUMNS = {
    "repeat_contact_rate": "repeats",
    "judgement_share": "judged",
    "routine_volume_share": "volume",
    "clear_policy_share": "clear policy",
    "exception_share": "exceptions",
}

File = Annotated[
    str | None,
    typer.Argument(metavar="[FILE]", help="A portfolio of workflows. Default: the eight that are shipped."),
]
Measure = Annotated[
    bool,
    typer.Option(
        "--measure",
        help="Simulate the workflows that name a scenario and put the figures beside the stated ones.",
        rich_help_panel=options.EFFORT,
    ),
]
Questions = list[tuple["ExpandingDefinition", str]]


def pilot_choice(
    portfolio: File = None,
    measure: Measure = False,
    despite_history: options.DespiteHistory = False,
    rules: Rules = None,
    seed: options.Seed = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
) -> None:
    """Rank workflows for a first pilot: most repeat contact, least judgement, among those that hold the rules."""

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (portfolio, rules))
        if despite_history and not measure:
            raise BadInput(["--despite-history: nothing is simulated; allowed: with --measure"])
        from scenarios.portfolio import chosen, expanding, rank, read_portfolio
        from scenarios.rulebook import read_rules

        book, _ = read_rules(rules)
        read = read_portfolio(portfolio)
        ranking = rank(read, book.document.pilot)
        first = chosen(ranking)
        measured = _measured(read, seed, should_stop, despite_history=despite_history) if measure else {}
        questions = expanding(book.document.pilot, first.workflow) if first is not None else []
        document = portfolio_document(read, ranking, first, measured, questions)
        width = WIDTH_DEFAULT if out is not None else text_width()
        deliver(
            destination,
            document,
            lambda: portfolio_text(read, ranking, first, measured, questions, width),
            as_json=as_json,
        )
        return ExitCode.OK

    given: list[tuple[str, object]] = [("--rules", rules), ("--seed", seed)]
    given += [("--measure", measure or None), ("--despite-history", despite_history or None)]
    line = command_line("pilot-choice", portfolio, given)
    conduct(
        body,
        replay=line,
        next_step=lambda _: (
            "correct the file and run the command again; without a FILE the shipped portfolio is ranked"
        ),
    )


def _measured(
    read: Portfolio, seed: int | None, should_stop: ShouldStop, *, despite_history: bool
) -> dict[str, Measured]:
    from scenarios.pilot_measure import measure

    simulated = {
        item.workflow: item.measured_by for item in read.document.workflows if item.measured_by is not None
    }
    with ProgressLine(sys.stderr, monotonic_s) as line:
        line.say("simulating")
        follow = line.follow(2 * len(simulated))
        return {
            name: measure(by, seed, follow, should_stop, despite_history=despite_history)
            for name, by in simulated.items()
        }


def portfolio_document(
    read: Portfolio,
    ranking: tuple[Placing, ...],
    first: Placing | None,
    measured: dict[str, Measured],
    questions: Questions,
) -> dict[str, object]:
    """Return the JSON form of a ranking."""
    return {
        "schema": SCHEMA,
        "portfolio": read.document.portfolio,
        "title": read.document.title,
        "chosen": None if first is None else first.workflow.workflow,
        "ranking": [_placing(one, measured.get(one.workflow.workflow)) for one in ranking],
        "before_expanding": [
            {"asks": one.asks, "answered": one.answered if command else "no", "command": command or None}
            for one, command in questions
        ],
        "provenance": [
            {"path": one.path, "value": one.value, "source": one.source, "range": one.range, "note": one.note}
            for one in read.provenance
        ],
    }


def _placing(one: Placing, measured: Measured | None) -> dict[str, object]:
    return {
        "rank": one.rank,
        "workflow": one.workflow.workflow,
        "title": one.workflow.title,
        "status": one.status,
        "identity": one.workflow.identity,
        "stated": {name: reading._asdict() for name, reading in one.readings.items()},
        "rules": [
            {
                "rule": rule.rule,
                "quantity": rule.quantity,
                "comparator": rule.passes.comparator,
                "threshold": held.threshold,
                "verdict": held.verdict,
                "margin": held.margin,
            }
            for rule, held in one.held
        ],
        "measured": None
        if measured is None
        else {
            "scenario": measured.scenario,
            "today": measured.today,
            "pilot": measured.pilot,
            "settings": list(measured.settings),
            "seed": measured.seed,
            "readings": {name: reading._asdict() for name, reading in measured.readings.items()},
            "notes": list(measured.notes),
        },
    }


def portfolio_text(
    read: Portfolio,
    ranking: tuple[Placing, ...],
    first: Placing | None,
    measured: dict[str, Measured],
    questions: Questions,
    width: int,
) -> str:
    """Return the ranking, why each workflow is in or out, what was measured, and the questions before expanding."""
    lines = [f"{read.document.title}", f"  {read.source}; stated figures, each with its range", ""]
    pick = "none holds every rule" if first is None else f"{first.workflow.workflow}: {first.workflow.title}"
    lines += [f"PILOT FIRST   {pick}"]
    if first is not None:
        lines += wrapped(f"complete when: {first.workflow.complete_when}", width, hanging="  ")
    lines += [
        "",
        "RANKING   candidates first; most repeat contact, then least judgement",
        *_table(ranking, width),
    ]
    lines += [
        "",
        "WHY   each rule with its margin, + passes; ? the stated range straddles the line",
    ]
    for one in ranking:
        lines += _why(one, width)
    for name, found in measured.items():
        placing = next(one for one in ranking if one.workflow.workflow == name)
        lines += ["", *_beside(placing, found, width)]
    if first is not None:
        lines += ["", f"BEFORE EXPANDING {first.workflow.workflow}", *_questions(questions, width)]
    return "\n".join([*lines, "", f"next: {_next(first)}"]) + "\n"


def _table(ranking: tuple[Placing, ...], width: int) -> list[str]:
    rows = [["", "workflow", "status", *_COLUMNS.values()]]
    rows += [
        [
            str(one.rank),
            one.workflow.workflow,
            f"{_STATUS[one.status]} {one.status.partition(',')[0]}",
            *(figure(one.readings[name].value, "rate") for name in _COLUMNS),
        ]
        for one in ranking
    ]
    return laid(rows, ">" + "<<" + ">" * len(_COLUMNS), width, [1])


def _why(one: Placing, width: int) -> list[str]:
    told = [_judged(rule, held, one.readings[rule.quantity]) for rule, held in one.held]
    failed = [rule.means for rule, held in one.held if held.margin is not None and held.margin < 0]
    name = f"{_STATUS[one.status]} {one.workflow.workflow} (identity: {one.workflow.identity})"
    return wrapped(f"{name}: {'; '.join(told)}. {' '.join(failed)}", width, hanging="  ")


def _judged(rule: PilotRule, held: Held, reading: Reading) -> str:
    line = rule_words(f"{rule.passes.comparator} {held.threshold}", "rate")
    margin = NONE if held.margin is None else f"{signed(held.margin * 100, 1)} pp"
    return f"{_GLYPHS[held.verdict]} {rule.rule} {_range(reading)}, line {line}, margin {margin}"


def _range(reading: Reading) -> str:
    if reading.low == reading.high:
        return figure(reading.value, "rate")
    return figure(reading.value, "rate", reading.low, reading.high)


def _beside(placing: Placing, found: Measured, width: int) -> list[str]:
    head = f"MEASURED   {placing.workflow.workflow} as {found.scenario} simulates it, beside what was stated"
    rows = [["", "stated [range]", "measured [95 %]", "of"]]
    rows += [
        [
            _COLUMNS[name],
            _range(placing.readings[name]),
            _range(reading),
            f"{base_size(reading.n, reading.n_unit)} {reading.base}",
        ]
        for name, reading in found.readings.items()
    ]
    told = (
        f"repeat contact in {found.today} (today), exceptions in {found.pilot} (the pilot), clear policy by the real "
        f"policy; seed {found.seed}, one replication, {', '.join(found.settings) or 'settings as in the scenario'}"
    )
    unlike = [line for note in overriding(found.notes) for line in wrapped(note, width)]
    return [*headed(head, width), *unlike, *laid(rows, "<<<<", width, [3]), *wrapped(told, width)]


def _questions(questions: Questions, width: int) -> list[str]:
    lines = []
    for one, command in questions:
        can = (
            f"this sandbox answers {one.answered}: {command}"
            if command
            else "only a scenario of its own can tell"
        )
        lines += wrapped(f"- {one.asks} {can} ({one.for_example})", width, hanging="  ")
    return lines


def _next(first: Placing | None) -> str:
    if first is None or first.workflow.measured_by is None:
        return command_line("check", START_WITH, []) + "   (a scenario of its own starts from a shipped one)"
    by = first.workflow.measured_by
    designs = [("--designs", f"{by.today},{by.pilot}")]
    return command_line("diagnose", by.scenario, designs) + "   (is the design ready for the pilot?)"
