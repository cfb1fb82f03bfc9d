"""`sandbox actuals`: what a pilot reported beside what was predicted, and which assumption broke."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.numbers import NONE, figure, fixed, scale_of, signed
from tui.cli.orders import Order, command_line, next_step
from tui.cli.pilot_planning import PILOT
from tui.cli.pilot_ramp_text import percent, points
from tui.cli.progress import ProgressLine
from tui.cli.saving import SaveOptions, Saving
from tui.cli.streams import WIDTH_DEFAULT, text_width, write_err
from tui.cli.tables import aligned, wrapped
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.actuals import Report
    from scenarios.actuals_held import Held
    from scenarios.actuals_levers import Advice

SCHEMA = 1
_DIRTY_SHOWN = 5

File = Annotated[
    str,
    typer.Argument(
        metavar="FILE.csv",
        help="What was seen: metric,value[,n][,day], or a funnel by day with a column per stage.",
    ),
]
Share = Annotated[
    float,
    typer.Option(
        "--share",
        metavar="S",
        help="Share of the customers in the pilot, on the same lines as the rest. Default: everybody.",
        rich_help_panel=PILOT,
    ),
]
Piloted = Annotated[
    str | None,
    typer.Option(
        "--design",
        metavar="D",
        help="The design that was piloted; to be named with --share. Default: the scenario's baseline.",
        rich_help_panel=PILOT,
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="D",
        help="With --share, the design of everybody else. Default: the scenario's baseline.",
        rich_help_panel=PILOT,
    ),
]
Replications = Annotated[
    int | None,
    typer.Option(
        "--replications",
        min=1,
        metavar="N",
        help="Runs of the pilot. More runs, narrower intervals. Default: 3.",
        rich_help_panel=options.EFFORT,
    ),
]


def actuals(  # noqa: PLR0913 - one parameter an option
    scenario: options.Scenario,
    file: File,
    design: Piloted = None,
    share: Share = 1.0,
    against: Against = None,
    settings: options.Settings = None,
    seed: options.Seed = None,
    replications: Replications = None,
    jobs: options.Jobs = None,
    cluster: options.Cluster = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
    no_save: options.NoSave = False,
    db: options.Db = None,
) -> None:
    """Hold what a pilot reported against its prediction; exit 1 if a prediction is broken, and say where."""
    order = Order(
        verb="actuals",
        scenario=scenario,
        settings=tuple(settings or ()),
        seed=seed,
        replications=replications,
        jobs=jobs,
        cluster=cluster,
        as_json=as_json,
        out=out,
    )
    given: list[tuple[str, object]] = [
        ("--design", design),
        ("--share", share if share != 1.0 else None),
        ("--against", against),
        *(("--set", setting) for setting in order.settings),
        ("--seed", seed),
        ("--replications", replications),
    ]
    replay = _with_file(command_line("actuals", scenario, given), scenario, file)

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario, file))
        with Saving(replay, SaveOptions(not no_save, db)) as run:
            with ProgressLine(sys.stderr, monotonic_s) as line:
                line.say("reading the scenario")
                from scenarios.actuals import REPLICATIONS_DEFAULT, World, hold_against

                follow = line.follow(replications or REPLICATIONS_DEFAULT)
                run.begin()
                request = order.request(run.workers(jobs, cluster))
                report = hold_against(request, World(design, against, share), file, follow, should_stop)
            width = WIDTH_DEFAULT if out is not None else text_width()
            deliver(
                destination,
                report_document(report, replay),
                lambda: report_text(report, order, replay, width),
                as_json=as_json,
                run=run,
            )
        if report.broken:
            write_err(f"{len(report.ranking)} outside the prediction: {', '.join(report.ranking)}")
        return ExitCode.EXPECTATION_FAILED if report.broken else ExitCode.OK

    conduct(body, replay=replay, next_step=lambda problems: next_step(scenario, problems))


def _with_file(line: str, scenario: str, file: str) -> str:
    """Put the file behind the scenario, where the command takes it."""
    import shlex

    words = shlex.split(line)
    place = words.index(scenario) + 1
    return shlex.join([*words[:place], file, *words[place:]])


def report_document(report: Report, replay: str) -> dict[str, object]:
    """Return the JSON form; rates are shares."""
    return {
        "schema": SCHEMA,
        "scenario": report.scenario,
        "design": report.design,
        "share": report.share,
        "seed": report.seed,
        "replications": report.replications,
        "days": report.days,
        "level_each": report.level,
        "held": [asdict(one) | {"prediction": one.prediction._asdict()} for one in report.held],
        "broken": list(report.ranking),
        "gap": None if report.gap is None else {"of": report.gap_of, **report.gap._asdict()},
        "advice": None if report.advice is None else asdict(report.advice) | {"set": report.advice.setting},
        "rows": report.rows,
        "dirty": list(report.dirty),
        "not_held": list(report.not_held),
        "replay": replay,
    }


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
        *_table(report),
        *wrapped(
            "Intervals are of prediction: the simulation's error, how days differ, and sampling at the reported "
            f"base. Each is at {fixed(report.level * 100, 1)} %, so that all hold together with 95 % if the scenario "
            "is right.",
            width,
        ),
    ]
    if report.dirty:
        lines += ["", f"ROWS LEFT OUT   {len(report.dirty)} of {report.rows}", *_dirty(report, width)]
    if report.not_held:
        words = (line for text in report.not_held for line in wrapped(text, width, hanging="  "))
        lines += ["", "STAGES NOT HELD   whose losses stand in the next stage's rate", *words]
    if report.gap is not None:
        lines += ["", f"WHAT EXPLAINS THE GAP   {report.gap_of}", *_gap(report, width)]
        if not report.broken:
            lines += wrapped(
                "No stage lies outside its prediction: which of them is behind the gap these counts cannot tell.",
                width,
            )
    if report.broken:
        lines += ["", "WHICH ASSUMPTION BROKE", *_broken(report, width)]
    return "\n".join([*lines, "", f"replay: {replay}", f"next:   {_next(report, order)}"]) + "\n"


def _verdict(report: Report) -> str:
    if report.broken:
        return f"✘ {len(report.ranking)} of {len(report.held)} outside what was predicted"
    return f"✔ all {len(report.held)} inside what was predicted"


def _table(report: Report) -> list[str]:
    tested = any(one.p is not None for one in report.held)
    rows = [["", "actual", "base", "predicted", "between", "p" if tested else "", ""]]
    for one in report.held:
        mark = {True: "✔ inside", False: "✘ outside", None: "· not judged"}[one.inside]
        base = NONE if not one.n else f"{one.n:,}" if one.n_given else f"~{one.n:,}"
        p = "" if one.p is None else f"{one.p:.2g}"
        rows.append(
            [
                one.title,
                figure(one.actual, one.unit),
                base,
                figure(one.prediction.value, one.unit),
                _ends(one),
                p,
                mark,
            ]
        )
    lines = aligned(rows, "<>>>>><")
    notes = []
    if tested:
        notes.append("  p: chance of a count as far out, under the distribution behind `between`")
    if any(one.n and not one.n_given for one in report.held):
        notes.append("  ~: base not in the file, taken from the simulation")
    return [*lines, *notes]


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
    yield from wrapped(
        f"predicted {figure(gap.predicted, 'rate')}, actual {figure(gap.actual, 'rate')}: {points(gap.gap)}",
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
    words = f"--set {advice.setting} (was {advice.old:g}) gives {figure(advice.gives, one.unit)} there"
    if advice.primary is not None:
        words += f" and a completion of {figure(advice.primary, 'rate')}"
    words += "." if advice.met else "; as near as this setting comes."
    if advice.in_range is False:
        words += " It lies outside the range the scenario states: look for another cause too."
    return f"{words} A candidate that fits, not a measurement: several settings could."


def _next(report: Report, order: Order) -> str:
    if not report.broken:
        return order.follow("pilot-plan", [("--design", report.design)])
    return order.follow("compare", [("--set", report.advice.setting)] if report.advice is not None else [])
