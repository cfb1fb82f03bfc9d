"""`sandbox pilot-choice`: which workflow to pilot first."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, NamedTuple

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
from tui.cli.saving import SaveOptions, Saving
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.cli.tables import laid, wrapped
from tui.clock import monotonic_s
from tui.figures import base_size

if TYPE_CHECKING:
    from sandbox.scorecard.judgement import Held, Reading
    from sandbox.scorecard.rules import ExpandingDefinition, PilotRule
    from scenarios.pilot.measure import Measured
    from scenarios.pilot.portfolio import Placing, Portfolio

SCHEMA = 1
_GLYPHS = {"pass": "✔", "fail": "✘", "unsure": "?", "does not apply": "·"}
_AGREE = {"inside": "✔", "outside": "✘", "unsure": "?"}
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


class Choice(NamedTuple):
    """What was found.

    Attributes:
        read: the portfolio.
        ranking: its workflows, candidates first.
        first: the one to pilot, None where none holds every rule.
        questions: before the pilot grows, each with the command that answers it.
        measured: by workflow; None where nothing was to be measured.
        replay: the command line that gives the same again.
    """

    read: Portfolio
    ranking: tuple[Placing, ...]
    first: Placing | None
    questions: Questions
    measured: dict[str, Measured] | None
    replay: str


def pilot_choice(  # noqa: PLR0913 - Typer takes one parameter per option
    portfolio: File = None,
    measure: Measure = False,
    despite_history: options.DespiteHistory = False,
    rules: Rules = None,
    seed: options.Seed = None,
    replications: options.Replications = None,
    jobs: options.Jobs = None,
    cluster: options.Cluster = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
    no_save: options.NoSave = False,
    db: options.Db = None,
) -> None:
    """Rank workflows for a first pilot: most repeat contact, least judgement, among those that hold the rules."""
    given: list[tuple[str, object]] = [("--rules", rules), ("--seed", seed), ("--replications", replications)]
    given += [("--measure", measure or None), ("--despite-history", despite_history or None)]
    replay = command_line("pilot-choice", portfolio, given)
    asked = Asked(seed, replications, jobs, cluster, despite_history)

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (portfolio, rules))
        if not measure:
            asked.refuse_without_measure()
        from scenarios.pilot.portfolio import chosen, expanding, rank, read_portfolio
        from scenarios.rulebook import read_rules

        with Saving(replay, SaveOptions(measure and not no_save, db)) as run:
            book, _ = read_rules(rules)
            read = read_portfolio(portfolio)
            ranking = rank(read, book.document.pilot)
            first = chosen(ranking)
            questions = expanding(book.document.pilot, first.workflow) if first is not None else []
            measured = _measured(read, asked, run, should_stop) if measure else None
            found = Choice(read, ranking, first, questions, measured, replay)
            width = WIDTH_DEFAULT if out is not None else text_width()
            deliver(
                destination,
                portfolio_document(found),
                lambda: portfolio_text(found, width),
                as_json=as_json,
                run=run,
            )
        return ExitCode.OK

    conduct(
        body,
        replay=replay,
        next_step=lambda _: (
            "correct the file and run the command again; without a FILE the shipped portfolio is ranked"
        ),
    )


class Asked(NamedTuple):
    """How workflows are to be simulated, as it was asked for; None leaves each scenario's own value."""

    seed: int | None
    replications: int | None
    jobs: int | None
    cluster: str | None
    despite_history: bool

    def refuse_without_measure(self) -> None:
        """Refuse what only a simulation can follow.

        Raises:
            BadInput: some of it was said.
        """
        said = [
            f"--{name.replace('_', '-')}"
            for name, value in self._asdict().items()
            if value not in (None, False)
        ]
        if said:
            raise BadInput([f"{', '.join(said)}: nothing is simulated; allowed: with --measure"])


def _measured(read: Portfolio, asked: Asked, run: Saving, should_stop: ShouldStop) -> dict[str, Measured]:
    from scenarios.pilot.measure import measure, planned

    with ProgressLine(sys.stderr, monotonic_s) as line:
        line.say("reading the scenarios")
        workflows = read.document.workflows
        plans = planned(workflows, asked.seed, asked.replications, despite_history=asked.despite_history)
        run.begin()
        follow = line.follow(sum(plan.runs for plan in plans))
        return measure(plans, run.workers(asked.jobs, asked.cluster), follow, should_stop)


def portfolio_document(found: Choice) -> dict[str, object]:
    """Return the JSON form of a ranking."""
    return {
        "schema": SCHEMA,
        "portfolio": found.read.document.portfolio,
        "title": found.read.document.title,
        "chosen": None if found.first is None else found.first.workflow.workflow,
        "ranking": [_placing(one, found.measured) for one in found.ranking],
        "before_expanding": [
            {"asks": one.asks, "answered": one.answered if command else "no", "command": command or None}
            for one, command in found.questions
        ],
        "provenance": [
            {"path": one.path, "value": one.value, "source": one.source, "range": one.range, "note": one.note}
            for one in found.read.provenance
        ],
        "replay": found.replay,
    }


def _placing(one: Placing, measured: dict[str, Measured] | None) -> dict[str, object]:
    simulated = (measured or {}).get(one.workflow.workflow)
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
        "measured": None if simulated is None else _simulated(one, simulated),
        "not_measured": None if measured is None or simulated is not None else _why_not(),
    }


def _simulated(one: Placing, found: Measured) -> dict[str, object]:
    from scenarios.pilot.measure import agreement, rules_on

    return {
        "scenario": found.scenario,
        "today": found.today,
        "pilot": found.pilot,
        "settings": list(found.settings),
        "seed": found.seed,
        "replications": found.replications,
        "readings": {name: reading._asdict() for name, reading in found.readings.items()},
        "against_stated": {
            name: agreement(one.readings[name], reading) for name, reading in found.readings.items()
        },
        "rules": {rule.rule: held.verdict for rule, held in rules_on(one, found.readings)},
        "notes": list(found.notes),
    }


def _why_not() -> str:
    from scenarios.pilot.measure import NO_SCENARIO

    return NO_SCENARIO


def portfolio_text(found: Choice, width: int) -> str:
    """Return the ranking, why each workflow is in or out, what was measured, and the questions before expanding."""
    first = found.first
    lines = [
        f"{found.read.document.title}",
        f"  {found.read.source}; stated figures, each with its range",
        "",
    ]
    pick = "none holds every rule" if first is None else f"{first.workflow.workflow}: {first.workflow.title}"
    lines += [f"PILOT FIRST   {pick}"]
    if first is not None:
        lines += wrapped(f"complete when: {first.workflow.complete_when}", width, hanging="  ")
    lines += [
        "",
        "RANKING   candidates first; most repeat contact, then least judgement",
        *_table(found.ranking, width),
        "",
        "WHY   each rule with its margin, + passes; ? the stated range straddles the line",
    ]
    for one in found.ranking:
        lines += _why(one, width)
    if found.measured is not None:
        lines += ["", *_measures(found, found.measured, width)]
    if first is not None:
        lines += ["", f"BEFORE EXPANDING {first.workflow.workflow}", *_questions(found.questions, width)]
    return "\n".join([*lines, "", f"replay: {found.replay}", f"next:   {_next(first)}"]) + "\n"


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


def _measures(found: Choice, measured: dict[str, Measured], width: int) -> list[str]:
    """What was simulated of each workflow in the order of the ranking; then why others were not."""
    lines = ["MEASURED   as simulated, beside what was stated"]
    lines += wrapped(
        "Repeats: of the cases that made contact in today's design. Clear policy: of the cases policy lets in, by "
        "the real policy. Exceptions: of the engaged cases in the pilot's design. 95 % intervals over the days of "
        "all replications, of customers drawn as each scenario has them. In range: ✔ the whole interval lies in the "
        "stated range, ✘ none of it does, ? a part; where the two part, the scenario or the stated figure is to be "
        "mended. Rule: how the measured figure holds it.",
        width,
    )
    for one in found.ranking:
        simulated = measured.get(one.workflow.workflow)
        if simulated is not None:
            lines += ["", *_beside(one, simulated, width)]
    left_out = [one.workflow.workflow for one in found.ranking if one.workflow.workflow not in measured]
    if left_out:
        told = f"not measured: {', '.join(left_out)}: each {_why_not()} in {found.read.source}"
        lines += ["", *wrapped(told, width, hanging="  ")]
    return lines


def _beside(placing: Placing, found: Measured, width: int) -> list[str]:
    from scenarios.pilot.measure import agreement

    more = "" if found.replications == 1 else "s"
    told = (
        f"{placing.workflow.workflow} as {found.scenario} simulates it: {found.today} today, {found.pilot} piloted; "
        f"seed {found.seed}, {found.replications} replication{more}, "
        f"{', '.join(found.settings) or 'settings as in the scenario'}"
    )
    rows = [["", "stated [range]", "measured [95 %]", "in range", "rule", "n"]]
    rows += [
        [
            _COLUMNS[name],
            _range(placing.readings[name]),
            figure(reading.value, "rate", reading.low, reading.high),
            _AGREE[agreement(placing.readings[name], reading)],
            _rule_on(placing, name, reading),
            base_size(reading.n, reading.n_unit),
        ]
        for name, reading in found.readings.items()
    ]
    unlike = overriding(found.notes)
    unlike += [f"- {note}" for note in found.notes[len(unlike) :]]  # what is not reproduced stands first
    said = [line for note in unlike for line in wrapped(note, width, hanging="  ")]
    return [*wrapped(told, width, hanging="  "), *said, *laid(rows, "<<<<<>", width)]


def _rule_on(placing: Placing, name: str, reading: Reading) -> str:
    """How the pilot rule on a quantity comes out on what was measured; nothing where none is on it."""
    from scenarios.pilot.measure import rules_on

    told = [
        f"{_GLYPHS[held.verdict]} {rule_words(f'{rule.passes.comparator} {held.threshold}', 'rate')}"
        for rule, held in rules_on(placing, {name: reading})
    ]
    return ", ".join(told)


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
