"""A policy as text: the document to sign, one customer's decision, and what a new edition changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scenarios.percent import in_percent
from tui.cli.sums import sum_rows
from tui.cli.tables import aligned, fits, wrapped

if TYPE_CHECKING:
    from sandbox.policy.link_terms import LinkTermsRule
    from sandbox.policy.schema import ActionRule, Rule
    from scenarios.policies.diff import PolicyDiff
    from scenarios.policies.explain import Explained
    from scenarios.policies.reading import ReadPolicy

_SHOWN = ("completions", "minutes_to_resolution", "calls", "agent_hours", "cost")


def show_text(read: ReadPolicy, following: str, width: int) -> str:
    """Return the whole document, as a risk officer signs it."""
    from scenarios.policies.reading import fact_kind_words

    document = read.document
    done = document.completion
    lines = [f"{document.policy}, version {document.version}", *wrapped(document.title, width)]
    lines += wrapped(read.source, width)
    lines += ["", "TRIGGER", *wrapped(document.trigger, width), "", "COMPLETE WHEN"]
    for text in (done.customer_action, done.policy_condition, done.writeback_destination):
        lines += wrapped(text, width)
    lines += wrapped(f"evidence: {', '.join(done.evidence)}", width, "  ")
    if document.facts:
        lines += ["", "FACTS   beyond those of every account"]
        for name, fact in document.facts.items():
            lines += wrapped(f"{name}: {fact_kind_words(fact)}", width, "  ")
    lines += [
        "",
        "KEPT OUT   first rule that holds",
        *_rules(read, "exclude_when", document.exclude_when, width),
    ]
    lines += ["", "TO A PERSON   first rule that holds"]
    lines += _rules(read, "person_when", document.person_when, width)
    if document.link_terms is not None:
        lines += ["", "LINKS ARE SIGNED FOR", *wrapped(_signed_for(document.link_terms), width, "  ")]
    lines += _segments(read, width)
    for name, action in document.actions.items():
        lines += ["", *_action(read, name, action, width)]
    lines += ["", "ENDS SELF-SERVICE", *wrapped(", ".join(document.exception_triggers) or "nothing", width)]
    return "\n".join([*lines, "", f"next: {following}   (what it says to one customer)"]) + "\n"


def _signed_for(terms: LinkTermsRule) -> str:
    part = "" if terms.accepts == "exactly" else ", or a part of it"
    owed = "what is overdue" if terms.amount == "overdue" else "the balance"
    return f"{owed} when the message leaves{part}; to {terms.payee}, and nobody else"


def _rules(read: ReadPolicy, path: str, rules: Iterable[Rule], width: int) -> list[str]:
    from scenarios.policies.reading import when_words

    lines = []
    for at, rule in enumerate(rules):
        words = when_words(rule.when, read.document.facts)
        start = f"{path}.{at}.when."
        told = [_source(read, key) for key in read.sources if key.startswith(start)]
        lines += wrapped(f"{rule.rule}: {words}{''.join(told)} → {rule.reason}", width, "  ")
    return lines or ["  none"]


def _source(read: ReadPolicy, path: str) -> str:
    origin = read.sources.get(path)
    if origin is None:
        return ""
    spread = "" if origin.range is None else " {} to {}".format(*(_bound(path, end) for end in origin.range))
    return f" [{origin.source}{spread}]"


def _bound(path: str, value: float) -> str:
    """Write the end of a range in the unit of the number it belongs to."""
    from scenarios.policies.reading import money

    return money(round(value)) if "_minor" in path else f"{value:g}"


def _segments(read: ReadPolicy, width: int) -> list[str]:
    """Segments in words, then which action is for which."""
    from scenarios.policies.reading import when_words

    document = read.document
    if not document.segments:
        return []
    lines = ["", "SEGMENTS   first that holds"]
    for one in document.segments:
        words = "everybody else" if one.when is None else when_words(one.when, document.facts)
        lines += wrapped(f"{one.segment}: {words}", width, "  ")
    names = [one.segment for one in document.segments]
    rows = [["action", *names]]
    for action, rule in document.actions.items():
        rows.append([action, *("yes" if name in (rule.segments or names) else "no" for name in names)])
    table = aligned(rows, "<" * len(rows[0]))
    if fits(table, width):
        return [*lines, "", *table]
    return [*lines, "", *(line for row in rows[1:] for line in _row_words(row, names, width))]


def _row_words(row: list[str], names: list[str], width: int) -> list[str]:
    offered = [name for name, cell in zip(names, row[1:], strict=True) if cell == "yes"]
    return wrapped(f"{row[0]}: for {', '.join(offered)}", width, "  ")


def _action(read: ReadPolicy, name: str, rule: ActionRule, width: int) -> list[str]:
    from scenarios.policies.reading import money

    path = f"actions.{name}"
    work = "routine" if rule.routine else "judgement work, always a person's"
    facts = [("effect", rule.effect_of(name)), ("identity", rule.identity.replace("_", " ")), ("work", work)]
    if rule.amount is not None:
        least = f"{money(rule.amount.minimum_minor)}{_source(read, f'{path}.amount.minimum_minor')}"
        if rule.amount.minimum_percent_of_overdue:
            share = f"{rule.amount.minimum_percent_of_overdue:g} %"
            told = _source(read, f"{path}.amount.minimum_percent_of_overdue")
            least = f"the greater of {least} and {share} of what is overdue{told}"
        facts += [("amount from", least), ("amount to", f"the {rule.amount.maximum}")]
    if rule.due_days.max:
        low, high = (_source(read, f"{path}.due_days.{end}") for end in ("min", "max"))
        facts.append(("due", f"{rule.due_days.min}{low} to {rule.due_days.max}{high} days from today"))
    facts += [("writes", _writes(rule)), ("evidence", ", ".join(rule.evidence))]
    lines = [f"ACTION {name}"]
    for key, text in facts:
        lines += wrapped(f"{key}: {text}", width, "  ")
    if rule.form is not None:
        form = rule.form
        for text in (form.heading, form.reads, f"[{form.submit}]", form.confirms):
            lines += wrapped(f"customer reads: {text}", width, "  ")
        for field, asked in form.fields.items():
            limits = asked.model_dump(exclude_defaults=True, exclude={"label", "kind"})
            told = "; ".join(f"{key} {_plain(value)}" for key, value in limits.items())
            words = f"field {field}: “{asked.label}”, {asked.kind}{'; ' if told else ''}{told}"
            lines += wrapped(words, width, "  ")
    lines.append("  blocked when")
    return lines + [
        "  " + line for line in _rules(read, f"{path}.blocked_when", rule.blocked_when, width - 2)
    ]


def _plain(value: object) -> str:
    if isinstance(value, tuple | list):
        return " or ".join(map(str, value))
    return "yes" if value is True else str(value)


def _writes(rule: ActionRule) -> str:
    written = rule.written
    parts = [f"status {written.status}"]
    parts += [f"{name} = {_plain(value)}" for name, value in written.set.items()]
    parts += [f"sets {flag}" for flag in written.flags.add]
    parts += [f"clears {flag}" for flag in written.flags.remove]
    parts += [f"files {document}" for document in written.documents]
    parts += [f"note “{written.note}”"] if written.note else []
    return "; ".join([*parts, "completes the case" if written.completes else "does not complete the case"])


def explain_text(found: Explained, following: str, width: int) -> str:
    """Return what this customer may do, within which limits, and which rule stops the rest."""
    from scenarios.policies.reading import money

    decision = found.decision
    head = f"{found.policy}, version {decision.policy_version}"
    lines = [f"{head}, segment {decision.segment}" if decision.segment else head, ""]
    if not found.admission.admitted:
        lines += wrapped(f"kept out by {found.admission.rule}: {found.admission.reason}", width)
    elif decision.person_reason:
        lines += wrapped(f"to a person by {found.person_rule}: {decision.person_reason}", width)
    else:
        lines.append("  comes in")
    lines += ["", "ALLOWED"]
    for offer in decision.allowed:
        parts = [f"identity {offer.identity_level.name.lower().replace('_', ' ')}"]
        if offer.effect != "change":
            parts.append(f"{money(offer.amount_min_minor)} to {money(offer.amount_max_minor)}")
        if offer.due_days_max:
            parts.append(f"{offer.due_days_min} to {offer.due_days_max} days from today")
        parts += [] if offer.routine else ["a person decides"]
        lines += wrapped(f"{offer.action}: {'; '.join(parts)}", width, "  ")
    lines += [] if decision.allowed else ["  nothing"]
    lines += ["", "BLOCKED"]
    rows = [[one.action, f"by {one.rule}", one.reason] for one in decision.blocked]
    lines += aligned(rows, "<<<") if rows else ["  nothing"]
    return "\n".join([*lines, "", f"next: {following}   (all its rules)"]) + "\n"


def diff_text(found: PolicyDiff, following: str, width: int) -> str:
    """Return the rules that changed, whom that concerns, and what it does to every design."""
    share = found.touched / found.cases if found.cases else 0.0
    head = f"{found.scenario}, seed {found.seed}, {found.replications} replications"
    lines = [head, "", "RULES   old → new"]
    for change in found.text:
        old, new = ("none" if value is None else _plain(value) for value in (change.before, change.after))
        lines += wrapped(f"{change.path}: {old} → {new}", width, "  ")
    lines += [] if found.text else ["  the documents say the same"]
    lines += [
        "",
        f"WHO IS TOLD SOMETHING ELSE   {found.touched:,} of {found.cases:,} customers ({in_percent(share, 1)})",
    ]
    for move, moved in found.moves:
        segment = f" ({move.segment})" if move.segment else ""
        cases = ", ".join(map(str, moved.examples))
        text = f"{moved.cases:,} {move.action}{segment}: {move.before} → {move.after}; such as case {cases}"
        lines += wrapped(text, width, "  ")
    lines += [] if found.moves else ["  nobody"]
    lines += ["", "SCORECARD   new minus old, same customers, 95 % interval"]
    for design, figures in found.scorecard.items():
        shown = {name: figures[name] for name in _SHOWN}
        lines += aligned(sum_rows({design: shown}, found.currency, signed=True), "<<")
    return "\n".join([*lines, "", f"next: {following}   (one customer, step by step)"]) + "\n"
