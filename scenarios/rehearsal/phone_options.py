"""What a customer may answer to each question of a step, as options with words: the vocabulary of the real steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.errors import BadInput
from sandbox.model import Choice, LedgerEffect
from sandbox.policy.decision import Offer
from sandbox.policy.inputs import FormPage, read_inputs
from sandbox.simulation.form_filling import filled_in, wrongly_filled_in
from scenarios.rehearsal.parts import Question
from scenarios.rehearsal.phone_form import Sheet
from scenarios.world.action_words import title_with

if TYPE_CHECKING:
    from scenarios.rehearsal.drive import Rehearsal

_AMOUNT, _AMOUNT_DAYS = "Amount", "Amount, days from today"
_PROMISE_DAYS = 7
"""A promise's day told to an agent, where no page offers one."""


class Option(NamedTuple):
    """One thing a customer may do.

    Attributes:
        label: on the button.
        value: what the step is answered; None leaves.
        did: what the customer did, for the transcript; codes and facts are not written out.
        typed: what may be typed instead, as it stands now: what is suggested, or what was just refused; None where
            nothing is typed.
        asks: what is typed, in a word or two; empty where nothing is, or a form says it.
        sheet: the form that is filled in instead, its `typed` as JSON; None where there is none.
    """

    label: str
    value: Any
    did: str
    typed: str | None = None
    sheet: Sheet | None = None
    asks: str = ""

    def keeping(self, refused: str) -> Option:
        """Return the same option with a form that was refused as it was filled in; others as they are."""
        readable = self.sheet is not None and read_inputs(refused) is not None
        return self._replace(typed=refused) if readable else self

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong with the form as it stands, by the name of a field's first blank."""
        return {} if self.sheet is None else self.sheet.faults_in(self.typed or "")

    @property
    def takes_text(self) -> bool:
        """Whether something may be typed with it."""
        return self.typed is not None


def options_for(question: Question, rehearsal: Rehearsal, refused: str = "") -> tuple[Option, ...]:
    """Return everything that may be answered to a question.

    Args:
        question: as the step asks.
        rehearsal: whose policy and customer the options are about.
        refused: the form as it was sent just before and not taken, JSON: its fields keep that; else empty.
    """
    asked = _ASKED.get(question.name)
    if asked is not None:
        options = asked(question, rehearsal)
        return tuple(option.keeping(refused) for option in options) if refused else options
    return _PLAIN.get(question.name, (Option("Yes", True, "yes"), Option("No", False, "no")))


def typed_value(option: Option, text: str) -> Any:
    """Return an option's value with what was typed: "AMOUNT" or "AMOUNT, DAYS", a code, or a form.

    Raises:
        BadInput: the amount or the days are no numbers; a form has no such field.
    """
    if option.sheet is not None:
        return option.sheet.read(text)
    if not isinstance(option.value, Choice):
        return text.strip()
    amount, _, days = text.partition(",")
    try:
        minor = round(float(amount) * 100)
        wanted = int(days.split()[0]) if days.strip() else option.value.due_day_offset
    except ValueError:
        raise BadInput(
            [f"found {text!r}; allowed: an amount such as 20.50, or with days such as 20.50, 7"]
        ) from None
    return option.value._replace(amount_minor=minor, due_day_offset=wanted)


def _code(question: Question, _rehearsal: Rehearsal) -> tuple[Option, ...]:
    digits = str(question.detail)
    wrong = f"{(int(digits) + 1) % 10 ** len(digits):0{len(digits)}d}"
    options = [
        Option("Type a wrong code", wrong, "types a wrong code"),
        Option("Ask for another code", "", "asks for another code"),
        Option("Type a code of your own", digits, "types a code", "", asks="Code"),
        Option("Leave", None, "leaves"),
    ]
    if question.arrived:
        options.insert(0, Option("Type the code of the SMS", digits, "types the code"))
    return tuple(options)


def _facts(question: Question, _rehearsal: Rehearsal) -> tuple[Option, ...]:
    known = tuple(question.detail)
    (first, _), *rest = known
    return (
        Option("Answer what is asked", known, "answers what was asked"),
        Option("Answer one of them wrong", ((first, "?"), *rest), "answers one of them wrong"),
        Option("Leave", None, "leaves"),
    )


def _choose(question: Question, rehearsal: Rehearsal) -> tuple[Option, ...]:
    options = [_offered(offer, rehearsal) for offer in question.detail]
    return (
        *options,
        Option("Talk to a person", "person", "asks for a person"),
        Option("Look and leave", "nothing", "looks and leaves"),
        Option("Leave the page", "dropped", "leaves the page"),
    )


def _offered(offer: Offer, rehearsal: Rehearsal) -> Option:
    title = title_with(offer.action, rehearsal.stage.world.policy.pages)
    choice, did = Choice(offer.action, offer.asked_minor, offer.due_days_min), f"chooses “{title}”"
    limits = rehearsal.words.limits(offer)
    if not limits or (offer.amount_min_minor == offer.amount_max_minor and not offer.due_days_max):
        return Option(title, choice, did)
    typed = f"{offer.asked_minor / 100:.2f}" + (f", {offer.due_days_min}" if offer.due_days_max else "")
    return Option(
        f"{title}: {limits}", choice, did, typed, asks=_AMOUNT_DAYS if offer.due_days_max else _AMOUNT
    )


def _form(question: Question, rehearsal: Rehearsal) -> tuple[Option, ...]:
    draws, case_id = rehearsal.stage.world.draws, rehearsal.customer.case_id
    page: FormPage = question.detail
    submit = rehearsal.stage.world.policy.pages[page.action].submit
    right, wrong = (fill(page, draws, case_id) for fill in (filled_in, wrongly_filled_in))
    options = [
        Option("Fill it in as asked", right, "fills in the form"),
        Option("Fill it in yourself", right, "fills in the form", right, Sheet(page, submit)),
        Option("Leave", None, "leaves the form"),
    ]
    if wrong != right:
        options.insert(1, Option("Fill in something wrong", wrong, "fills in something wrong"))
    return tuple(options)


def _told(_question: Question, rehearsal: Rehearsal) -> tuple[Option, ...]:
    policy, owed = rehearsal.stage.world.policy, rehearsal.customer.before.overdue_minor
    options = []
    for action, effect in policy.effects.items():
        title = title_with(action, policy.pages)
        amount = 0 if effect == LedgerEffect.CHANGE else owed
        days = _PROMISE_DAYS if effect == LedgerEffect.PROMISE else 0
        typed = (
            None if effect == LedgerEffect.CHANGE else f"{amount / 100:.2f}" + (f", {days}" if days else "")
        )
        choice = Choice(action, amount, days)
        asks = "" if typed is None else _AMOUNT_DAYS if days else _AMOUNT
        options.append(Option(f"Ask for “{title}”", choice, f"asks for “{title}”", typed, asks=asks))
    return (*options, Option("Nothing after all", None, "wants nothing after all"))


_ASKED: Mapping[str, Callable[[Question, Rehearsal], tuple[Option, ...]]] = {
    "enter_code": _code,
    "answer_facts": _facts,
    "choose": _choose,
    "fill_form": _form,
    "tell_agent": _told,
}
"""Questions whose options depend on what is before the customer."""

_PLAIN: Mapping[str, tuple[Option, ...]] = {
    "log_in": (
        Option("Sign in", "in", "signs in"),
        Option("Password forgotten", "forgot", "has forgotten the password"),
        Option("Leave", "left", "leaves the login page"),
    ),
    "reset_password": (
        Option("Finish the reset", True, "sets a new password"),
        Option("Give up", False, "gives up the reset"),
    ),
    "install_app": (
        Option("Install and activate", True, "installs the app"),
        Option("Leave", False, "does not install it"),
    ),
    "talk_to_bot": (
        Option("Be understood", "understood", "is understood by the bot"),
        Option("Be passed on to a person", "escalated", "is passed on"),
        Option("Only ask something", "nothing", "only asks something"),
        Option("Leave", "dropped", "leaves the bot"),
    ),
    "take_call": (
        Option("Talk to a person now", True, "takes the call"),
        Option("Not now", False, "does not want to talk"),
    ),
    "redial": (
        Option("Call again", True, "calls again"),
        Option("Give up", False, "gives up calling"),
    ),
    "answer_agent": (
        Option("Answer the agent's questions", True, "answers the agent"),
        Option("Cannot answer them", False, "cannot answer the agent"),
    ),
    "submit_again": (
        Option("Send it once more", True, "sends it once more"),
        Option("Leave it", False, "does not send it again"),
    ),
}
"""Questions with the same options for everybody."""
