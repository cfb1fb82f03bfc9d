"""A policy that remembers its decisions, for runs that put the same accounts to it again and again.

A decision is a pure function of the account's facts, so a remembered one is the decision. Admissions are not
remembered: they are a few comparisons, cheaper than looking them up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from sandbox.model import AccountFacts
from sandbox.policy.decide import Policy
from sandbox.policy.decision import Decision


@dataclass(slots=True)
class Decisions:
    """Decisions of one policy by the facts they rest on; the first to come are kept.

    Attributes:
        most: decisions kept at most, of some 1 kB each.
    """

    most: int
    by_facts: dict[AccountFacts, Decision] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RememberingPolicy(Policy):
    """A policy with the decisions it has made.

    Attributes:
        memory: those decisions; of this policy and no other.
    """

    memory: Decisions = field(default_factory=lambda: Decisions(0), compare=False)

    def decide(self, facts: AccountFacts) -> Decision:
        """Say what this account may do now."""
        known = self.memory.by_facts
        found = known.get(facts)
        if found is None:
            found = Policy.decide(self, facts)  # super() finds no class in a slotted dataclass
            if len(known) < self.memory.most:
                known[facts] = found
        return found


def remembering(policy: Policy, memory: Decisions) -> RememberingPolicy:
    """Return a policy that remembers in `memory`, which must belong to the same document."""
    told = {one.name: getattr(policy, one.name) for one in fields(Policy) if one.init}
    return RememberingPolicy(**told, memory=memory)
