"""Commands that list what a designer may use: `sandbox scenarios`, `sandbox steps` and `sandbox metrics`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.numbers import plain
from tui.cli.orders import START_WITH, command_line
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.cli.tables import GAP, aligned, fits, headed, wrapped

if TYPE_CHECKING:
    from sandbox.scorecard.definitions import MetricDefinition
    from scenarios.world.library import ScenarioEntry
    from scenarios.world.shipped_designs import DesignEntry
    from scenarios.world.step_kinds import StepKind

SCHEMA = 1


def scenarios(as_json: options.AsJson = False, out: options.Out = None) -> None:
    """List the scenarios and designs that come with the product."""

    def found() -> tuple[dict[str, object], Callable[[int], str]]:
        from dataclasses import asdict

        from scenarios.world.library import list_scenarios
        from scenarios.world.shipped_designs import list_designs

        entries, designs = list_scenarios(), list_designs()
        listed = [{"name": item.name, "title": item.title, "story": item.story} for item in entries]
        document: dict[str, object] = {"scenarios": listed, "designs": [asdict(design) for design in designs]}
        return document, lambda width: scenarios_text(entries, width) + designs_text(designs, width)

    _list("scenarios", found, out, as_json=as_json)


def steps(as_json: options.AsJson = False, out: options.Out = None) -> None:
    """List the kinds of step a design is built from, with their parameters and outcomes."""

    def found() -> tuple[dict[str, object], Callable[[int], str]]:
        from dataclasses import asdict

        from scenarios.world.step_kinds import list_step_kinds

        kinds = list_step_kinds()
        return {"steps": [asdict(kind) for kind in kinds]}, lambda width: steps_text(kinds, width)

    _list("steps", found, out, as_json=as_json)


def metrics(as_json: options.AsJson = False, out: options.Out = None) -> None:
    """List every metric: exact meaning, base, unit and the rule it is held against."""

    def found() -> tuple[dict[str, object], Callable[[int], str]]:
        from scenarios.world.library import metrics_document

        known = metrics_document().metrics
        listed = {name: metric.model_dump() for name, metric in known.items()}
        return {"metrics": listed}, lambda width: metrics_text(known, width)

    _list("metrics", found, out, as_json=as_json)


def _list(
    verb: str,
    found: Callable[[], tuple[dict[str, object], Callable[[int], str]]],
    out: str | None,
    *,
    as_json: bool,
) -> None:
    """Write a list that needs no run: its document, or its text at the width of where it goes."""

    def body(should_stop: ShouldStop) -> ExitCode:
        del should_stop  # reading a few files ends sooner than anybody can ask
        destination = Destination.checked(out)
        document, text = found()
        width = WIDTH_DEFAULT if out is not None else text_width()
        deliver(destination, {"schema": SCHEMA, **document}, lambda: text(width), as_json=as_json)
        return ExitCode.OK

    conduct(
        body,
        replay=command_line(verb, None, []),
        next_step=lambda _: "correct the option and run the command again",
    )


def scenarios_text(entries: list[ScenarioEntry], width: int) -> str:
    """Return name and title of every scenario, its story below."""
    lines: list[str] = []
    for entry in entries:
        lines += [*_headed(entry.name, entry.title, width), *wrapped(entry.story, width), ""]
    return "\n".join(lines) + "\n"


def designs_text(designs: list[DesignEntry], width: int) -> str:
    """Return every design: its steps in one line, and whether its workflow is closed; then how to run them."""
    head = "DESIGNS   any of them goes into --designs; ● the steps of a visit in which all goes well"
    lines = [*headed(head, width), ""]
    for design in designs:
        lines += _headed(design.name, design.title, width)
        lines += wrapped(f"● {' → '.join(design.path)}", width, "    ")
        if design.others:
            lines += wrapped(f"○ {', '.join(design.others)}", width, "    ")
        verdict = f"not closed: {'; '.join(design.not_closed)}" if design.not_closed else "closed workflow"
        lines += [*wrapped(verdict, width), ""]
    copy = command_line("new", "my.yaml", [("--from", START_WITH)])
    return "\n".join([*lines, f"next: {command_line('compare', START_WITH, [])}   (your own: {copy})"]) + "\n"


def _headed(name: str, title: str, width: int) -> list[str]:
    """Return name and title in one line, else below each other."""
    line = f"{name}   {title}"
    return [line] if fits([line], width) else [name, *wrapped(title, width)]


def steps_text(kinds: list[StepKind], width: int) -> str:
    """Return each kind of step: what it does, what it ends in, what may be set."""
    lines: list[str] = []
    for kind in kinds:
        leaves = "   (leaves the message: a channel change)" if kind.changes_channel else ""
        lines += [kind.name + leaves, *wrapped(kind.summary, width)]
        if kind.handoff:
            lines += wrapped(f"handoff: {kind.handoff}", width)
        if kind.asks_identity:
            lines += wrapped("asks for identity details", width)
        lines += wrapped(f"ends in: {', '.join(kind.outcomes)}", width)
        for one in kind.parameters:
            default = "must be given" if one.default is None else f"default {plain(one.default)}"
            lines += wrapped(f"{one.name}: {one.allowed}, {default}; {one.meaning}", width, hanging="    ")
        lines += [*wrapped(kind.example, width, hanging="   "), ""]
    lines += wrapped(
        "Every step has an id, `next` (where it goes when done) and `on` (where for other ends).", width
    )
    return "\n".join([*lines, "", f"next: {command_line('new', 'my.yaml', [('--from', START_WITH)])}"]) + "\n"


def metrics_text(known: Mapping[str, MetricDefinition], width: int) -> str:
    """Return each metric with its meaning and rule."""
    lines: list[str] = []
    for name, metric in known.items():
        rule = f"rule {metric.rule}" if metric.rule else "no rule"
        cells = [name, metric.title, metric.unit, metric.family.replace("_", " "), rule]
        head = aligned([cells], "<" * len(cells))
        lines += head if fits(head, width) else wrapped(GAP.join(cells), width, hanging="  ")
        lines += wrapped(f"{metric.definition}; base: {metric.base}", width, hanging="  ")
        lines += (
            wrapped(f"when it fails, inspect: {metric.inspect}", width, hanging="  ")
            if metric.inspect
            else []
        )
        for one in metric.further_rules:
            told = f"rule {one.name} {one.rule}: {one.verdict_when_failed} when it fails, {one.meaning}"
            lines += wrapped(told, width, hanging="  ")
        lines.append("")
    return "\n".join([*lines, f"next: {command_line('compare', START_WITH, [])}"]) + "\n"
