"""What one decision of every shipped policy costs, in microseconds of CPU.

    python tests/benchmarks/bench_policy.py [--decisions N] [--smoke]

Each policy is compiled once and decides for accounts of every arrears band with and without details; the least of
five rounds counts. Exit codes: 0 every policy is within the bar, 1 one is not (never with --smoke).
"""

from __future__ import annotations

import argparse
import sys
from itertools import product
from time import process_time_ns

from sandbox.model import AccountFacts, ArrearsBand
from sandbox.policy.compile import compile_policy
from sandbox.policy.document import PolicyDocument
from sandbox.policy.postings import canonical_json
from sandbox.policy.vocabulary import FactRule
from scenarios.policies.reading import read_policy_of
from scenarios.world.library import shipped

DECISIONS = 200_000
SMOKE_DECISIONS = 2_000
MICROSECONDS_MAX = 9.0
"""Single microseconds: a decision is made twice for every case that opens a link."""

_ROUNDS = 5


def accounts_for(document: PolicyDocument) -> list[AccountFacts]:
    """Return accounts that reach every list of rules."""
    details = canonical_json({name: _value(rule) for name, rule in document.facts.items()})
    return [
        AccountFacts(1, "open", band, 100_000, 40_000, broken, False, False, True, 1, False, details)
        for band, broken in product(ArrearsBand, range(4))
    ]


def _value(rule: FactRule) -> object:
    if rule.one_of is not None:
        return rule.one_of[0]
    return {"flag": False, "date": "2026-01-31", "text": "x"}.get(rule.kind, rule.at_least)


def microseconds(document: PolicyDocument, decisions: int) -> float:
    """Return the CPU of one decision, the least of several rounds."""
    decide, accounts = compile_policy(document).decide, accounts_for(document)
    rounds = max(1, decisions // len(accounts))
    least = float("inf")
    for _ in range(_ROUNDS):
        began_ns = process_time_ns()
        for _ in range(rounds):
            for account in accounts:
                decide(account)
        least = min(least, (process_time_ns() - began_ns) / (rounds * len(accounts) * 1_000))
    return least


def main() -> int:
    """Measure every shipped policy and print a line for each."""
    parser = argparse.ArgumentParser(description="CPU of one decision of every shipped policy")
    parser.add_argument("--decisions", type=int, default=DECISIONS)
    parser.add_argument("--smoke", action="store_true", help="a short run; the bar is not judged")
    given = parser.parse_args()
    slow = 0
    for name in shipped("policy"):
        cost = microseconds(
            read_policy_of(name).document, SMOKE_DECISIONS if given.smoke else given.decisions
        )
        slow += cost > MICROSECONDS_MAX
        sys.stdout.write(f"{name:32} {cost:6.2f} us per decision (bar {MICROSECONDS_MAX:g})\n")
    return 1 if slow and not given.smoke else 0


if __name__ == "__main__":
    sys.exit(main())
