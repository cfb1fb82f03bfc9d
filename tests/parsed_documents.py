"""What every shipped YAML file comes to, kept beside the reader: what should stand there, and writing it.

    python tests/parsed_documents.py

writes the file anew; do so after a change to a shipped file (tests/scenarios/files/test_parsed.py holds it equal).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "scenarios" / "files" / "shipped.json"


def shipped_texts() -> dict[Path, str]:
    """Return the text of every shipped YAML file, in the order of their paths."""
    files = (path for package in ("sandbox", "scenarios") for path in (ROOT / package).rglob("*.yaml"))
    return {path: path.read_text(encoding="utf-8") for path in sorted(files)}


def kept_text() -> str:
    """Return what should stand in the file: one line for each shipped file, so that a change to one shows as one."""
    from scenarios.files.reader import digest, parsed_anew

    documents = ((text, parsed_anew(text, path.name)) for path, text in shipped_texts().items())
    entries = (f'"{digest(text)}":{_packed([one.data, one.lines])}' for text, one in documents)
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _packed(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    KEPT.write_text(kept_text(), encoding="utf-8")
