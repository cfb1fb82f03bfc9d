"""Draw the README's picture of the Compare screen from a real run.

python tests/tui/picture.py [SCENARIO [PATH]]
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


async def draw(scenario: str, path: Path) -> None:
    """Run a scenario in the app at 120x40 and save the screen as SVG."""
    app = SandboxApp(LibraryRunner(), load_library, scenario)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()  # the library is read once the first frame stands
        await app.workers.wait_for_complete()
        await pilot.pause()
        await pilot.press("r")
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        path.parent.mkdir(exist_ok=True)
        path.write_text(app.export_screenshot(title="sandbox"), encoding="utf-8")
        if "done" not in path.read_text(encoding="utf-8"):
            message = f"the run did not come to its end; look at {path}"
            raise RuntimeError(message)


if __name__ == "__main__":
    prepare_process_pools()
    name = sys.argv[1] if len(sys.argv) > 1 else "retail-bank-200k"
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else HERE / "compare.svg"
    asyncio.run(draw(name, target))
