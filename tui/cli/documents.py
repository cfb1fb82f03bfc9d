"""Delivering what the smaller commands found: text or JSON, to standard output or a file."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tui.cli.destination import Destination
from tui.cli.saving import Saving
from tui.cli.streams import WIDTH_DEFAULT, coloured, text_width, wants_colour


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
    written = _json(document) if as_json else text()
    destination.write(written)
    if run is not None:
        run.finish(lambda: written if as_json else _json(document), text)


def _json(document: dict[str, object]) -> str:
    from scenarios.outputs.as_json import json_text

    return json_text(document)


def laid_out(render: Callable[[int], str], *, to_file: bool) -> str:
    """Return a text for where it goes: a file's width and no colour, or those of the terminal.

    Args:
        render: makes the text for a number of columns.
        to_file: what stands in a file does not depend on the window it was made from.
    """
    if to_file:
        return render(WIDTH_DEFAULT)
    text = render(text_width())
    return coloured(text) if wants_colour(sys.stdout) else text
