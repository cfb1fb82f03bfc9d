"""`sandbox audit key`, `seal` and `unseal`: files with customer data, sealed with a key of one's own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.errors import BadInput
from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import command_line
from tui.cli.streams import write_err
from tui.entropy import fresh_bytes

if TYPE_CHECKING:
    from scenarios.files.sealing import SealKey

SealKeyFile = Annotated[
    str | None,
    typer.Option(
        "--seal-key",
        metavar="FILE",
        help="The key what is written is sealed with, or what is read is opened with. Default: SANDBOX_SEAL_KEY.",
        rich_help_panel=options.OUTPUT,
    ),
]
File = Annotated[str, typer.Argument(metavar="FILE", help="The file.")]
Target = Annotated[
    str,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write the result to FILE; the file is whole or not there.",
        rich_help_panel=options.OUTPUT,
    ),
]

_NEXT = "correct it and run the command again; `sandbox audit key --out FILE` makes a key"


def audit_line(verb: str, target: str | None, given: Iterable[tuple[str, object]]) -> str:
    """Return the command line of a command of the group `audit`."""
    return command_line(verb, target, given).replace("sandbox ", "sandbox audit ", 1)


def seal_key(path: str | None) -> SealKey | None:
    """Return the key named by `--seal-key` or held by SANDBOX_SEAL_KEY; None when there is neither.

    Raises:
        BadInput: what is given is no key.
    """
    from scenarios.files.sealing import key_from

    return key_from(path, os.environ)


def sealed(pieces: Iterable[bytes], key: SealKey | None) -> Iterable[bytes]:
    """Seal what is about to be written, if there is a key."""
    if key is None:
        return pieces
    from scenarios.files.sealing import SALT_BYTES, seal

    return seal(pieces, key, fresh_bytes(SALT_BYTES))


def key(out: Target) -> None:
    """Make a new seal key in a file that only its owner may read."""

    def body(should_stop: ShouldStop) -> ExitCode:
        del should_stop  # made at once
        if Path(out).exists():
            raise BadInput([f"--out {out}: exists; a key is never overwritten; allowed: a new name"])
        destination = Destination.checked(out)
        from scenarios.files.sealing import KEY_BYTES, SealKey

        made = SealKey(fresh_bytes(KEY_BYTES))
        destination.write_pieces([f"{made.to_text()}\n".encode()], private=True)
        write_err(
            f"key {made.key_id.hex()}: keep it apart from what it seals; without it nothing opens again"
        )
        write_err(f"next: {audit_line('seal', 'FILE', [('--seal-key', out), ('--out', 'FILE.sealed')])}")
        return ExitCode.OK

    conduct(body, audit_line("key", None, [("--out", out)]), lambda _: _NEXT)


def seal(file: File, out: Target, key_file: SealKeyFile = None) -> None:
    """Seal a file that is not in use, for example a copy of a database: its text cannot be read or changed unseen."""

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (file, key_file))
        from scenarios.files.sealed_files import open_unsealed

        using = _needed(key_file)
        destination.write_pieces(sealed(open_unsealed(file, should_stop), using))
        write_err(f"sealed with key {using.key_id.hex()}; the file it was made from is still there")
        write_err(f"next: {audit_line('unseal', out, [('--seal-key', key_file)])} --out FILE")
        return ExitCode.OK

    conduct(body, audit_line("seal", file, [("--seal-key", key_file), ("--out", out)]), lambda _: _NEXT)


def unseal(file: File, out: Target, key_file: SealKeyFile = None) -> None:
    """Open a sealed file; what was changed or cut short is refused and nothing is written."""

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (file, key_file))
        from scenarios.files.sealed_files import open_file

        found = open_file(file, _needed(key_file), should_stop)
        if not found.sealed:
            raise BadInput([f"{file}: is not sealed; allowed: a file sealed by this product"])
        destination.write_pieces(found.pieces, private=True)
        return ExitCode.OK

    conduct(body, audit_line("unseal", file, [("--seal-key", key_file), ("--out", out)]), lambda _: _NEXT)


def _needed(path: str | None) -> SealKey:
    found = seal_key(path)
    if found is None:
        from scenarios.files.sealing import KEY_VARIABLE

        raise BadInput([f"--seal-key: missing; allowed: a key file, or the key in {KEY_VARIABLE}"])
    return found
