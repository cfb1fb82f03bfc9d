"""Delivering what the smaller commands found: text or JSON, to standard output or a file."""

from __future__ import annotations

from collections.abc import Callable

from tui.cli.destination import Destination
from tui.cli.saving import Saving


def deliver(
    destination: Destination,
    document: dict[str, object],
    text: Callable[[], str],
    *,
    as_json: bool,
    run: Saving | None = None,
) -> None:
    """Write `document` as JSON, or the text that says the same; then save it, where it is to be saved.

    Args:
        destination: where to; checked before the work began.
        document: the machine-readable form.
        text: makes the human-readable form; called only when wanted.
        as_json: which of the two.
        run: the saved run this is the result of, or None.
    """
    if as_json:
        destination.write(_json(document))
    else:
        destination.write(text())
    if run is not None:
        run.finish(_json(document), text)


def _json(document: dict[str, object]) -> str:
    from scenarios.outputs.as_json import json_text

    return json_text(document)
