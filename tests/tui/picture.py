"""Draw the README's pictures of the screens from real runs.

python tests/tui/picture.py [NAME...]
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")

from tui.app import SandboxApp
from tui.library import load_library
from tui.runner import LibraryRunner, prepare_process_pools

SIZE = (120, 40)
HERE = Path(__file__).parent / "pictures"
SCENARIO = "retail-bank-200k"
PICTURES = {
    "compare": ("r", "✔"),
    "what-if": ("2 enter backspace backspace backspace backspace backspace backspace 1 0 0 0 0 0", "exact"),
    "cases": ("3 r slash t w i c e enter enter end", "chain"),
    "phone": ("4 d d k enter enter down enter", "kept"),
}
"""Keys to press for each, and a word without which the picture is not what it should be."""


async def draw(name: str) -> None:
    """Press the keys in the app at 120x40 and save the screen as SVG."""
    keys, word = PICTURES[name]
    app = SandboxApp(LibraryRunner(), load_library, SCENARIO)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()  # the library is read once the first frame stands
        await app.workers.wait_for_complete()
        for key in keys.split():
            await pilot.press(key)
            await app.workers.wait_for_complete()
            await app.keyboard.quiet()
            await pilot.pause()
        path = HERE / f"{name}.svg"
        path.parent.mkdir(exist_ok=True)
        path.write_text(app.export_screenshot(title="sandbox"), encoding="utf-8")
        if word not in path.read_text(encoding="utf-8"):
            message = f"the screen does not show {word!r}; look at {path}"
            raise RuntimeError(message)


if __name__ == "__main__":
    prepare_process_pools()
    for wanted in sys.argv[1:] or PICTURES:
        asyncio.run(draw(wanted))
