"""`sandbox calibrate`: from a bank's own call log, interval report or message funnel to settings of a scenario."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

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
from tui.cli.streams import text_width
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.calibration.calibrate import Calibration
    from scenarios.calibration.replay import Replay

SEED_DEFAULT = 1
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")

DataFile = Annotated[
    str, typer.Argument(metavar="FILE.csv", help="A call log, an ACD interval report or a message funnel.")
]
Kind = Annotated[
    Literal["calls", "intervals", "funnel"] | None,
    typer.Option(
        "--kind", help="What the file is. Default: told by its columns.", rich_help_panel=options.WORLD
    ),
]
ColumnTexts = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="NAME=HEADER",
        help="Which column of the file is which, for example wait_s='Queue Time'. May be repeated.",
        rich_help_panel=options.WORLD,
    ),
]
Base = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="NAME",
        help="The scenario what was found is laid over.",
        rich_help_panel=options.WORLD,
    ),
]
ReplayIt = Annotated[
    bool,
    typer.Option(
        "--replay",
        help="Replay a call log: staff inferred on odd days, daily abandonment predicted on even days and scored.",
        rich_help_panel=options.EFFORT,
    ),
]
HeadStarts = Annotated[
    list[str] | None,
    typer.Option(
        "--head-start",
        metavar="PRIORITY=S",
        help="With --replay: callers of this priority join the queue S seconds ahead, for example 2=90.",
        rich_help_panel=options.EFFORT,
    ),
]
FragmentFile = Annotated[
    str | None,
    typer.Option(
        "--out",
        metavar="FRAGMENT.yaml",
        help="Write what was found as a scenario file that extends the other; the file is whole or not there.",
        rich_help_panel=options.OUTPUT,
    ),
]


def calibrate(  # noqa: PLR0913 - Typer takes one parameter per option
    file: DataFile,
    kind: Kind = None,
    column_texts: ColumnTexts = None,
    base: Base = START_WITH,
    replay: ReplayIt = False,
    head_starts: HeadStarts = None,
    seed: options.Seed = None,
    as_json: options.AsJson = False,
    out: FragmentFile = None,
) -> None:
    """Fit a scenario to what you have: call log, interval report or message funnel; and say what it cannot show."""
    columns, starts = column_texts or [], head_starts or []
    given: list[tuple[str, object]] = [
        ("--kind", kind),
        *(("--column", text) for text in columns),
        ("--from", None if base == START_WITH else base),
        *(("--head-start", text) for text in starts),
        ("--seed", seed),
    ]
    line = command_line("calibrate", file, given) + (" --replay" if replay else "")

    def body(should_stop: ShouldStop) -> ExitCode:
        _refuse_useless(replay, starts, seed)
        target = None if out is None else _target(out, file, base)
        luck = SEED_DEFAULT if seed is None else seed
        with ProgressLine(sys.stderr, monotonic_s) as progress:
            progress.say(f"reading {Path(file).name}")
            from scenarios.calibration.calibrate import calibrate as engine

            found = engine(file, base, kind, columns)
            scored = _replayed(found, luck, starts, progress, should_stop) if replay else None
        if target is not None:
            target.write(_fragment(found, Path(out or "")))
        from tui.cli.calibration_json import calibration_document
        from tui.cli.calibration_text import calibration_text

        deliver(
            Destination.checked(None),
            calibration_document(found, scored),
            lambda: calibration_text(found, scored, text_width(), line, out),
            as_json=as_json,
        )
        return ExitCode.OK

    conduct(
        body,
        line,
        lambda _: "correct it and run the command again; --column NAME=HEADER maps a column by hand",
    )


def _refuse_useless(replay: bool, head_starts: list[str], seed: int | None) -> None:
    """Refuse options that would change nothing.

    Raises:
        BadInput: naming them.
    """
    useless = [
        name for name, said in (("--head-start", bool(head_starts)), ("--seed", seed is not None)) if said
    ]
    if useless and not replay:
        raise BadInput([f"{name}: goes only with --replay; nothing else here is drawn" for name in useless])


def _target(out: str, file: str, base: str) -> Destination:
    path = Path(out)
    if path.suffix not in {".yaml", ".yml"} or not _NAME.fullmatch(path.stem):
        allowed = "lower-case letters, digits, - and _, then .yaml"
        text = f"found {path.name!r}, and the file's name is the scenario's; allowed: {allowed}"
        raise BadInput([f"--out {out}: {text}"])
    return Destination.checked(out, (file, base))


def _fragment(found: Calibration, target: Path) -> str:
    """The fragment's text; a scenario named by its path is named from where the fragment is going to be."""
    from dataclasses import replace

    from scenarios.world.library import is_path

    fragment = found.fragment
    if is_path(fragment.base):
        fragment = replace(fragment, base=os.path.relpath(fragment.base, target.parent or "."))
        if not is_path(fragment.base):
            fragment = replace(fragment, base=f"./{fragment.base}")
    return fragment.to_yaml(target.stem)


def _replayed(
    found: Calibration, seed: int, head_starts: list[str], progress: ProgressLine, should_stop: ShouldStop
) -> Replay:
    if found.calls is None:
        raise BadInput(["--replay: needs single calls; allowed: with a call-level log"])
    from scenarios.calibration.replay import replay_log

    return replay_log(found.calls.log, seed, _head_starts(head_starts), progress.say, should_stop)


def _head_starts(texts: list[str]) -> dict[str, float]:
    problems, starts = [], {}
    for text in texts:
        rank, equals, seconds = (part.strip() for part in text.partition("="))
        try:
            starts[rank] = float(seconds)
            wrong = not equals or not rank or not 0 <= starts[rank] <= 3_600
        except ValueError:
            wrong = True
        if wrong:
            problems.append(
                f"--head-start {text}: found {text!r}; allowed: PRIORITY=SECONDS up to 3600, such as 2=90"
            )
    if problems:
        raise BadInput(problems)
    return starts
