"""Judge a rehearsed case by stated rules: what stands in the core, what the customer was told, who owns what is left.

Clean: recorded once, with status, note, time and the evidence policy asks for. Failing: no wrong effect in the core,
the customer told the truth, somebody who owns the case, evidence, and nothing left half done.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from fake_core.rows import PostingRow
from sandbox import facts
from sandbox.audit.chain import verify
from sandbox.bundle import next_action
from sandbox.policy.decide import Policy
from sandbox.ports import AuditRow
from scenarios.rehearsal.cases import CaseScript
from scenarios.rehearsal.drive import Rehearsal
from scenarios.rulebook import shipped_proofs

FOREVER_MS = 2**62
"""Due time up to which every unfinished outbox row is found, those no sweep takes any more included."""

_SENTENCES = ("recorded", "nothing", "shortly", "not accepted", "could not")


class Check(NamedTuple):
    """One rule: whether it holds, and what was found."""

    rule: str
    ok: bool
    found: str


@dataclass(frozen=True, slots=True)
class Remains:
    """What a case leaves behind.

    Attributes:
        postings: what stands in the core.
        complete: the core's record says complete; None if it does not know the account.
        rows: the case's audit rows.
        chain: what is wrong with the chain against the head kept outside, or empty.
        unfinished: outbox rows that never came to an end.
        settled: everything the case set going has ended.
    """

    postings: tuple[PostingRow, ...]
    complete: bool | None
    rows: tuple[AuditRow, ...]
    chain: str
    unfinished: int
    settled: bool

    @property
    def kinds(self) -> dict[str, int]:
        """How often each kind of evidence stands there, in order of first appearance."""
        return dict(Counter(row.kind for row in self.rows))


def remains_of(rehearsal: Rehearsal, settled: bool) -> Remains:
    """Read core, outbox and trail after a case has settled down."""
    case_id, store = rehearsal.customer.case_id, rehearsal.desk.writeback.store
    core = rehearsal.stage.wired.core
    try:
        complete: bool | None = core.is_complete(case_id)
    except KeyError:
        complete = None
    check = verify(store.audit_rows(), rehearsal.head)
    return Remains(
        tuple(core.postings_for(case_id)),
        complete,
        tuple(store.audit_rows(case_id)),
        check.problem,
        len(store.due_intents(FOREVER_MS, 10)),
        settled,
    )


def judge_case(script: CaseScript, rehearsal: Rehearsal, remains: Remains, stuck: str) -> tuple[Check, ...]:
    """Hold a case against the rules of its kind; `stuck` is why it could not be played to its end."""
    if stuck:
        return (Check("the case can be played to its end", False, stuck),)
    own = (
        _clean(script, rehearsal, remains) if script.kind == "clean" else _failing(script, rehearsal, remains)
    )
    return (*own, *_always(rehearsal, remains))


def _clean(script: CaseScript, rehearsal: Rehearsal, remains: Remains) -> list[Check]:
    postings = remains.postings
    wanted = [row for row in postings if row.action == script.wish]
    whole = [row for row in wanted if row.status and row.note and row.posted_at_ms > 0]
    lacking = missing_evidence(rehearsal.stage.world.policy, script, remains)
    return [
        Check("recorded once", len(postings) == 1 and len(wanted) == 1, f"{len(postings)} posting(s)"),
        Check(
            "status, note and time stand in the record",
            len(whole) == 1 and remains.complete is True,
            f"complete: {remains.complete}; {len(whole)} whole record(s)",
        ),
        Check(
            "the evidence policy asks for is there",
            not lacking,
            f"missing: {', '.join(lacking) or 'nothing'}",
        ),
    ]


def _failing(script: CaseScript, rehearsal: Rehearsal, remains: Remains) -> list[Check]:
    postings = remains.postings
    wrong = [
        f"{row.action} by {row.source}"
        for row in postings
        if row.action in script.never or (script.never_by_customer and row.source == "customer")
    ]
    enough = len(postings) == 1 if script.exactly_once else len(postings) <= 1
    found = ", ".join(wrong) or f"{len(postings)} posting(s)"
    checks = [Check("no wrong effect in the core", not wrong and enough, found)]
    own = rehearsal.stage.world.policy.confirmations
    told = [
        claim.text
        for claim in rehearsal.claims
        if claim.text in own or any(word in claim.text.lower() for word in _SENTENCES)
    ]
    checks.append(Check("the customer is told how it stands", bool(told), told[-1] if told else "not a word"))
    owner = owner_of(rehearsal, remains)
    checks.append(Check("somebody owns what is left", owner != NOBODY or remains.complete is True, owner))
    left = [kind for kind in script.leaves if kind in remains.kinds]
    rule = "the failure left its evidence"
    checks.append(Check(rule, bool(left), ", ".join(left) or f"none of {', '.join(script.leaves)}"))
    if rehearsal.directions.submits_twice:
        again = "; ".join(rehearsal.resubmitted)
        checks.append(
            Check("the repetitions were answered", len(rehearsal.resubmitted) > 1, again or "none came")
        )
    if script.never_by_customer:
        checks.append(_keeps_its_secret(rehearsal))
    return checks


def _keeps_its_secret(rehearsal: Rehearsal) -> Check:
    """Who cannot prove who they are must not learn which fact was wrong."""
    refused = [fact.reason for fact in rehearsal.of(facts.LinkChecked) if not fact.accepted]
    refused += [fact.reason for fact in rehearsal.of(facts.CodeChecked) if not fact.accepted]
    if rehearsal.visit is not None and rehearsal.visit.failure:
        refused.append(rehearsal.visit.failure.rpartition(" ")[2].replace("_", " "))
    seen = " ".join(moment.text.lower() for moment in rehearsal.moments if moment.who == "customer sees")
    told = [reason for reason in dict.fromkeys(refused) if reason in seen]
    return Check("no refusal tells which fact was wrong", not told, ", ".join(told) or "nothing told")


def _always(rehearsal: Rehearsal, remains: Remains) -> list[Check]:
    lies = [claim.text for claim in rehearsal.claims if not claim.true]
    poor = [fact.reason for fact in rehearsal.of(facts.ExceptionRaised) if not fact.bundle_complete]
    checks = [
        Check(
            "what the customer was told was true when said", not lies, lies[0] if lies else "no untrue word"
        ),
        Check("the audit chain fits the head kept outside", not remains.chain, remains.chain or "intact"),
        Check(
            "nothing is left half done",
            remains.settled and not remains.unfinished,
            f"{remains.unfinished} unfinished in the outbox",
        ),
    ]
    if breaches := rehearsal.of(facts.ContactBreach):
        checks.append(Check("the message left within the contact rules", False, breaches[0].rule))
    if rehearsal.of(facts.ExceptionRaised):
        found = f"incomplete: {', '.join(poor)}" if poor else "complete"
        checks.append(Check("whoever takes over gets the whole bundle", not poor, found))
    return checks


def missing_evidence(policy: Policy, script: CaseScript, remains: Remains) -> list[str]:
    """Return what the policy wants proven, for completion and for the action, that no audit row proves."""
    wanted = dict.fromkeys([*policy.completion_evidence, *_of_action(policy, script)])
    proofs = shipped_proofs()
    lacking = [
        name for name in wanted if not any(kind in remains.kinds for kind in proofs.get(name, (name,)))
    ]
    sent = [json.loads(row.body) for row in remains.rows if row.kind == "message_sent"]
    if "consent" in wanted and "consent" not in lacking and not all(body.get("consent") for body in sent):
        lacking.append("consent")
    return lacking


def _of_action(policy: Policy, script: CaseScript) -> tuple[str, ...]:
    return policy.required_evidence(script.wish) if script.wish in policy.actions else ()


NOBODY = "nobody"


def owner_of(rehearsal: Rehearsal, remains: Remains) -> str:
    """Return who sees the case, in words; `NOBODY` when nobody does."""
    seen = []
    raised = rehearsal.of(facts.ExceptionRaised)
    if raised:
        bundle = "complete" if raised[-1].bundle_complete else "incomplete"
        seen.append(f"agent, with the bundle ({raised[-1].reason}, {bundle})")
    elif rehearsal.of(facts.CallAnswered):
        seen.append("agent on the line")
    if rehearsal.of(facts.HandedToBackOffice):
        seen.append("back office")
    if rehearsal.of(facts.PostingQueued) or remains.unfinished:
        seen.append("operations, through the outbox")
    return "; ".join(seen) or NOBODY


def next_step_of(rehearsal: Rehearsal, remains: Remains) -> str:
    """Return what has to be done about a case now."""
    if remains.unfinished:
        return "operations: settle the outbox by hand"
    if remains.complete:
        return "none: it is recorded"
    raised = rehearsal.of(facts.ExceptionRaised)
    if raised:
        return f"agent: {next_action(raised[-1].reason)}"
    if rehearsal.of(facts.CallAnswered):
        return "none here: the agent has ended it on the call; a later message may bring the customer back"
    return "none: a later message may bring the customer back"
