"""Be the customer: one case of any design, answered by a person at a screen, through the real code.

A `Phone` is a rehearsal whose questions come out as pages with options. What the real policy, identity, writeback
and audit did for each answer stands beside it. It keeps open connections and belongs to the thread that made it.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from sandbox.audit.chain import verify
from sandbox.audit.masking import mask_name
from sandbox.errors import BadInput
from sandbox.model import MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND, AccountFacts
from sandbox.ports import OutboxRow
from scenarios.persona import display_name
from scenarios.rehearsal.cases import OUTAGE_MS
from scenarios.rehearsal.drive import FAR_MS, Rehearsal
from scenarios.rehearsal.parts import Directions, Heard, Moment, Question
from scenarios.rehearsal.phone_options import Option, options_for, typed_value
from scenarios.rehearsal.stage import Casting, Customer, set_stage
from scenarios.run import CompareRequest, chosen_designs, prepare
from scenarios.world.spec import Scenario

Switch = Literal["expired_link", "code_lost", "double_tap", "core_down", "answer_lost", "nobody_answers"]

SWITCHES: dict[Switch, str] = {
    "expired_link": "the link is opened after it ran out",
    "code_lost": "the next code never arrives",
    "double_tap": "the form is sent twice",
    "core_down": f"the core is down for {OUTAGE_MS // MS_PER_MINUTE} minutes from the first call on",
    "answer_lost": "the core posts, and its answer is lost",
    "nobody_answers": "the next two calls are not answered",
}
"""What can be made to go wrong, in words."""

_CALLS_UNANSWERED = 2
_THINKS_MS = 12 * MS_PER_SECOND
"""Time every answer takes: the screen's customer types at their own pace, the case at this one."""

_OPENS_AFTER_MS = 5 * MS_PER_MINUTE


class PhonePage(NamedTuple):
    """What is before the customer, and what happened behind it.

    Attributes:
        customer: masked name, case and the facts policy looks at.
        page: the words on the phone; empty when the visit is over.
        options: what the customer may do now.
        moments: everything so far, in order.
        outbox: every intent of the case: action, state, tries.
        record: what the core holds.
        audit: whether the chain holds against the head kept outside, and the kinds of evidence there are.
        over: the visit has ended, and what it set going has come to rest.
        switches: what is made to go wrong.
        path: how it came to this, as `sandbox phone --do` takes it.
    """

    customer: str
    page: str
    options: tuple[Option, ...]
    moments: tuple[Moment, ...]
    outbox: tuple[str, ...]
    record: str
    audit: str
    over: bool
    switches: tuple[Switch, ...]
    path: tuple[str, ...]


@dataclass(slots=True)
class _Visit:
    """The case under way."""

    rehearsal: Rehearsal
    question: Question | None = None
    begun: bool = False
    over: bool = False
    page: str = ""
    sent: str = ""
    """The form that was the last answer, JSON; empty after any other."""


class Phone:
    """One design of one scenario; customers come one after the other.

    Args:
        request: scenario, settings and seed.
        design: the design; the scenario's baseline if None.

    Attributes:
        design: the design that is played.
        designs: all of the scenario.
        customers: how many customers came before the one in hand.

    Raises:
        BadInput: wrong scenario, setting or design.
    """

    def __init__(self, request: CompareRequest, design: str | None) -> None:
        """Read the scenario and draw its customers."""
        scenario, _ = prepare(replace(request, designs=None if design is None else (design,)))
        (self.design,) = chosen_designs(scenario, (design or scenario.document.baseline,))
        self.scenario: Scenario = scenario
        self.designs = tuple(scenario.designs)
        self._stack, self._case = ExitStack(), ExitStack()
        self._casting = Casting(set_stage(scenario, self.design, Heard(), self._stack).world)
        self._switches: list[Switch] = []
        self._path: list[str] = []
        self.customers = 0
        self._customer = self._next_customer()
        self._visit = self._begin()

    def close(self) -> None:
        """Close everything that is open."""
        self._case.close()
        self._stack.close()

    @property
    def now(self) -> PhonePage:
        """What is before the customer now."""
        visit, rehearsal = self._visit, self._visit.rehearsal
        store = rehearsal.desk.writeback.store
        check = verify(store.audit_rows(), rehearsal.head)
        rows = list(store.audit_rows(self._customer.case_id))
        chain = "chain intact" if check.ok else f"chain broken: {check.problem}"
        return PhonePage(
            self._facts(self._customer.before),
            visit.page,
            self._options(),
            tuple(rehearsal.moments),
            tuple(_outbox(rehearsal, [json.loads(row.body) for row in rows])),
            self._record(),
            f"{chain}; {len(rows)} rows: {', '.join(dict.fromkeys(row.kind for row in rows))}",
            visit.over,
            tuple(self._switches),
            tuple(self._path),
        )

    def next_customer(self) -> PhonePage:
        """Send the next customer of the population the message."""
        self._customer = self._next_customer()
        self.customers += 1
        return self.again()

    def again(self) -> PhonePage:
        """Begin the same customer's case anew, with the switches as they are."""
        self._case.close()
        self._case = ExitStack()
        self._path = [str(switch) for switch in self._switches]
        self._visit = self._begin()
        self._stage(self._visit.rehearsal)
        return self.now

    def flip(self, switch: Switch) -> PhonePage:
        """Make something go wrong from now on, or no longer; an expired link counts when the link is tapped."""
        if switch in self._switches:
            self._switches.remove(switch)
        else:
            self._switches.append(switch)
        self._path.append(switch)
        self._stage(self._visit.rehearsal)
        return self.now

    def do(self, step: str) -> PhonePage:
        """Take one step of a path: a switch by name, or the number of an option, "=" and what is typed behind it.

        Raises:
            BadInput: there is no such switch or option.
        """
        if step in SWITCHES:
            return self.flip(step)
        number, equals, typed = step.partition("=")
        if not number.strip().isdecimal():
            allowed = f"the number of an option, or one of {', '.join(SWITCHES)}"
            raise BadInput([f"--do {step}: found no such step; allowed: {allowed}"])
        return self.answer(int(number) - 1, typed if equals else None)

    def answer(self, place: int, typed: str | None = None) -> PhonePage:
        """Do what one of the options says, with what was typed where the option takes it.

        Raises:
            BadInput: there is no such option, or what was typed cannot be read at all.
        """
        options, visit = self._options(), self._visit
        if not 0 <= place < len(options):
            raise BadInput([f"there is no option {place + 1}; allowed: 1 to {len(options)}"])
        option = options[place]
        value = option.value if typed is None or not option.takes_text else typed_value(option, typed)
        self._path.append(str(place + 1) if typed is None else f"{place + 1}={typed}")
        if not visit.begun:
            visit.begun = True
            if option.value is None:
                self._finish("(the message is not acted on)")
                return self.now
            self._stage(visit.rehearsal)
            question = visit.rehearsal.open()
        else:
            form = visit.question is not None and visit.question.name == "fill_form"
            visit.sent = str(value or "") if form else ""
            question = visit.rehearsal.reply(value, _THINKS_MS, option.did)
        self._asked(question)
        return self.now

    # -- inside ------------------------------------------------------------------------------------------------

    def _next_customer(self) -> Customer:
        found = self._casting.pick(lambda _account: True, {})
        if found is None:
            raise BadInput([f"{self._casting.more}: no further customer to pick; allowed: more"])
        return found

    def _begin(self) -> _Visit:
        heard = Heard()
        stage = set_stage(self.scenario, self.design, heard, self._case)
        rehearsal = Rehearsal(stage, self._customer, Directions(_OPENS_AFTER_MS), heard)
        visit = _Visit(rehearsal)
        if rehearsal.send():
            visit.page = next(m.text for m in reversed(rehearsal.moments) if m.who == "customer sees")
        else:
            visit.over, visit.page = True, "(no message was sent to this customer; see beside)"
        return visit

    def _stage(self, rehearsal: Rehearsal) -> None:
        """Let the switches stand in the world; what they used up comes back with the next flip."""
        directions, core, wanted = rehearsal.directions, rehearsal.stage.core, self._switches
        expired = rehearsal.stage.world.link_lifetime_ms + MS_PER_HOUR
        directions.opens_after_ms = expired if "expired_link" in wanted else _OPENS_AFTER_MS
        directions.codes_lost = int("code_lost" in wanted)
        directions.submits_twice = "double_tap" in wanted
        directions.calls_unanswered = _CALLS_UNANSWERED if "nobody_answers" in wanted else 0
        core.outage_ms = OUTAGE_MS if "core_down" in wanted else 0
        core.lost_acks = int("answer_lost" in wanted)

    def _options(self) -> tuple[Option, ...]:
        visit = self._visit
        if visit.over:
            return ()
        if not visit.begun:
            calls = visit.rehearsal.stage.world.design.message.engages_by == "call"
            act = "Call the number" if calls else "Tap the link"
            return (Option(act, True, ""), Option("Do nothing", None, ""))
        return () if visit.question is None else options_for(visit.question, visit.rehearsal, visit.sent)

    def _asked(self, question: Question | None) -> None:
        visit = self._visit
        visit.question = question
        if question is not None:
            visit.page = question.page or f"({question.name.replace('_', ' ')})"
            return
        seen = [moment.text for moment in visit.rehearsal.moments if moment.who == "customer sees"]
        self._finish(seen[-1] if seen else "")

    def _finish(self, page: str) -> None:
        """The customer's part is over: let everything it set going come to rest."""
        visit = self._visit
        visit.page, visit.question = page, None
        settled = visit.rehearsal.settle_down()
        visit.over = True
        if not settled:
            visit.rehearsal.say("system does", "something it set going never comes to an end")
        later = [moment.text for moment in visit.rehearsal.moments if moment.who == "customer sees"]
        visit.page = later[-1] if later and later[-1] != page else page

    def _facts(self, account: AccountFacts) -> str:
        stage, words = self._visit.rehearsal.stage, self._visit.rehearsal.words
        name = mask_name(display_name(stage.seed, account.account_id))
        effects = stage.world.policy.effects.values()
        return ", ".join([f"{name}, case {account.account_id}", *words.facts(account, effects)])

    def _record(self) -> str:
        rehearsal = self._visit.rehearsal
        core, case_id = rehearsal.stage.wired.core, self._customer.case_id
        try:
            standing = "complete" if core.is_complete(case_id) else "not complete"
        except KeyError:
            return "no such account"
        rows = [
            f"{rehearsal.words.posted(row.action, row.amount_minor)}, {row.status}, note {row.note!r}"
            for row in core.postings_for(case_id)
        ]
        return "; ".join([standing, *(rows or ["no posting"])])


def _outbox(rehearsal: Rehearsal, evidence: list[dict[str, Any]]) -> list[str]:
    """Say where every intent of the case stands: those the trail names, then those still under way."""
    store = rehearsal.desk.writeback.store
    found: dict[str, OutboxRow] = {}
    for body in evidence:
        row = store.intent(str(body["key"])) if "key" in body else None
        if row is not None:
            found[row.command.key] = row
    found |= {row.command.key: row for row in store.due_intents(FAR_MS, 10)}
    return [
        f"{row.command.action}: {row.state.value}, {row.attempts} tries, key {row.command.key[:8]}"
        for row in found.values()
    ]
