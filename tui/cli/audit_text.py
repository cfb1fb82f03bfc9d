"""What the audit commands say: an export, a check, the evidence of a case; as text and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from sandbox.audit.masking import masked_evidence
from sandbox.model import AssuranceLevel
from tui.cli.orders import Order, command_line
from tui.cli.sealing import audit_line
from tui.cli.tables import GAP, INDENT, aligned, wrapped

if TYPE_CHECKING:
    from sandbox.audit.evidence_bundle import EvidenceBundle
    from scenarios.evidence.audit_export import CaseEvidence, EvidenceExport, TrailExport
    from scenarios.evidence.trail_file import TrailCheck

SCHEMA = 1

_CUT_TAIL = (
    "rows cut off the end break nothing inside a trail: only the head, kept elsewhere, shows them missing"
)


def export_document(found: TrailExport, order: Order, key_id: str) -> dict[str, object]:
    """Return the JSON form of an export's summary; the rows are in the file."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "design": found.design,
        "seed": found.seed,
        "rows": found.rows,
        "head": {"algorithm": "sha256", "digest": found.head.digest.hex(), "seq": found.head.seq},
        "file": order.out,
        "sealed_with": key_id or None,
    }


def export_text(
    found: TrailExport, order: Order, files: tuple[str, str | None], key_id: str, width: int
) -> str:
    """Return what was exported, and how to check it.

    Args:
        found: the export.
        order: what was asked for.
        files: where the head was written, or empty; and the file of the key, or None.
        key_id: the key it was sealed with, or empty.
        width: columns.
    """
    head_file, key_file = files
    head = head_file or found.head_text
    sealed = (
        f"with key {key_id}"
        if key_id
        else "no: rows hold account numbers and amounts; --seal-key FILE seals them"
    )
    rows = [["rows", f"{found.rows:,}"], ["head", head], ["sealed", sealed]]
    lines = [
        *textwrap.wrap(
            f"{found.scenario}, {found.design}, seed {found.seed}, {order.settings_words()}", width
        ),
        *aligned(rows, "<<"),
        *textwrap.wrap(f"keep the head apart: {_CUT_TAIL}", width),
        f"next: {audit_line('verify', order.out or 'FILE', [('--head', head), ('--seal-key', key_file)])}",
    ]
    return "\n".join(lines) + "\n"


def verify_text(file: str, check: TrailCheck, sealed: bool, width: int) -> str:
    """Return what a check found, what it could not see, and what to do."""
    counted = f"{check.rows:,} rows of {check.cases:,} cases"
    lines = [f"{file}{', sealed' if sealed else ''}"]
    if check.ok:
        lines += wrapped(f"✔ pass   {counted}, each as exported, in order, the chain intact", width)
    else:
        lines += wrapped(
            f"✘ fail   at row {check.at_row:,}: {check.problem}", width, hanging=" " * len("✘ fail   ")
        )
        lines += wrapped(f"{counted} before it stand", width)
    if check.head_checked:
        ends = "ends where the head outside it says" if check.ok else "was held against the head outside it"
        lines += wrapped(f"head: the trail {ends}", width)
    else:
        lines += wrapped(f"head: not given; {_CUT_TAIL}", width)
    following = (
        "sandbox audit export NAME --case ID   (what the rows of one case prove)"
        if check.ok
        else "take the trail from where it was exported to and check that copy; keep this one as evidence"
    )
    return "\n".join([*lines, f"next: {following}"]) + "\n"


def evidence_document(found: EvidenceExport) -> dict[str, object]:
    """Return the JSON form of cases' evidence; what stands for a person is masked."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "design": found.design,
        "seed": found.seed,
        "cases": [
            {"customer": case.customer, **masked_evidence(case.bundle.as_plain())} for case in found.cases
        ],
    }


def evidence_text(found: EvidenceExport, order: Order, width: int) -> str:
    """Return the evidence of each case, part by part, and what is missing."""
    lines = wrapped(f"{found.scenario}, {found.design}, seed {found.seed}, {order.settings_words()}", width)
    for case in found.cases:
        lines += ["", *_case(case, found.clock, width)]
    given = [("--set", one) for one in order.settings] + [("--seed", order.seed)]
    shown = found.cases[0].bundle.case_id
    following = command_line("trace", order.scenario, [("--design", found.design), ("--case", shown), *given])
    return "\n".join([*lines, "", f"next: {following}   (the same case, moment by moment)"]) + "\n"


def _case(case: CaseEvidence, clock: Callable[[int], str], width: int) -> list[str]:
    bundle = case.bundle
    whole = "complete" if bundle.complete else f"missing: {', '.join(bundle.missing)}"
    lines = [f"CASE {bundle.case_id}   {case.customer}, {bundle.final_state or 'no rows'}; {whole}"]
    parts = _parts(bundle, clock)
    wide = max(len(name) for name, _ in parts)
    for name, said in parts:
        for label, text in zip_longest([name], said or ["-"], fillvalue=""):
            start = f"{INDENT}{label:<{wide}}{GAP}"
            lines += textwrap.wrap(text, width, initial_indent=start, subsequent_indent=" " * len(start))
    return lines


def _parts(bundle: EvidenceBundle, clock: Callable[[int], str]) -> list[tuple[str, list[str]]]:
    """Every part by name, each with its lines."""
    return [
        ("trigger", [bundle.trigger] if bundle.trigger else []),
        ("sent", [f"{clock(one.at_ms)} {one.channel}{_touch(one.touch)}" for one in bundle.sent]),
        ("consent", [bundle.consent] if bundle.consent else []),
        ("acted", [", ".join(bundle.acted)] if bundle.acted else []),
        (
            "identity",
            [
                f"{clock(one.at_ms)} {one.method} "
                + (f"passed: level {AssuranceLevel(one.level).name}" if one.passed else "not passed")
                + (f" ({one.reason})" if one.reason else "")
                for one in bundle.identity
            ],
        ),
        (
            "decision",
            [
                f"{clock(one.at_ms)} {one.verdict} by {one.rule or 'a rule not told'}"
                + (f": {one.reason}" if one.reason else "")
                + f", policy version {one.policy_version or 'not told'}"
                + (f", account version {one.account_version}" if one.account_version else "")
                for one in bundle.decision
            ],
        ),
        ("inputs", _told(bundle.inputs)),
        ("receipt", _told(bundle.receipt)),
        ("reason", [bundle.reason] if bundle.reason else []),
        ("next action", [bundle.next_action] if bundle.next_action else []),
        ("from, to", [f"{clock(bundle.first_at_ms)}, {clock(bundle.last_at_ms)}"] if bundle.rows else []),
        ("rows", [", ".join(map(str, bundle.rows))] if bundle.rows else []),
    ]


def _touch(touch: int) -> str:
    return f", touch {touch}" if touch else ""


def _told(values: dict[str, Any]) -> list[str]:
    said = ", ".join(f"{key} {value}" for key, value in masked_evidence(values).items())
    return [said] if said else []
