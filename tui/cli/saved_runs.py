"""`sandbox runs`, `sandbox show` and `sandbox rerun`: what was run, what came out, and whether it still does."""

from __future__ import annotations

import contextlib
import io
import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sandbox.errors import BadInput
from scenarios.files import input_files
from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.comparing import report
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import Order, Until, command_line
from tui.cli.saving import open_store
from tui.cli.streams import WIDTH_DEFAULT, text_width, write_err, write_out
from tui.cli.tables import GAP, INDENT, aligned, clipped
from tui.figures import duration

if TYPE_CHECKING:
    from scenarios.saved.runs import SavedRun

SCHEMA = 1
_SHOWN = 20

Run = Annotated[str, typer.Argument(metavar="RUN", help="A number that `sandbox runs` lists, or last.")]
RemovedRuns = Annotated[
    list[str], typer.Argument(metavar="RUN...", help="Numbers that `sandbox runs` lists.")
]
All = Annotated[
    bool, typer.Option("--all", help=f"Every run, not the newest {_SHOWN}.", rich_help_panel=options.OUTPUT)
]


def bare(
    context: typer.Context,
    everything: All = False,
    as_json: options.AsJson = False,
    out: options.Out = None,
    db: options.Db = None,
) -> None:
    """Runs that were saved: list them, show one again, run one again, remove some."""
    if context.invoked_subcommand is None:
        listing(everything, as_json, out, db)


def listing(
    everything: All = False, as_json: options.AsJson = False, out: options.Out = None, db: options.Db = None
) -> None:
    """List the saved runs, newest first."""

    def body(_: ShouldStop) -> ExitCode:
        destination = Destination.checked(out)
        runs = _with_store(db, lambda store: store.listed(None if everything else _SHOWN))
        document = {"schema": SCHEMA, "runs": [_entry(run) for run in runs]}
        width = WIDTH_DEFAULT if out is not None else text_width()
        deliver(destination, document, lambda: list_text(runs, width), as_json=as_json)
        return ExitCode.OK

    conduct(body, command_line("runs", None, [("--db", db)]), _next)


def show(
    run: Run,
    everything: options.Everything = False,
    by: options.By = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
    db: options.Db = None,
) -> None:
    """Print the result of a saved run again, without running anything."""

    def body(_: ShouldStop) -> ExitCode:
        destination = Destination.checked(out)
        saved = _with_store(db, lambda store: store.find(run))
        if saved.result is None:
            text = f"run {saved.id}: {saved.status}, so it has no result; `sandbox rerun {saved.id}` completes it"
            raise BadInput([text])
        if as_json:
            destination.write(saved.result)
            return ExitCode.OK
        destination.write(_shown(saved, saved.result, everything=everything, by=by, out=out))
        if "order" not in saved.about and (everything or by):
            ignored = " and ".join(option for option, given in (("--all", everything), ("--by", by)) if given)
            write_err(f"{ignored}: run {saved.id} is no comparison, so it stands here as it was printed")
        write_err(_made(saved))
        return ExitCode.OK

    conduct(body, command_line("show", run, [("--db", db)]), _next)


def rerun(
    context: typer.Context,
    run: Run,
    jobs: options.Jobs = None,
    cluster: options.Cluster = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
    db: options.Db = None,
) -> None:
    """Run a saved run again: is the result the same, byte for byte? An interrupted run is completed."""
    root = context.find_root().command

    def body(_: ShouldStop) -> ExitCode:
        destination = Destination.checked(out)
        saved = _with_store(db, lambda store: store.find(run))
        if saved.status == "running":
            raise BadInput([f"run {saved.id}: is running; wait for it, or stop it first"])
        effort = [
            word
            for option, value in (("--jobs", jobs), ("--cluster", cluster))
            if value is not None
            for word in (option, str(value))
        ]
        words = [*shlex.split(saved.line)[1:], *effort]
        if saved.result is None:
            return _complete(root, saved, [*words, *_output(out, db, as_json=as_json)])
        for path in _changed_files(saved):
            write_err(f"{path}: changed or gone since; the text that was saved is run")
        with input_files.instead(saved.files), contextlib.redirect_stdout(io.StringIO()) as printed:
            code = _run(root, [*words, "--json", "--no-save"])
        if code not in {ExitCode.OK, ExitCode.EXPECTATION_FAILED}:
            return code
        document = compared(saved, printed.getvalue())
        deliver(destination, document, lambda: compared_text(document, saved), as_json=as_json)
        return ExitCode.OK if document["identical"] else ExitCode.EXPECTATION_FAILED

    conduct(body, command_line("rerun", run, [("--db", db)]), _next)


def remove(runs: RemovedRuns, db: options.Db = None) -> None:
    """Remove saved runs for good."""

    def body(_: ShouldStop) -> ExitCode:
        numbers = _with_store(db, lambda store: store.remove(runs))
        write_out(f"removed: {', '.join(map(str, numbers))}\n")
        return ExitCode.OK

    conduct(body, shlex.join(["sandbox", "runs", "remove", *runs]), _next)


def list_text(runs: Sequence[SavedRun], width: int) -> str:
    """Return the list as a table: number, when, how it ended, from start to end (pauses included), the command."""
    if not runs:
        return "no run is saved yet; sandbox compare retail-bank-200k saves one\n"
    rows = [["run", "began (UTC)", "status", "start to end", "command"]]
    for run in runs:
        status = f"{run.status}, {run.kept} runs kept" if run.kept else run.status
        took = "" if run.ended_ms is None else duration((run.ended_ms - run.started_ms) / 1000)
        rows.append([str(run.id), _when(run.started_ms), status, took, ""])
    lines = aligned(rows, "><<><")
    commands = ["", *(run.line.removeprefix("sandbox ") for run in runs)]
    across = max(map(len, lines)) + len(GAP)
    table = [
        (f"{line:<{across}}{clipped(command, width - across)}").rstrip()
        for line, command in zip(lines, commands, strict=True)
    ]
    unfinished = next((run for run in runs if run.result is None and run.status == "interrupted"), None)
    step = f"sandbox rerun {unfinished.id}" if unfinished else f"sandbox show {runs[0].id}"
    return "\n".join(["SAVED RUNS", *table, "", f"next: {step}"]) + "\n"


def compared(saved: SavedRun, now: str) -> dict[str, Any]:
    """Return whether a run gave the same bytes again, and what changed in between if not."""
    before = saved.result or ""
    return {
        "schema": SCHEMA,
        "run": saved.id,
        "command": saved.line,
        "identical": now == before,
        "sha256": {"saved": _hash(before), "now": _hash(now)},
        "changed": saved.changed_since(),
        "first_difference": None if now == before else _first_difference(before, now),
    }


def compared_text(document: dict[str, Any], saved: SavedRun) -> str:
    """Return the comparison of a run with its saved result in words."""
    lines = []
    if document["identical"]:
        lines.append(f"run {saved.id}: byte-identical")
        lines.append(f"{INDENT}SHA-256 {document['sha256']['now']}")
        lines += [f"{INDENT}although {change}" for change in document["changed"]]
    else:
        lines.append(f"run {saved.id}: DIFFERS from what was saved")
        lines += [f"{INDENT}{change}" for change in document["changed"]]
        if not document["changed"]:
            lines.append(
                f"{INDENT}neither code, rules nor versions changed: this should not be; please report it"
            )
        lines.append(f"{INDENT}first difference: {document['first_difference']}")
    return "\n".join([*lines, f"replay: {saved.line}", f"next:   sandbox show {saved.id}"]) + "\n"


def _with_store(db: str | None, ask: Any) -> Any:
    store = open_store(db)
    try:
        return ask(store)
    finally:
        store.close()


def _complete(root: Any, saved: SavedRun, words: list[str]) -> ExitCode:
    changes = saved.changed_since()
    write_err(f"run {saved.id}: {saved.status}, {saved.kept} runs kept; going on")
    if changes:
        write_err(f"but {'; '.join(changes)}: everything runs anew, as another run")
    with input_files.instead(saved.files):
        return _run(root, words)


def _run(root: Any, words: list[str]) -> ExitCode:
    """Run a command line in this process and return how it left."""
    code = root.main(words, prog_name="sandbox", standalone_mode=False)
    return ExitCode(code if isinstance(code, int) else 0)


def _output(out: str | None, db: str | None, *, as_json: bool) -> list[str]:
    given = [*(("--out", out) if out is not None else ()), *(("--db", db) if db is not None else ())]
    return [*given, *(("--json",) if as_json else ())]


def _shown(
    saved: SavedRun, result: str, *, everything: bool, by: options.Dimension | None, out: str | None
) -> str:
    if "order" not in saved.about:
        return saved.text or result
    from scenarios.outputs.again import comparison_from

    order = order_from(saved.about["order"])
    order = replace(order, out=out, everything=everything or order.everything, by=by or order.by)
    return report(comparison_from(saved.about["comparison"]), saved.about["story"], order)


def order_from(data: dict[str, Any]) -> Order:
    """Return the order that was saved as plain data."""
    until = data["until"]
    given = {**data, "settings": tuple(data["settings"])}
    given["designs"] = None if data["designs"] is None else tuple(data["designs"])
    given["until"] = None if until is None else Until(tuple(until[0]), until[1])
    return Order(**given)


def _changed_files(saved: SavedRun) -> list[str]:
    from pathlib import Path

    def stands(path: str, content: bytes) -> bool:
        try:
            return Path(path).read_bytes() == content
        except OSError:
            return False

    return [path for path, content in saved.files.items() if not stands(path, content)]


def _entry(run: SavedRun) -> dict[str, Any]:
    return {
        "run": run.id,
        "status": run.status,
        "command": run.line,
        "started_ms": run.started_ms,
        "ended_ms": run.ended_ms,
        "code": run.code,
        "rules": run.rules,
        "versions": run.versions,
        "files": {path: sha256(content).hexdigest() for path, content in run.files.items()},
        "kept": run.kept,
    }


def _made(run: SavedRun) -> str:
    changes = run.changed_since()
    since = f"; since then {'; '.join(changes)}" if changes else ""
    return f"run {run.id} of {_when(run.started_ms)} UTC, code {run.code[:12]}, rules {run.rules[:12]}{since}"


def _when(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _first_difference(before: str, now: str) -> str:
    then, here = before.splitlines(), now.splitlines()
    for number, (old, new) in enumerate(zip(then, here, strict=False), 1):
        if old != new:
            return f"line {number}: {old.strip()} then, {new.strip()} now"
    return f"{len(then)} lines then, {len(here)} now"


def _next(problems: list[str]) -> str:
    del problems
    return "`sandbox runs` lists what is saved"
