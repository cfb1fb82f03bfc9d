"""Look through what the product lets out for anything that belongs to a customer, or opens a door."""

from __future__ import annotations

import re
from collections.abc import Iterable

from scenarios.persona import display_name
from scenarios.run import CompareRequest, prepare
from scenarios.task import replication_seed

PATTERNS = {
    "email address": re.compile(r"[\w.+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}"),
    "phone number": re.compile(
        r"(?<![\w.])(?:\+44|\+1|\(0\d{2,4}\))(?:[ ()-]*\d){7,}|(?<![\w.])07\d{3} ?\d{6}\b"
    ),
    "card number": re.compile(r"\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}\b"),
    "postcode": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"),
    "link token": re.compile(
        r"\b[a-z0-9_-]{1,24}\.[0-9a-f]+\.[0-9a-f]+\.[a-z0-9_-]+\.[0-9a-f]+\.[0-9a-f]+\.[\w-]{20,}"
    ),
    "one-time code in words": re.compile(r"[Cc]ode is \d"),
    "account number": re.compile(r"account_id[\"']?\s?[=: ]\s?\"?\d"),
}
"""What such things look like, whoever made them."""

ROWS_NEED = frozenset({"account number"})
"""What a raw trail must hold to be worked on after a restart; such a file is what the seal is for."""


_DIGITS = re.compile(r"[0-9]+")


def _is_code(secret: str) -> bool:
    """Whether a text is digits alone, and so stands in a text exactly where it stands in a run of digits."""
    return secret.isascii() and secret.isdigit()


def _spans(runs: Iterable[str], length: int) -> set[str]:
    """Every span of a length in runs of digits: thousands of codes are looked up in it rather than in the text."""
    return {run[start : start + length] for run in runs for start in range(len(run) - length + 1)}


class Sweep:
    """Knows what a run made, and finds it again in any text.

    Args:
        secrets: exact text to what it is.
    """

    def __init__(self, secrets: dict[str, str] | None = None) -> None:
        """Start with what is known already."""
        self.secrets = dict(secrets or {})

    def know(self, text: str, what: str) -> None:
        """Remember something that must not come out."""
        self.secrets[text] = what

    def find(self, text: str, allowed: Iterable[str] = ()) -> list[str]:
        """Return what kinds of things were found, each with how it begins; an empty list is a clean text."""
        runs = _DIGITS.findall(text)
        spans = {
            length: _spans(runs, length) for length in {len(one) for one in self.secrets if _is_code(one)}
        }
        found = [
            f"{what}: {secret[:3]}…"
            for secret, what in self.secrets.items()
            if (secret in spans[len(secret)] if _is_code(secret) else secret in text)
        ]
        for what, pattern in PATTERNS.items():
            if what not in allowed:
                found += [f"{what}: {hit.group()[:8]}…" for hit in pattern.finditer(text)]
        return found


def names_of(scenario: str, cases: int) -> dict[str, str]:
    """Every synthetic name of the first cases of a scenario's first run."""
    document = prepare(CompareRequest(scenario))[0].document
    seed = replication_seed(document.seed, 0)
    return {display_name(seed, case): "name" for case in range(cases)}
