"""What every shipped YAML file comes to, kept beside the reader: what should stand there, and writing it.

    python tests/parsed_documents.py

writes the folder anew; do so after a change to a shipped file (tests/scenarios/files/test_parsed.py holds it equal).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "scenarios" / "files" / "parsed"


def shipped_texts() -> dict[Path, str]:
    """Return the text of every shipped YAML file."""
    files = (path for package in ("sandbox", "scenarios") for path in (ROOT / package).rglob("*.yaml"))
    return {path: path.read_text(encoding="utf-8") for path in sorted(files)}


def parsed() -> dict[str, str]:
    """Return what should stand in the folder: file name to content, one line for each."""
    from scenarios.files.reader import parsed_anew, parsed_name

    documents = ((text, parsed_anew(text, path.name)) for path, text in shipped_texts().items())
    return {
        parsed_name(text): json.dumps([one.data, one.lines], ensure_ascii=False, separators=(",", ":"))
        for text, one in documents
    }


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for name, content in parsed().items():
        (FOLDER / name).write_text(content + "\n", encoding="utf-8")
