"""Delivering what the smaller commands found: text or JSON, to standard output or a file."""

from __future__ import annotations

from collections.abc import Callable

from tui.cli.destination import Destination


def deliver(
    destination: Destination, document: dict[str, object], text: Callable[[], str], *, as_json: bool
) -> None:
    """Write `document` as JSON, or the text that says the same.

    Args:
        destination: where to; checked before the work began.
        document: the machine-readable form.
        text: makes the human-readable form; called only when wanted.
        as_json: which of the two.
    """
    if as_json:
        from scenarios.outputs.as_json import json_text

        destination.write(json_text(document))
    else:
        destination.write(text())
