"""`sandbox audit export` and `sandbox audit verify`: the trail taken out and checked, or some cases' evidence."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.errors import BadInput
from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.audit_text import evidence_document, evidence_text, export_document, export_text, verify_text
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import Order, next_step
from tui.cli.progress import ProgressLine
from tui.cli.sealing import SealKeyFile, audit_line, seal_key, sealed
from tui.cli.streams import WIDTH_DEFAULT, text_width, write_err
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from sandbox.audit.chain import Head
    from scenarios.files.sealing import SealKey

SCHEMA = 1

Cases = Annotated[
    list[int] | None,
    typer.Option(
        "--case",
        min=0,
        metavar="ID",
        help="Instead of all rows, the evidence of this case. May be repeated.",
        rich_help_panel=options.OUTPUT,
    ),
]
HeadFile = Annotated[
    str | None,
    typer.Option(
        "--head",
        metavar="FILE",
        help="Write the trail's head to FILE, to be kept where nobody who can write the trail can write.",
        rich_help_panel=options.OUTPUT,
    ),
]
HeadGiven = Annotated[
    str | None,
    typer.Option(
        "--head",
        metavar="HEAD",
        help="The head kept outside the trail: the file it is in, or the line itself. Without it a cut tail "
        "cannot be seen.",
    ),
]
TrailFile = Annotated[str, typer.Argument(metavar="FILE", help="A trail written by `sandbox audit export`.")]


def export(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario,
    design: options.Design = None,
    cases: Cases = None,
    settings: options.Settings = None,
    seed: options.Seed = None,
    head: HeadFile = None,
    key_file: SealKeyFile = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
) -> None:
    """Run a design and write its audit trail as JSON Lines with the head to keep apart, or some cases' evidence."""
    order = Order(
        verb="audit", scenario=scenario, settings=tuple(settings or ()), seed=seed, as_json=as_json, out=out
    )
    given = [("--design", design), *(("--set", one) for one in order.settings), ("--seed", seed)]

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario, key_file))
        with_head = Destination.checked(head, (scenario, key_file, out), "--head")
        key = seal_key(key_file) if out is not None or key_file is not None else None
        _refuse(cases, head, key, order)
        if cases:
            _export_evidence(order, design, list(dict.fromkeys(cases)), destination, key, should_stop)
        else:
            _export_trail(order, design, (destination, with_head), (key, key_file), should_stop)
        return ExitCode.OK

    replay = audit_line("export", scenario, [*given, *(("--case", case) for case in cases or ())])
    conduct(body, replay=replay, next_step=lambda problems: next_step(scenario, problems))


def verify(
    file: TrailFile,
    head: HeadGiven = None,
    key_file: SealKeyFile = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
) -> None:
    """Check an exported trail: every row, their order, and with --head that nothing is missing at the end."""

    def body(should_stop: ShouldStop) -> ExitCode:
        named = None if head is None or _is_line(head) else head
        destination = Destination.checked(out, (file, key_file, named))
        from scenarios.evidence.trail_file import check_trail
        from scenarios.files.sealed_files import open_file

        kept = None if head is None else _head(head)
        found = open_file(file, seal_key(key_file), should_stop)
        with ProgressLine(sys.stderr, monotonic_s) as line:
            line.say(f"checking {file}")
            check = check_trail(found.pieces, kept)
        document: dict[str, object] = {
            "schema": SCHEMA,
            "file": file,
            "ok": check.ok,
            "rows": check.rows,
            "cases": check.cases,
            "sealed": found.sealed,
            "head_checked": check.head_checked,
            "at_row": check.at_row,
            "problem": check.problem,
            "note": check.note,
        }
        width = WIDTH_DEFAULT if out is not None else text_width()
        deliver(destination, document, lambda: verify_text(file, check, found.sealed, width), as_json=as_json)
        return ExitCode.OK if check.ok else ExitCode.EXPECTATION_FAILED

    replay = audit_line("verify", file, [("--head", head), ("--seal-key", key_file)])
    again = (
        "correct it and run the command again; `sandbox audit export NAME --out FILE --head HEAD` writes both"
    )
    conduct(body, replay=replay, next_step=lambda _: again)


def _refuse(cases: list[int] | None, head: str | None, key: SealKey | None, order: Order) -> None:
    """Refuse what cannot go together, before anything is run."""
    problems = []
    if cases and head is not None:
        problems.append("--head: the evidence of cases has no head; allowed: without --case")
    if order.as_json and not cases and order.out is None:
        problems.append("--json: rows are JSON Lines already; allowed: with --out FILE, or with --case ID")
    if key is not None and order.out is None:
        problems.append("--seal-key: what is sealed goes to a file; allowed: with --out FILE")
    if problems:
        raise BadInput(problems)


def _export_trail(
    order: Order,
    design: str | None,
    to: tuple[Destination, Destination],
    sealing: tuple[SealKey | None, str | None],
    should_stop: ShouldStop,
) -> None:
    """Write rows and head.

    Args:
        order: what was asked for.
        design: which design.
        to: where rows and head go.
        sealing: the key, and the file it came from.
        should_stop: polled.
    """
    destination, with_head = to
    key, key_file = sealing
    with ProgressLine(sys.stderr, monotonic_s) as line:
        line.say("reading the scenario")
        from scenarios.evidence.audit_export import export_trail

        def write(rows: Iterator[bytes]) -> None:
            line.say("writing the trail")
            destination.write_pieces(sealed(rows, key))

        found = export_trail(order.request(), design, write, should_stop, line.follow(1))
    if with_head.path is not None:
        with_head.write(f"{found.head_text}\n")
    key_id = "" if key is None else key.key_id.hex()
    if destination.path is None:
        write_err(
            export_text(found, order, (str(with_head.path or ""), key_file), key_id, text_width()).rstrip()
        )
        return
    text = export_text(found, order, (str(with_head.path or ""), key_file), key_id, text_width())
    deliver(Destination(None), export_document(found, order, key_id), lambda: text, as_json=order.as_json)


def _export_evidence(
    order: Order,
    design: str | None,
    cases: list[int],
    destination: Destination,
    key: SealKey | None,
    should_stop: ShouldStop,
) -> None:
    with ProgressLine(sys.stderr, monotonic_s) as line:
        line.say("reading the scenario")
        from scenarios.evidence.audit_export import export_evidence

        found = export_evidence(order.request(), design, cases, should_stop, line.follow(1))
    if order.as_json:
        from scenarios.outputs.as_json import json_text

        text = json_text(evidence_document(found))
    else:
        text = evidence_text(found, order, WIDTH_DEFAULT if order.out is not None else text_width())
    destination.write_pieces(sealed([text.encode()], key))


def _is_line(head: str) -> bool:
    return head.lstrip().startswith("{")


def _head(given: str) -> Head:
    """Read the head kept outside: a line of JSON, or the file it is in."""
    from sandbox.audit.chain import head_from_text

    if _is_line(given):
        return head_from_text(given)
    try:
        with Path(given).open("rb") as file:
            text = file.read(4_096).decode("ascii", "replace")  # a head is some 120 characters
    except OSError as fault:
        raise BadInput([f"--head {given}: cannot be read: {fault.strerror or fault}"]) from None
    return head_from_text(text)
