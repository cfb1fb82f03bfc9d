"""Where a result goes: standard output, or a file that is either whole or not there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import BadInput
from tui.cli.streams import write_err, write_out


@dataclass(frozen=True, slots=True)
class Destination:
    """A place for one text, checked before the run that makes it.

    Attributes:
        path: the file behind `--out` (links followed), or None for standard output.
        named: the option or command that named the file, for messages.
    """

    path: Path | None
    named: str = "--out"

    @classmethod
    def checked(cls, out: str | None, inputs: Iterable[str | None] = (), named: str = "--out") -> Destination:
        """Return the destination, or refuse one that could not be written at the end of the run.

        Args:
            out: the value of `--out`.
            inputs: names of files the run reads; none of them may be overwritten.
            named: the option or command that named the file.

        Raises:
            BadInput: a directory, a missing or closed folder, or an input of the same run.
        """
        if out is None:
            return cls(None, named)
        path = Path(out).resolve()
        problem = _refusal(path, inputs)
        if problem:
            raise BadInput([f"{named} {out}: {problem}"])
        return cls(path, named)

    def write(self, text: str) -> None:
        """Write the whole text, or nothing.

        Raises:
            BadInput: the file system refused (a full disk, a withdrawn right).
        """
        self.write_pieces([text.encode()])

    def write_pieces(self, pieces: Iterable[bytes], *, private: bool = False) -> None:
        """Write a result that comes in pieces, all of it or nothing; standard output takes text only.

        Args:
            pieces: the result; whatever they raise leaves no file behind.
            private: a new file is its owner's alone.

        Raises:
            BadInput: the file system refused (a full disk, a withdrawn right).
        """
        if self.path is None:
            for piece in pieces:
                write_out(piece.decode())
            return
        try:
            _write_whole(self.path, pieces, 0o600 if private else 0o666)
        except OSError as fault:
            text = f"{self.named} {self.path}: could not be written: {fault.strerror or fault}"
            raise BadInput([text]) from fault
        write_err(f"written to {self.path}")


def _refusal(path: Path, inputs: Iterable[str | None]) -> str:
    if path.is_dir():
        return "is a directory; allowed: the name of a file"
    folder = path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist; allowed: a file in an existing folder"
    if not os.access(path if _is_special(path) else folder, os.W_OK):
        return f"no right to write in {folder}; allowed: a file in a folder you may write to"
    if any(name is not None and Path(name).exists() and path == Path(name).resolve() for name in inputs):
        return "this run reads that file; allowed: another name"
    return ""


def _write_whole(path: Path, pieces: Iterable[bytes], mode: int) -> None:
    if _is_special(path):  # a device or a pipe cannot be replaced by a renamed file
        with path.open("wb") as file:
            file.writelines(pieces)
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.unlink(missing_ok=True)
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:  # noqa: PTH123
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file()
