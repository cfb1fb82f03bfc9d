"""Settings as they are typed, "path=value" or "path*=factor": which of several take effect.

Apart from `settings`, which checks and applies them, so that a command line can be printed without it.
"""

from __future__ import annotations

from collections.abc import Iterable

FACTOR = "*"
"""Ends a path whose value is multiplied."""


def key_of(text: str) -> str:
    """Return the path of a setting with its star, if it has one; spaces around either are nothing."""
    key = text.partition("=")[0].strip()
    return f"{path_of(key)}{FACTOR}" if key.endswith(FACTOR) else key


def path_of(key: str) -> str:
    """Return a path without its star."""
    return key.removesuffix(FACTOR).rstrip()


def in_effect(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the settings that count, each path once: the last one, and a factor only if no value comes after it.

    Args:
        texts: as given to `--set`, in order.
    """
    counted: dict[str, str] = {}
    for text in texts:
        key = key_of(text)
        counted.pop(key, None)  # the later one also takes effect later
        counted.pop(f"{key}{FACTOR}", None)
        counted[key] = text
    return tuple(counted.values())
