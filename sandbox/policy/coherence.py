"""What is wrong between the parts of a policy document; every fault carries the path it stands at."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.model import AccountFacts, LedgerEffect
from sandbox.policy.forms import SHOWN_FACTS, AnyField, placeholders
from sandbox.policy.postings import field_of
from sandbox.policy.reach import unreachable
from sandbox.policy.schema import ActionRule, PolicyShape
from sandbox.policy.vocabulary import KNOWN_FACTS, FactRule, FactTest, FactValue, Fault, mismatch

_TOO_WEAK_FOR_A_CHANGE = ("link", "code")
_RESERVED = frozenset({"documents", *KNOWN_FACTS, *SHOWN_FACTS, *AccountFacts._fields})
"""Names that mean something else already."""

_WRITES: dict[str, frozenset[str]] = {
    "text": frozenset({"text", "word"}),
    "token": frozenset({"text"}),
    "choice": frozenset({"text", "word"}),
    "date": frozenset({"date", "text"}),
    "month": frozenset({"text"}),
    "money": frozenset({"money", "number"}),
    "tick": frozenset({"flag"}),
    "document": frozenset(),
}
"""Kinds of field to the kinds of fact their input can become."""


def faults_of(document: PolicyShape) -> list[Fault]:
    """Return everything that does not fit together in a document whose parts are each well formed."""
    faults = [
        *_fact_names(document),
        *_tests(document),
        *_repeated_rules(document),
        *_segments(document),
        *_link_terms(document),
        *(fault for name in document.actions for fault in _action(document, name)),
    ]
    return faults or unreachable(document)


def _fact_names(document: PolicyShape) -> Iterator[Fault]:
    for name in document.facts:
        if name in _RESERVED:
            yield Fault(f"facts.{name}", f"{name!r} is taken: it is a fact of every account")


def _tests(document: PolicyShape) -> Iterator[Fault]:
    """Tests of facts nobody declared, or that do not fit their fact."""
    for path, when in _all_tests(document):
        for fact, test in when.items():
            if problem := mismatch(fact, test, document.facts):
                yield Fault(f"{path}.{fact}", problem)


def _all_tests(document: PolicyShape) -> Iterator[tuple[str, dict[str, FactTest]]]:
    blocks = [("exclude_when", document.exclude_when), ("person_when", document.person_when)]
    blocks += [(f"actions.{name}.blocked_when", rule.blocked_when) for name, rule in document.actions.items()]
    for path, rules in blocks:
        yield from ((f"{path}.{index}.when", rule.when) for index, rule in enumerate(rules))
    for index, segment in enumerate(document.segments):
        if segment.when is not None:
            yield f"segments.{index}.when", segment.when


def _repeated_rules(document: PolicyShape) -> Iterator[Fault]:
    named = [(f"exclude_when.{at}.rule", rule.rule) for at, rule in enumerate(document.exclude_when)]
    named += [(f"person_when.{at}.rule", rule.rule) for at, rule in enumerate(document.person_when)]
    for name, action in document.actions.items():
        block = f"actions.{name}.blocked_when"
        named += [(f"{block}.{at}.rule", rule.rule) for at, rule in enumerate(action.blocked_when)]
    seen = set[str]()
    for path, rule in named:
        if rule in seen:
            yield Fault(path, f"rule names must be unique; repeated: {rule}")
        seen.add(rule)


def _segments(document: PolicyShape) -> Iterator[Fault]:
    names = [segment.segment for segment in document.segments]
    for index, segment in enumerate(document.segments):
        last = index == len(names) - 1
        if (segment.when is None) != last:
            text = "the last segment is everybody else, without `when`; every other one needs one"
            yield Fault(f"segments.{index}", text)
        if segment.segment in names[:index]:
            yield Fault(f"segments.{index}.segment", f"segment {segment.segment!r} is there twice")
    for name, action in document.actions.items():
        for index, wanted in enumerate(action.segments or ()):
            if wanted not in names:
                known = ", ".join(names) or "none"
                yield Fault(f"actions.{name}.segments.{index}", f"unknown segment {wanted!r}; known: {known}")


def _link_terms(document: PolicyShape) -> Iterator[Fault]:
    """A link cannot be signed for what nobody can do."""
    if document.link_terms is not None and not any(
        rule.effect_of(name) == LedgerEffect.PAYMENT for name, rule in document.actions.items()
    ):
        yield Fault("link_terms", "no action of this policy is a payment: a link is signed for none")


def _action(document: PolicyShape, name: str) -> Iterator[Fault]:
    rule, path = document.actions[name], f"actions.{name}"
    effect = rule.effect_of(name)
    if not effect:
        yield Fault(path, "effect is missing: payment, promise, dispute or change")
        return
    yield from _effect(rule, effect, path)
    yield from _form(document, rule, path)
    yield from _writeback(document, rule, path)


def _effect(rule: ActionRule, effect: str, path: str) -> Iterator[Fault]:
    if effect != "change":
        if rule.amount is None:
            yield Fault(path, f"amount is missing: a {effect} has one")
        return
    if rule.identity in _TOO_WEAK_FOR_A_CHANGE:
        allowed = "login, code_and_facts or known_facts"
        text = f"{rule.identity} alone never opens more than a payment, a promise or a dispute; allowed: {allowed}"
        yield Fault(f"{path}.identity", text)
    for key in ("amount", "due_days"):
        if key in rule.model_fields_set:
            yield Fault(f"{path}.{key}", f"a change has no {key}: a sum or a day is a field of its form")


def _form(document: PolicyShape, rule: ActionRule, path: str) -> Iterator[Fault]:
    if rule.form is None:
        return
    known = {*SHOWN_FACTS, *document.facts}
    for key, text in rule.form.texts():
        for name in placeholders(text):
            if name not in known:
                told = f"{{{name}}} is no fact; known: {', '.join(sorted(known))}"
                yield Fault(f"{path}.form.{key}", told)


def _writeback(document: PolicyShape, rule: ActionRule, path: str) -> Iterator[Fault]:
    fields = rule.form.fields if rule.form is not None else {}
    written, path = rule.written, f"{path}.writeback"
    for name, value in written.set.items():
        if name in _RESERVED:
            yield Fault(f"{path}.set.{name}", f"{name!r} is the core's own; a policy writes details only")
        elif problem := _unfit_value(fields, value, document.facts.get(name)):
            yield Fault(f"{path}.set.{name}", problem)
    for key, flags in (("add", written.flags.add), ("remove", written.flags.remove)):
        for index, flag in enumerate(flags):
            if flag not in document.facts or document.facts[flag].kind != "flag":
                known = (
                    ", ".join(name for name, fact in document.facts.items() if fact.kind == "flag") or "none"
                )
                yield Fault(
                    f"{path}.flags.{key}.{index}", f"{flag!r} is no fact of kind flag; known: {known}"
                )
    for index, name in enumerate(written.documents):
        if name not in fields or fields[name].kind != "document":
            known = ", ".join(key for key, field in fields.items() if field.kind == "document") or "none"
            yield Fault(f"{path}.documents.{index}", f"{name!r} is no field of kind document; known: {known}")


def _unfit_value(fields: dict[str, AnyField], value: FactValue, fact: FactRule | None) -> str:
    """Say why a value cannot be written to a detail, or nothing."""
    name = field_of(value)
    if name is None:
        return "" if fact is None or fact.allows(value) else f"cannot be {value!r}; allowed: {fact.allowed}"
    if name not in fields:
        return f"${name} is no field of this form; known: {', '.join(fields) or 'none'}"
    return _unfit_field(name, fields[name], fact)


def _unfit_field(name: str, field: AnyField, fact: FactRule | None) -> str:
    """Say why what comes into a field cannot be written to a detail, or nothing."""
    if field.kind == "document":
        return f"${name} is a document: name it under writeback.documents"
    if fact is None:
        return ""
    if fact.kind not in _WRITES[field.kind]:
        return f"${name} is a {field.kind} and cannot become a {fact.kind}"
    listed = field.kind == "choice" and all(fact.allows(option) for option in field.one_of)
    if fact.kind == "word" and not listed:
        return f"${name} may hold words that are not allowed here; allowed: {fact.allowed}"
    if field.kind == "money" and not (fact.allows(field.at_least_minor) and fact.allows(field.at_most_minor)):
        return f"${name} may hold sums that are not allowed here; allowed: {fact.allowed}"
    return ""
