"""The shape of a policy document, part by part; whether the parts fit together says `sandbox.policy.document`.

The language, as a document is written (a number may stand bare, or as {value, source, range, note}):

    policy, version, title, trigger       name (as the file), edition, words for people, the event that opens a case
    completion: {customer_action, policy_condition, writeback_destination, evidence: [..]}
    facts:                                facts of this workflow beyond those of every account; kept in its details
      NAME: {kind: word, one_of: [..]}    kinds: word | number | money (minor units) | flag | date | text
      NAME: {kind: number, at_least: 0, at_most: 365, default: 0}
                                          default = what holds where the core has no value; without one such an
                                          account goes to a person, reason missing_data (rule missing-data)
    link_terms: {payee, amount: overdue | balance, accepts: exactly | up_to}
                                          what the link in a message is signed for, as it stands when the message
                                          leaves: a payment by it goes to that payee and takes no more
    segments:                             first match wins; the last one, and only it, has no `when`
      - {segment: NAME, when: TESTS}
    exclude_when, person_when:            [{rule: NAME, when: TESTS, reason: CODE}], first match wins
    actions:
      NAME:
        effect: change                    payment | promise | dispute | change; pay_now, promise_to_pay and dispute
                                          may leave it out
        identity: code_and_facts          link < code < login < code_and_facts < known_facts; a change is never opened
                                          by link or code alone
        routine: true                     false = judgement work, always to a person (outcome "dispute" of `choose`)
        segments: [NAME, ..]              omitted = every segment; elsewhere blocked, reason not_in_segment
        amount: {minimum_minor, minimum_percent_of_overdue, maximum: overdue | balance}
                                          payment, promise, dispute: must; change: must not
        due_days: {min, max}              payment, promise, dispute only
        form: {heading, reads, submit, confirms, fields}
                                          heading and reads may show facts: {overdue}, {balance},
                                          {arrears_band}, {broken_promises} and this workflow's own
          fields:
            NAME: {kind: .., label: .., optional: false, sensitive: false}, and by kind:
              text      chars_min 1, chars_max 100, pattern        token   pattern
              choice    one_of                                     money   at_least_minor 0, at_most_minor
              date      at_least_days 0, at_most_days (from today) month   the same, of the month's last day
              tick      has to be ticked
              document  types, expires_after_days_min 0, kb_max    submitted as {type, expires, kb, reference}
        writeback: {status, set: {DETAIL: value or $field}, flags: {add, remove}, documents: [field], note,
                    completes: true}      `set` may write details no rule tests; a declared fact only gets what it can
                                          be; flags are declared facts of kind flag
        evidence: [CODE, ..]              at least one
        blocked_when: [rule, ..]          as above
    exception_triggers: [CODE, ..]

    TESTS = {FACT: {equals: v} | {one_of: [..]} | {at_least: n, at_most: n}}, all of them must hold

Rules test facts with a closed vocabulary: a document can be reviewed by somebody who does not read Python, and
nothing in it is ever evaluated as code. Numbers arrive bare; whoever reads the file keeps where they come from.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sandbox.model import LEDGER_ACTIONS
from sandbox.policy.forms import Form
from sandbox.policy.link_terms import LinkTermsRule
from sandbox.policy.postings import EffectKind, WritebackRule
from sandbox.policy.vocabulary import (
    KNOWN_FACTS,
    Code,
    Days,
    FactRule,
    FactTest,
    Level,
    Part,
    Percent,
    Slug,
    Text,
    Whole,
)

__all__ = ["KNOWN_FACTS", "ActionRule", "FactTest", "PolicyShape", "Rule", "Segment"]


class Rule(Part):
    """A named rule that holds when every one of its tests does, and the reason code it then gives."""

    rule: Slug
    when: Annotated[dict[str, FactTest], Field(min_length=1)]
    reason: Code


class Segment(Part):
    """A part of the customers that may be offered other actions than the rest; the last has no `when`."""

    segment: Slug
    when: Annotated[dict[str, FactTest], Field(min_length=1)] | None = None


class AmountLimits(Part):
    """What a customer may enter as an amount, in minor units.

    The least is the greater of the fixed minimum and the percentage of the overdue amount (rounded up to a
    whole minor unit), but never more than an overdue amount or the maximum: the last small rest can be paid.
    Only a fixed minimum of 0 without a percentage lets an action be taken without an amount.
    """

    minimum_minor: Whole
    minimum_percent_of_overdue: Percent = Decimal(0)
    maximum: Literal["overdue", "balance"]


class DueDays(Part):
    """Days from today in which a promised payment may fall, both ends included."""

    min: Days = 0
    max: Days = 0

    @model_validator(mode="after")
    def _is_a_range(self) -> DueDays:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}: no date could be chosen")
        return self


class ActionRule(Part):
    """When an action is offered, to whom, within which limits, what it changes and leaves as evidence."""

    identity: Level
    routine: Annotated[bool, Field(strict=True)]
    effect: EffectKind | None = None
    segments: Annotated[tuple[Slug, ...], Field(min_length=1)] | None = None
    amount: AmountLimits | None = None
    due_days: DueDays = DueDays()
    form: Form | None = None
    writeback: WritebackRule | None = None
    evidence: tuple[Code, ...] = ()
    blocked_when: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _leaves_evidence(self) -> ActionRule:
        if not self.evidence:
            raise ValueError("evidence is missing: an outcome nobody can prove does not count")
        if self.writeback is None:
            raise ValueError("writeback is missing: an outcome that changes no record does not count")
        return self

    def effect_of(self, action: str) -> str:
        """Return what the core's ledger does for this action, or nothing where neither it nor its name says so."""
        return self.effect or LEDGER_ACTIONS.get(action, ("", ""))[0]

    @property
    def written(self) -> WritebackRule:
        """The writeback rule, which a loaded document always has."""
        assert self.writeback is not None  # noqa: S101 - refused at load
        return self.writeback


class Completion(Part):
    """The case is complete when: who did what, under which condition, recorded where, proven how."""

    customer_action: Text
    policy_condition: Text
    writeback_destination: Text
    evidence: Annotated[tuple[Code, ...], Field(min_length=1)]


class PolicyShape(Part):
    """One workflow's policy as written by its owner, each part sound in itself.

    Attributes:
        policy: the policy's name; its file carries the same name.
        version: rises with every change; every decision carries it.
        title: what screens and reports call it.
        trigger: the event that opens a case.
        completion: when the case is complete.
        exclude_when: rules that keep a case out altogether.
        person_when: rules that send a customer to a person, with no self-service action.
        facts: facts of this workflow, beyond those of every account.
        link_terms: what links are signed for; none where they are signed for no payment.
        segments: parts of the customers, first match wins.
        actions: what a customer may do, in the order shown.
        exception_triggers: events that end self-service and hand the case, with its evidence, to a person.
    """

    policy: Slug
    version: Annotated[int, Field(strict=True, ge=1)]
    title: Text
    trigger: Text
    completion: Completion
    exclude_when: tuple[Rule, ...]
    person_when: tuple[Rule, ...] = ()
    facts: dict[Code, FactRule] = Field(default_factory=dict)
    link_terms: LinkTermsRule | None = None
    segments: tuple[Segment, ...] = ()
    actions: Annotated[dict[Code, ActionRule], Field(min_length=1)]
    exception_triggers: tuple[Code, ...] = ()
