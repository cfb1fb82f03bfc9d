"""People who are not the customer and try to act in their place, through the design and the real identity code.

An attempt walks the design's own steps at a desk of its own: links, codes and known facts are the real ones and keep
what the attempt does to them (a code spent, an account locked), while the case, its trail and the core stay the
customer's. An impostor who is let in and acts is therefore a fact, and nobody's completion.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from sandbox import facts
from sandbox.draws import Draws
from sandbox.effects import Answer, Ask, Effect, Send, TakeTurn
from sandbox.identity.links import LinkClaims, LinkSigner, LinkUses
from sandbox.journey.design import Design, walk
from sandbox.journey.steps.open_link import PURPOSE
from sandbox.journey.steps.verify import CODES_BOUND
from sandbox.journey.table import CaseEvent, CaseState
from sandbox.journey.visit import CaseBook, Desk, Visit
from sandbox.model import MS_PER_SECOND, Choice
from sandbox.simulation.campaign import Campaign
from sandbox.simulation.events import Clockwork, after
from sandbox.simulation.form_filling import filled_in

FORWARDED, REPLAYED, GUESSED = "forwarded_link", "replayed_code", "guessed_code"
PREFETCH, TAMPERED, RETIRED, RECYCLED = "prefetch", "tampered_link", "retired_key", "recycled_number"
KINDS: Final = (FORWARDED, REPLAYED, GUESSED, PREFETCH, TAMPERED, RETIRED, RECYCLED)
"""The attacks a scenario may ask for, in the order of their draws."""

SESSION: Final = 0
"""The session of an impostor: customers' own are numbered from 1."""

_ANSWER_MS = 5 * MS_PER_SECOND
_ANSWERS_BOUND = 200
"""Answers of one attempt, far above what any design asks."""


@dataclass(frozen=True, slots=True)
class AttackModel:
    """Who tries what; rates 0..1.

    Attributes:
        rates: share of cases attacked, by kind of `KINDS`; kinds not named are not tried.
        knows_facts_rate: impostors who know the facts asked for.
        reads_code_rate: impostors who can read the customer's text messages; whoever has the number always can.
        knows_password_rate: impostors who know the portal password.
        after_ms: from the planned send to the attempt.
        retired: signs as a key does that is not trusted any more.
    """

    rates: dict[str, float]
    knows_facts_rate: float
    reads_code_rate: float
    knows_password_rate: float
    after_ms: int
    retired: LinkSigner


class Impostors:
    """Carries out the attempts of one run.

    Args:
        model: who tries what.
        design: whose steps they meet.
        desk: where customers are served; its case book, trail, core and facts are left alone.
        draws: of the run's seed.
    """

    def __init__(self, model: AttackModel, design: Design, desk: Desk, draws: Draws) -> None:
        """Set up a desk whose book and trail are scratch paper."""
        self._model, self._design, self._draws = model, design, draws
        self._tell = desk.emit
        self._chosen: list[str] = []
        self._book = CaseBook(desk.book.cases)
        self._book.due_minor = desk.book.due_minor
        self._real = desk
        self._desk = replace(
            desk,
            book=self._book,
            link_uses=LinkUses(),
            record=lambda *_: None,
            emit=self._note,
            heard={facts.Chosen: self._note},
        )

    @property
    def after_ms(self) -> int:
        """From the planned send to the attempt."""
        return self._model.after_ms

    def attempts(self) -> Iterator[tuple[str, array[int]]]:
        """Yield each kind that is tried with the cases it is tried on, in order."""
        for kind in KINDS:
            rate = self._model.rates.get(kind, 0.0)
            if rate > 0.0:
                hit = self._draws.uniforms(f"attack_{kind}", 0, 0, self._book.cases) < rate
                yield kind, array("q", [int(case_id) for case_id in hit.nonzero()[0]])

    def attack(self, kind: str, case_id: int, sent_at_ms: int, now_ms: int) -> bool:
        """Try once, now; returns whether the impostor was let in. Cases nobody was contacted about are left alone."""
        if self._real.book.state[case_id] in (CaseState.TRIGGERED, CaseState.EXCLUDED):
            return False
        self._chosen.clear()
        self._book.state[case_id] = CaseState.CONTACTED
        visit = Visit(self._desk, case_id, SESSION, sent_at_ms, now_ms)
        visit.move(CaseEvent.RESPONDED)
        visit.token = self._token(kind, case_id, sent_at_ms)
        accepted = self._walk(kind, visit)
        action = self._chosen[0] if self._chosen else ""
        self._tell(facts.ImpostorTried(case_id, now_ms, kind, accepted, int(visit.level), action))
        return accepted

    def _walk(self, kind: str, visit: Visit) -> bool:
        """Go through the design until it lets the impostor in, or asks for what they have not got."""
        flow, answer, accepted = walk(self._design, visit), None, False
        for _ in range(_ANSWERS_BOUND):
            try:
                effect = flow.send(answer)  # type: ignore[arg-type]  # a fresh generator takes None
            except StopIteration:
                break
            if self._chosen or kind == PREFETCH:
                break  # what is chosen is not posted: the record stays the customer's; a scanner only reads
            value, goes_on = self._answer(kind, visit, effect)
            if not goes_on:
                break
            accepted = accepted or (isinstance(effect, Ask) and effect.question == "choose")
            answer = Answer(value, visit.at_ms + _ANSWER_MS)
        flow.close()
        return accepted

    def _answer(self, kind: str, visit: Visit, effect: Effect) -> tuple[Any, bool]:
        """Return what an impostor does, and whether they can go on at all."""
        if isinstance(effect, (Send, TakeTurn)):
            return True, True
        if not isinstance(effect, Ask):
            return None, False
        asked: dict[str, Callable[[], Any]] = {
            "enter_code": lambda: self._types(kind, visit.case_id, effect),
            "answer_facts": lambda: effect.detail if self._knows("facts", visit.case_id) else None,
            "log_in": lambda: "in" if self._knows("password", visit.case_id) else "left",
            "install_app": lambda: True,
            "talk_to_bot": lambda: "understood",
            "choose": lambda: Choice(effect.detail[0].action, *_first_of(effect.detail[0])),
            "fill_form": lambda: filled_in(effect.detail, self._draws, visit.case_id),
        }
        question = asked.get(effect.question)
        return (None, False) if question is None else (question(), True)

    def _types(self, kind: str, case_id: int, effect: Ask) -> str | None:
        digits = str(effect.detail)
        if kind == RECYCLED or self._knows("code", case_id):
            return digits
        if kind == REPLAYED:  # the code the customer got at their first visit
            return self._real.code_source.digits(case_id, CODES_BOUND) if effect.attempt == 0 else None
        if kind != GUESSED:
            return None
        drawn = self._draws.uniform("impostor_guess", effect.attempt, case_id)
        return f"{int(drawn * 10 ** len(digits)):0{len(digits)}d}"

    def _knows(self, what: str, case_id: int) -> bool:
        model = self._model
        rates = {
            "facts": model.knows_facts_rate,
            "code": model.reads_code_rate,
            "password": model.knows_password_rate,
        }
        return rates[what] > 0.0 and self._draws.uniform(f"impostor_{what}", 0, case_id) < rates[what]

    def _token(self, kind: str, case_id: int, sent_at_ms: int) -> str:
        """Return the link the impostor comes by; empty for the customer's own."""
        if kind not in (TAMPERED, RETIRED):
            return ""
        signer = self._model.retired if kind == RETIRED else self._real.links
        other = case_id + 1 if kind == TAMPERED else case_id
        ends_ms = sent_at_ms + self._real.link_lifetime_ms
        token = signer.sign(LinkClaims(other, other, PURPOSE, sent_at_ms, ends_ms))
        return token.replace(f".{other:x}.{other:x}.", f".{case_id:x}.{case_id:x}.", 1)

    def _note(self, fact: tuple[object, ...]) -> None:
        if isinstance(fact, facts.Chosen):
            self._chosen.append(fact.action)


def send_impostors(env: Clockwork, impostors: Impostors, campaign: Campaign) -> None:
    """Set going who tries to act in customers' place; each attempt follows its case's first planned message."""

    def attempt(due: tuple[str, int, int]) -> None:
        impostors.attack(*due, env.now)

    for kind, cases in impostors.attempts():
        for case_id in cases:
            (sent_ms,) = campaign.pacing.planned_ms(1, case_id)
            after(env, sent_ms + impostors.after_ms - env.now, attempt, (kind, case_id, sent_ms))


def _first_of(offer: Any) -> tuple[int, int]:
    return offer.asked_minor, offer.due_days_min
