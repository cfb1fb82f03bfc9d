"""One customer from trigger to final record: what policy, identity and the core answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sandbox import facts
from sandbox.audit.chain import verify
from sandbox.audit.masking import mask_name, masked_evidence
from sandbox.errors import BadInput
from sandbox.model import AssuranceLevel
from sandbox.ports import AuditRow
from scenarios.persona import display_name
from scenarios.progress import OnProgress, ShouldStop
from scenarios.run import CompareRequest, chosen_designs, prepare, through_gate
from scenarios.task import Task
from scenarios.wire import Wired
from scenarios.wiring.plan import busy_hours, calendar_of, plan_of
from scenarios.worker import run_task


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One thing that happened: local clock time, who spoke, what was said."""

    clock: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class CaseTrace:
    """A case's whole story in one design.

    Attributes:
        scenario, design, seed, case_id: what was traced.
        customer: masked name.
        lines: in order of time.
        final_state: what the core's record says at the end.
        notes: what has to be said of it; first a history that is not reproduced.
    """

    scenario: str
    design: str
    seed: int
    case_id: int
    customer: str
    lines: tuple[TraceLine, ...]
    final_state: str
    notes: tuple[str, ...] = ()


def trace_case(
    request: CompareRequest,
    design: str,
    case_id: int,
    should_stop: ShouldStop,
    on_progress: OnProgress | None = None,
) -> CaseTrace:
    """Run one replication of a design and tell one case's story.

    The whole campaign runs: a customer's wait depends on everybody else's calls.

    Raises:
        BadInput: wrong scenario, setting, design, case or report.
        NotReproduced: the call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request.
    """
    asked = replace(request, designs=(design,))
    world = prepare(asked)
    scenario = world[0]
    chosen_designs(scenario, (design,))
    cases = plan_of(scenario.document).cases
    if not 0 <= case_id < cases:
        raise BadInput([f"case {case_id} does not exist; allowed: 0 to {cases - 1}"])
    tell = on_progress or (lambda _: None)
    passed = through_gate(asked, world, design, tell, should_stop)
    calendar = calendar_of(scenario.document)
    heard: list[TraceLine] = []

    def listen(fact: tuple[object, ...]) -> None:
        if getattr(fact, "case_id", -1) == case_id:
            line = told(fact, calendar.clock)
            if line is not None:
                heard.append(line)

    ended: list[str] = []

    def inspect(wired: Wired) -> None:
        heard.extend(_audited(wired, case_id, calendar.clock))
        ended.append(final_record(wired, case_id, calendar.clock))

    task = Task(scenario, design, 0, busy_hours(scenario.document))
    run_task(task, tell, should_stop, listen, inspect)
    heard.sort(key=lambda line: line.clock)  # stable: facts and evidence of one moment keep their order
    return CaseTrace(
        scenario=scenario.name,
        design=design,
        seed=scenario.document.seed,
        case_id=case_id,
        customer=mask_name(display_name(task.seed, case_id)),
        lines=tuple(heard),
        final_state=ended[0],
        notes=(*passed.notes, *scenario.notes),
    )


def told(fact: tuple[object, ...], clock: Callable[[int], str]) -> TraceLine | None:
    """Return a fact in words; None for kinds nobody needs to read."""
    teller = _TELLERS.get(type(fact))
    if teller is None:
        return None
    kind, text = teller(fact)
    at_ms = fact.at_ms  # type: ignore[attr-defined]  # every fact has its time
    return TraceLine(clock(at_ms), kind, text)


def _money(minor: int) -> str:
    return f"{minor / 100:,.2f}"


def _with_sum(action: str, minor: int, between: str = ", ") -> str:
    """Return an action with its amount; alone where it moves no money."""
    return f"{action}{between}{_money(minor)}" if minor else action


def _yes(accepted: bool, reason: str) -> str:
    return "accepted" if accepted else f"refused ({reason})"


_TELLERS: dict[type, Callable[..., tuple[str, str]]] = {
    facts.Triggered: lambda f: ("policy", f"let the case in: {f.arrears_band} in arrears" + _vulnerable(f)),
    facts.Excluded: lambda f: ("policy", f"kept the case out: {f.reason}"),
    facts.TouchSkipped: lambda f: ("outreach", f"touch {f.touch} not sent: {f.reason}"),
    facts.Sent: lambda f: ("outreach", f"touch {f.touch} sent by {f.channel}" + _free(f)),
    facts.ReplyReceived: lambda f: ("customer", f"answers touch {f.touch}, understood as {f.intent}"),
    facts.SendRefused: lambda f: ("channel", f"touch {f.touch} refused by {f.channel}: {f.reason}"),
    facts.LetterSent: lambda _f: ("outreach", "letter sent: no message may reach them; it asks them to call"),
    facts.RoutedToPerson: lambda f: ("policy", f"takes the route to a person: {f.reason}"),
    facts.ServiceMessageSent: lambda f: ("channel", f"{f.purpose} sent by sms"),
    facts.ReceiptReceived: lambda f: ("channel", f"receipt for touch {f.touch}: {f.status}"),
    facts.Engaged: lambda f: ("customer", f"acts on touch {f.touch} ({f.via})"),
    facts.StepEntered: lambda f: ("journey", f"step {f.step}"),
    facts.ChannelChanged: lambda f: ("journey", f"channel change at {f.step}"),
    facts.LinkChecked: lambda f: ("identity", f"signed link {_yes(f.accepted, f.reason)}"),
    facts.CodeChecked: lambda f: ("identity", f"one-time code {_yes(f.accepted, f.reason)}"),
    facts.FactsChecked: lambda f: ("identity", f"known facts {_yes(f.accepted, f.reason)}"),
    facts.IdentityProven: lambda f: (
        "identity",
        f"proven by {f.method}: level {AssuranceLevel(f.level).name}",
    ),
    facts.OptionsShown: lambda f: ("policy", f"allows {', '.join(f.allowed) or 'nothing'}" + _blocked(f)),
    facts.Chosen: lambda f: ("customer", f"chooses {_with_sum(f.action, f.amount_minor)}" + _routine(f)),
    facts.ActionCompleted: lambda f: (
        "customer",
        f"has done their part{' with an agent' if f.with_agent else ''}",
    ),
    facts.PostingTried: lambda f: ("core", f"posting, try {f.attempt}: {f.outcome}"),
    facts.Recorded: lambda f: (
        "core",
        f"recorded {_with_sum(f.action, f.amount_minor)}{' by hand' if f.manual else ''}",
    ),
    facts.PromiseKept: lambda f: ("customer", f"keeps the promise of {_money(f.amount_minor)}"),
    facts.PromiseBroken: lambda f: ("customer", f"breaks the promise of {_money(f.amount_minor)}"),
    facts.PostingRefused: lambda f: ("core", f"refused: {f.reason}"),
    facts.PostingQueued: lambda _f: ("writeback", "not reached in the bounded tries; kept in the outbox"),
    facts.ExceptionRaised: lambda f: ("exception", f"handed to a person: {f.reason}"),
    facts.Dropped: lambda f: ("customer", f"left at {f.step} ({f.reason})"),
    facts.CallOffered: lambda f: ("call", f"attempt {f.attempt} reaches the lines ({f.intent})"),
    facts.CallAnswered: lambda f: ("call", f"answered after {f.wait_ms / 1000:.0f} s"),
    facts.CallAbandoned: lambda f: (
        "call",
        "hangs up at once" if f.balked else f"hangs up after {f.wait_ms / 1000:.0f} s",
    ),
    facts.CallHandled: lambda f: (
        "call",
        f"ends: talk {f.talk_ms / 1000:.0f} s, after-call {f.after_call_ms / 1000:.0f} s",
    ),
    facts.LineClosed: lambda _f: ("call", "lines are closed; will call after the next opening"),
    facts.HandedToBackOffice: lambda _f: ("back office", "a note is left for the clerks"),
    facts.HandedOn: lambda f: ("journey", f"the customer's part is over; goes on at {f.step}"),
    facts.ItemFailed: lambda f: ("back office", f"{f.reason} at {f.step}, and nobody there knows"),
    facts.FailureDemand: lambda f: ("customer", f"calls because of the back office: {f.cause}"),
    facts.BackOfficeDone: lambda f: ("back office", "keyed wrongly" if f.error else "keyed"),
    facts.DuplicateEffect: lambda _f: ("core", "took effect once more"),
    facts.ContactBreach: lambda f: ("outreach", f"sent against the rules: {f.rule}"),
    facts.ReconciliationItem: lambda f: ("back office", f"to be proved by hand: {f.cause}"),
    facts.DiscoveryDone: lambda f: (
        "call",
        f"the agent looks for what came before: {f.spent_ms / 1000:.0f} s",
    ),
}


def _vulnerable(fact: facts.Triggered) -> str:
    return ", vulnerable" if fact.vulnerable else ""


def _free(fact: facts.Sent) -> str:
    return "" if fact.charged else ", not charged"


def _blocked(fact: facts.OptionsShown) -> str:
    return "".join(f"; {action} blocked: {reason}" for action, reason in fact.blocked)


def _routine(fact: facts.Chosen) -> str:
    return "" if fact.routine else " (judgement work)"


def _audited(wired: Wired, case_id: int, clock: Callable[[int], str]) -> list[TraceLine]:
    """The case's evidence, and whether the whole chain holds against the head kept outside it."""
    rows = list(wired.store.audit_rows(case_id))
    check = verify(wired.store.audit_rows(), wired.world.audit.head)
    lines = [_evidence(row, clock) for row in rows]
    verdict = f"{check.rows:,} rows, chain intact" if check.ok else f"chain broken: {check.problem}"
    return [
        *lines,
        TraceLine(clock(wired.layout.end_ms), "audit", f"{len(rows)} rows of this case; {verdict}"),
    ]


def _evidence(row: AuditRow, clock: Callable[[int], str]) -> TraceLine:
    return evidence_line(clock(row.at_ms), row.seq, row.kind, json.loads(row.body))


def evidence_line(clock: str, seq: int, kind: str, body: Mapping[str, object]) -> TraceLine:
    """Return one row of evidence in words, masked."""
    details = ", ".join(f"{key}={value}" for key, value in masked_evidence(body).items())
    return TraceLine(clock, "audit", f"#{seq} {kind}: {details}")


def final_record(wired: Wired, case_id: int, clock: Callable[[int], str]) -> str:
    """Return what the core's record says of a case, in words."""
    postings = wired.core.postings_for(case_id)
    account = wired.core.read_account(case_id)
    standing = "complete" if account.complete else "not complete"
    if not postings:
        return f"the core's record: {standing}, no posting"
    last = postings[-1]
    return (
        f"the core's record: {standing}; {len(postings)} posting, "
        f"{_with_sum(last.action, last.amount_minor, ' ')}, status {last.status}, note {last.note!r}, "
        f"{clock(last.posted_at_ms)}"
    )
