"""How wrong input is refused: what was found and where, what is allowed, what to do next, within 80 columns."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import typer

from tui.cli.orders import CORRECT_IT, START_WITH
from tui.cli.streams import write_err

WIDTH = 80
"""Columns of a refusal: it is read on any terminal, in a log and in a mail."""

EXAMPLES: Mapping[str, str] = {
    "scenario": START_WITH,
    "--scenario": START_WITH,
    "--keep": "call_abandonment_rate<0.10",
    "--over": "campaign.messages=50000:400000:8",
    "--design": "in-message",
    "--case": "0",
    "--from": "sms-to-call",
    "--to": "in-message",
    "--customer": "facts.json",
    "--out": "FILE",
    "file": "FILE",
    "target": "my.yaml",
    "policy": START_WITH,
    "old": START_WITH,
    "new": "new.yaml",
    "run": "last",
    "runs": "1",
}
"""What may stand for whatever a command cannot do without."""

_NO_BREAK = "\N{NO-BREAK SPACE}"
_COMMAND = re.compile(r"`[^`]*`")


def refuse(problems: Sequence[str], next_step: str = "", line: str = "") -> None:
    """Say on standard error what was wrong, each problem on lines of its own, and what to do next.

    Args:
        problems: what was found.
        next_step: what to do; nothing is said where it is empty.
        line: the command, whose help says what it takes where no better step is known.
    """
    if next_step == CORRECT_IT and line:
        help_ = shlex.join([*shlex.split(line)[:2], "--help"])
        next_step = f"{CORRECT_IT}; `{help_}` says what each option takes"
    for text in [*problems, *([f"Next: {next_step}"] if next_step else [])]:
        write_err("\n".join(within(line) for line in text.splitlines()))


def within(text: str) -> str:
    """Break one line at blanks to 80 columns; neither a word nor a command that fits is broken."""
    held = _COMMAND.sub(
        lambda found: found.group().replace(" ", _NO_BREAK) if len(found.group()) < WIDTH else found.group(),
        text,
    )
    lines = textwrap.wrap(held, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace(_NO_BREAK, " ")


def reword(refused: typer.BadParameter) -> None:
    """Put what the parser says in our words: found and allowed, or what is missing and a command that has it."""
    if getattr(refused, "param_type", "") is None and refused.ctx is not None:
        refused.message = _missing(refused.ctx, getattr(refused, "param", None))
        return
    faults = getattr(refused.__cause__, "errors", None)
    if faults is None:
        return
    first = faults()[0]
    option = getattr(refused, "param", None)
    kind = getattr(getattr(option, "type_descriptor", None), "annotation", None)
    allowed = _allowed(kind, getattr(option, "min", None), getattr(option, "max", None))
    if allowed:
        refused.message = f"found {str(first['input'])!r}; allowed: {allowed}"


def _allowed(kind: object, low: float | None, high: float | None) -> str:
    """What values an option takes, or nothing where only the validator knows."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(str(one.value) for one in kind)
    number = "a whole number" if kind is int else "a number" if kind is float else ""
    if not number:
        return ""
    return number + ("" if low is None else f" from {low:g}") + ("" if high is None else f" to {high:g}")


def _missing(context: Any, missing: Any) -> str:
    """What may be given, and the command with all it cannot do without; what the user gave of it stays."""
    words = context.command_path.split()
    for one in context.command.params:
        if not one.required:
            continue
        option = one.opts[0] if one.opts[0].startswith("--") else ""
        given = context.params.get(one.name)
        example = given if isinstance(given, str) else EXAMPLES[one.opts[0]]
        words += [option, example] if option else [example]
    meaning = str(getattr(missing, "help", "") or "").partition(". ")[0].rstrip(".")
    return f"Allowed: {missing.metavar}. {meaning}. For example: {shlex.join(words)}"
