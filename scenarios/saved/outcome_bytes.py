"""An outcome as bytes and back: compressed JSON with a version, so that a file from elsewhere can only hold data."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from dataclasses import fields
from typing import Any

from sandbox.errors import RuleBroken
from sandbox.scorecard.outcome import Part, RunOutcome
from sandbox.scorecard.touches import Touches

FORMAT = 1
"""Rises when older bytes can no longer be read; those are then run again."""

_BYTES = ("resolved_ms", "censored_ms", "resolved_who", "censored_who", "case_marks")
_QUICK = 1
"""Compression level: times in order shrink as well at once as with effort."""


def encoded(outcome: RunOutcome) -> bytes:
    """Return an outcome as bytes.

    Raises:
        RuleBroken: something other than whole numbers and names got into it.
    """
    content: dict[str, Any] = {field.name: getattr(outcome, field.name) for field in fields(outcome)}
    for name in _BYTES:
        content[name] = b64encode(content[name]).decode("ascii")
    content["touches"] = outcome.touches._asdict()
    try:
        text = json.dumps({"format": FORMAT, "outcome": content}, separators=(",", ":"))
    except TypeError as error:
        raise RuleBroken(f"an outcome that JSON has no form for: {error}") from error
    return zlib.compress(text.encode("ascii"), _QUICK)


def decoded(data: bytes) -> RunOutcome | None:
    """Return the outcome that `encoded` made bytes of; None for another format or damaged bytes."""
    try:
        document = json.loads(zlib.decompress(data))
        return _read(document["outcome"]) if document["format"] == FORMAT else None
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError):
        return None


def _read(content: dict[str, Any]) -> RunOutcome:
    for name in _BYTES:
        content[name] = b64decode(content[name], validate=True)
    content["ratios"] = _series(content["ratios"])
    content["parts"] = {
        dimension: {value: Part(_series(part[0]), part[1]) for value, part in parts.items()}
        for dimension, parts in content["parts"].items()
    }
    content["bands"] = tuple(content["bands"])
    content["contacts"] = None if content["contacts"] is None else tuple(content["contacts"])
    content["touches"] = Touches(**content["touches"])
    return RunOutcome(**content)


def _series(ratios: dict[str, Any]) -> dict[str, tuple[list[int], list[int]]]:
    return {name: (above, below) for name, (above, below) in ratios.items()}
