"""Reading what a refusal says, wherever its lines were broken."""

from __future__ import annotations


def refusal_lines(text: str) -> list[str]:
    """Each problem and the next step on one line; what goes on is indented."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("  ") and lines:
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line)
    return lines


def as_said(text: str) -> str:
    """All of it on one line."""
    return " ".join(text.split())
