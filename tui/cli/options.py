"""The options of the command line, each declared once and spelt the same in every command that has it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from tui.cli.orders import Until

WORLD = "What is run"
EFFORT = "How it is run"
OUTPUT = "What comes out"

REPLICATIONS_MAX = 40
"""Where `--replications auto` stops whatever the intervals are: 40 runs halve the width of ten."""

AUTO = "auto"

Scenario = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO", help="A name from `sandbox scenarios`, or the path of a scenario file."
    ),
]

Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change one number of the scenario, for example campaign.messages=50000; PATH*=FACTOR multiplies a "
        "number or a whole profile, for example 'call_centre.agents*=1.2'. May be repeated.",
        rich_help_panel=WORLD,
    ),
]

Designs = Annotated[
    str | None,
    typer.Option(
        "--designs",
        metavar="A,B",
        help="Designs to compare, parted by commas. Default: all of the scenario.",
        rich_help_panel=WORLD,
    ),
]

Design = Annotated[
    str | None,
    typer.Option(
        "--design",
        metavar="D",
        help="The design to run. Default: the scenario's baseline.",
        rich_help_panel=WORLD,
    ),
]

Over = Annotated[
    list[str],
    typer.Option(
        "--over",
        metavar="PATH=FROM:TO:COUNT",
        help="What to vary: FROM:TO:COUNT evenly spaced values (FROM:TO:COUNT:log at equal ratios), or a list A,B,C; "
        "'PATH*=' varies a factor on a number or a whole profile. May be given twice for a grid.",
        rich_help_panel=WORLD,
    ),
]

Metrics = Annotated[
    str | None,
    typer.Option(
        "--metrics",
        metavar="A,B",
        help="Metrics to show, parted by commas. Default: call_abandonment_rate,completion_rate.",
        rich_help_panel=OUTPUT,
    ),
]

Metric = Annotated[
    str | None,
    typer.Option(
        "--metric",
        metavar="M",
        help="The figure that is watched: a ratio or a total of `sandbox metrics`. Default: completion_rate.",
        rich_help_panel=OUTPUT,
    ),
]

Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        metavar="D",
        help="Watch the difference to this design, and which of the two wins.",
        rich_help_panel=WORLD,
    ),
]

Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="PATH",
        help="Vary this assumption, or this block of them, for example call_centre.redial. May be repeated.",
        rich_help_panel=WORLD,
    ),
]

Limit = Annotated[
    int,
    typer.Option(
        "--limit",
        min=1,
        metavar="N",
        help="Assumptions run at full length at most; the others are screened on a short campaign.",
        rich_help_panel=EFFORT,
    ),
]

Sequences = Annotated[
    bool,
    typer.Option(
        "--sequences",
        help="Rank the scenario's sequences of messages on one design: the last of --designs, else in-message.",
        rich_help_panel=WORLD,
    ),
]

Calls = Annotated[
    str | None,
    typer.Option(
        "--calls",
        metavar="FILE",
        help="A call centre's own interval report (CSV) to take traffic, handling, patience and agents from.",
        rich_help_panel=WORLD,
    ),
]

DespiteHistory = Annotated[
    bool,
    typer.Option(
        "--despite-history",
        help="Run although the call centre without the campaign does not reproduce its history; the result says so.",
        rich_help_panel=WORLD,
    ),
]

CoreDb = Annotated[
    str | None,
    typer.Option(
        "--core-db",
        metavar="URL",
        help="Keep the core's tables in this database, for example sqlite:///core.db, unsealed. Default: in memory.",
        rich_help_panel=WORLD,
    ),
]

Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        min=0,
        metavar="N",
        help="Base seed: the same seed gives the same numbers. Default: the scenario's.",
        rich_help_panel=EFFORT,
    ),
]

Replications = Annotated[
    int | None,
    typer.Option(
        "--replications",
        min=1,
        metavar="N",
        help="Runs per design. More runs, narrower intervals. Default: the scenario's.",
        rich_help_panel=EFFORT,
    ),
]

ReplicationsOrAuto = Annotated[
    str | None,
    typer.Option(
        "--replications",
        metavar="N|auto",
        help="Runs per design: a number, or auto to run until --half-width is met. Default: the scenario's.",
        rich_help_panel=EFFORT,
    ),
]

HalfWidths = Annotated[
    list[str] | None,
    typer.Option(
        "--half-width",
        metavar="METRIC=W",
        help="With --replications auto: half of the 95 % interval wanted, for example completion_rate=0.005. "
        "May be repeated. Default: one point for rates, else 5 %, of the metrics in the scenario's expectations.",
        rich_help_panel=EFFORT,
    ),
]

ReplicationsMax = Annotated[
    int | None,
    typer.Option(
        "--replications-max",
        min=1,
        metavar="N",
        help=f"With --replications auto: never more than this. Default: {REPLICATIONS_MAX}.",
        rich_help_panel=EFFORT,
    ),
]

Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Run on a Dask cluster instead of this machine: the scheduler's address, such as tcp://host:8786. "
        "The result does not depend on it.",
        rich_help_panel=EFFORT,
    ),
]

NoSave = Annotated[
    bool,
    typer.Option(
        "--no-save",
        help="Do not keep this run among the saved ones (`sandbox runs`); an interrupted one starts anew.",
        rich_help_panel=OUTPUT,
    ),
]

Db = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="URL",
        help="Where runs are saved, such as sqlite:///runs.sqlite. Default: your data folder, or SANDBOX_DATA.",
        rich_help_panel=OUTPUT,
    ),
]

Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        metavar="N",
        help="Worker processes. Default: one per core. The result does not depend on it.",
        rich_help_panel=EFFORT,
    ),
]

AsJson = Annotated[
    bool,
    typer.Option("--json", help="JSON instead of text.", rich_help_panel=OUTPUT),
]

Out = Annotated[
    str | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write the result to FILE instead of standard output; the file is whole or not there.",
        rich_help_panel=OUTPUT,
    ),
]

Strict = Annotated[
    bool,
    typer.Option("--strict", help="Exit with 1 when an expectation is unsure, too.", rich_help_panel=OUTPUT),
]


class Dimension(StrEnum):
    """What a scorecard can be cut by; the names are those of the JSON's "segments"."""

    SEGMENT = "segment"
    WEEK = "week"
    ROUTE = "route"


By = Annotated[
    Dimension | None,
    typer.Option(
        "--by",
        help="Also the scorecard of each part: by arrears band, by week of the campaign, or by route "
        "(self-service, person).",
        rich_help_panel=OUTPUT,
    ),
]

Everything = Annotated[
    bool,
    typer.Option("--all", help="Every metric, not the main ones only.", rich_help_panel=OUTPUT),
]


def design_names(text: str | None) -> tuple[str, ...] | None:
    """Split the value of `--designs` into names; None when nothing was said.

    Raises:
        typer.BadParameter: the text holds no name, or one twice.
    """
    return _names(text, "design", "--designs")


def metric_names(text: str | None) -> tuple[str, ...] | None:
    """Split the value of `--metrics` into names; None when nothing was said.

    Raises:
        typer.BadParameter: the text holds no name, or one twice.
    """
    return _names(text, "metric", "--metrics")


def _names(text: str | None, what: str, option: str) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(part.strip() for part in text.split(",") if part.strip())
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise typer.BadParameter(f"names {twice!r} twice; allowed: each {what} once", param_hint=option)
    if not names:
        raise typer.BadParameter(f"names no {what}; allowed: names parted by commas", param_hint=option)
    return names


def one_design(text: str | None) -> tuple[str, ...] | None:
    """Read the value of `--design`; None when nothing was said.

    Raises:
        typer.BadParameter: the text holds no name, or several.
    """
    names = design_names(text)
    if names is not None and len(names) > 1:
        raise typer.BadParameter(
            "names several designs; `sandbox compare --designs` runs them side by side", param_hint="--design"
        )
    return names


def replications(
    text: str | None, half_widths: Sequence[str] | None, most: int | None
) -> tuple[int | None, Until | None]:
    """Read `--replications` and what goes with auto: a number, or when enough was run; nothing was said: neither.

    Raises:
        typer.BadParameter: neither a number from 1 nor auto, or a half width without auto.
    """
    if text == AUTO:
        return None, Until(tuple(half_widths or ()), most or REPLICATIONS_MAX)
    if half_widths or most is not None:
        option = "--half-width" if half_widths else "--replications-max"
        raise typer.BadParameter("goes with --replications auto", param_hint=option)
    if text is None:
        return None, None
    if not text.isdecimal() or int(text) < 1:
        allowed = "a whole number from 1, or auto"
        raise typer.BadParameter(f"found {text!r}; allowed: {allowed}", param_hint="--replications")
    return int(text), None
