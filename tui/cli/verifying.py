"""`sandbox verify`: the product's own call queue beside exact Erlang-A."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.errors import BadInput
from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import START_WITH, command_line
from tui.cli.progress import ProgressLine
from tui.cli.streams import WIDTH_DEFAULT, text_width, write_err
from tui.cli.tables import aligned, headed, wrapped
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.lines.verification import Simulated, VerifyPoint

SCHEMA = 1
SEED_DEFAULT = 1
FIGURES = ("abandonment_rate", "mean_wait_s", "wait_probability", "occupancy")
POINT = "One point (all four, or none for the table)"

CallsPerHour = Annotated[
    float | None,
    typer.Option("--calls-per-hour", metavar="X", help="Calls offered per hour.", rich_help_panel=POINT),
]
Handling = Annotated[
    float | None,
    typer.Option("--aht", metavar="S", help="Mean handling time, seconds.", rich_help_panel=POINT),
]
Patience = Annotated[
    float | None,
    typer.Option("--patience", metavar="S", help="Mean patience, seconds.", rich_help_panel=POINT),
]
Agents = Annotated[
    int | None, typer.Option("--agents", metavar="N", help="Agents on the lines.", rich_help_panel=POINT)
]


def verify(
    calls_per_hour: CallsPerHour = None,
    aht: Handling = None,
    patience: Patience = None,
    agents: Agents = None,
    seed: options.Seed = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
) -> None:
    """Hold the product's own call queue against exact queueing theory (Erlang-A)."""
    given = {"--calls-per-hour": calls_per_hour, "--aht": aht, "--patience": patience, "--agents": agents}

    def body(should_stop: ShouldStop) -> ExitCode:
        check_point(given)
        destination = Destination.checked(out)
        with ProgressLine(sys.stderr, monotonic_s) as line:
            from scenarios.lines.verification import verify as engine

            points = engine(
                calls_per_hour,
                aht,
                patience,
                agents,
                SEED_DEFAULT if seed is None else seed,
                line.say,
                should_stop,
            )
        single = calls_per_hour is not None
        width = WIDTH_DEFAULT if out is not None else text_width()
        deliver(
            destination,
            points_document(points, single=single),
            lambda: points_text(points, width),
            as_json=as_json,
        )
        outside = [point.name for point in points if not point.inside]
        for name in outside:
            write_err(f"outside theory: {name}")
        return ExitCode.EXPECTATION_FAILED if outside else ExitCode.OK

    replay = command_line("verify", None, [*given.items(), ("--seed", seed)])
    conduct(
        body,
        replay=replay,
        next_step=lambda _: "`sandbox verify --help` explains the four numbers of a point",
    )


def check_point(given: dict[str, float | None]) -> None:
    """Refuse half a point and numbers no queue can have.

    Args:
        given: the four options and their values; all None means the table.

    Raises:
        BadInput: naming every option that is missing or out of range.
    """
    if all(value is None for value in given.values()):
        return
    problems = [
        f"{name}: missing; one point needs {', '.join(given)}"
        for name, value in given.items()
        if value is None
    ]
    problems += [
        f"{name}: found {value}; allowed: a number above 0"
        for name, value in given.items()
        if value is not None and not (math.isfinite(value) and value > 0)
    ]
    if problems:
        raise BadInput(problems)


def points_document(points: Sequence[VerifyPoint], *, single: bool) -> dict[str, object]:
    """Return the JSON form: one object for one point, a list of them for the table."""
    documents: list[dict[str, object]] = [
        {
            "name": point.name,
            "given": dict(point.given),
            "exact": dict(point.exact),
            "simulated": {key: _ends(estimate) for key, estimate in point.simulated.items()},
            "calls": point.calls,
            "inside": point.inside,
        }
        for point in points
    ]
    return {"schema": SCHEMA, **documents[0]} if single else {"schema": SCHEMA, "points": documents}


def points_text(points: Sequence[VerifyPoint], width: int) -> str:
    """Return each point with exact and simulated figures side by side."""
    lines = headed(
        f"The product's call queue beside exact Erlang-A   simulated [{points[0].interval}]", width
    )
    for point in points:
        word = "✔ inside" if point.inside else "✘ outside"
        lines += ["", *headed(f"{point.name}   {point.calls:,} calls   {word}", width)]
        rows = [["", "exact", "simulated", ""]]
        for key in [name for name in FIGURES if name in point.exact]:
            found = point.simulated[key]
            ends = f"[{found.low:.4f}, {found.high:.4f}]"
            rows.append([key, f"{point.exact[key]:.4f}", f"{found.value:.4f}", ends])
        lines += aligned(rows, "<>><")
        unmet = [f"{name}: not as precise as promised, the calls did not reach" for name in point.unmet]
        lines += [line for text in unmet for line in wrapped(text, width)]
    inside = sum(point.inside for point in points)
    lines += ["", f"{inside} of {len(points)} points inside"]
    return "\n".join([*lines, f"next: {command_line('compare', START_WITH, [])}"]) + "\n"


def _ends(estimate: Simulated) -> dict[str, object]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}
