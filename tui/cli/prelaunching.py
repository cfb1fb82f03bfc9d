"""`sandbox prelaunch`: ten cases rehearsed through the real code, as a review a team can sign off."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING

from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import Order, command_line, next_step
from tui.cli.progress import ProgressLine
from tui.cli.streams import WIDTH_DEFAULT, text_width, write_err
from tui.cli.tables import INDENT, aligned, wrapped
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.rehearsal.prelaunch import CaseReview, Review

SCHEMA = 1

_MARKS = {"ok": "✔ ok", "not ok": "✘ not ok", "does not apply": "· does not apply"}
_LABEL_COLUMNS = 13


def review(
    scenario: options.Scenario,
    design: options.Design = None,
    settings: options.Settings = None,
    seed: options.Seed = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
) -> None:
    """Rehearse ten cases before launch: five clean, five failing, and who owns what is left of each."""
    order = Order(
        verb="prelaunch",
        scenario=scenario,
        settings=tuple(settings or ()),
        seed=seed,
        as_json=as_json,
        out=out,
    )
    given = [("--design", design), *(("--set", setting) for setting in order.settings), ("--seed", seed)]

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (scenario,))
        with ProgressLine(sys.stderr, monotonic_s) as line:
            line.say("reading the scenario")
            from scenarios.rehearsal.prelaunch import review_design

            found = review_design(
                order.request(), design, should_stop, lambda title: line.say(f"rehearsing: {title}")
            )
        width = WIDTH_DEFAULT if out is not None else text_width()
        deliver(
            destination,
            review_document(found),
            lambda: review_text(found, order, width),
            as_json=as_json,
        )
        failed = [*(case.title for case in found.cases if case.verdict == "not ok")]
        failed += [trial.moment for trial in found.writeback if not trial.ok]
        if failed:
            write_err(f"{len(failed)} not ok: {'; '.join(failed)}")
        return ExitCode.OK if found.ok else ExitCode.EXPECTATION_FAILED

    conduct(
        body,
        replay=command_line("prelaunch", scenario, given),
        next_step=lambda problems: next_step(scenario, problems),
    )


def review_document(found: Review) -> dict[str, object]:
    """Return the JSON form of a review, whole transcripts included."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "design": found.design,
        "title": found.title,
        "seed": found.seed,
        "assisted": found.assisted,
        "ok": found.ok,
        "cases": [_case_document(case) for case in found.cases],
        "writeback_test": [trial._asdict() for trial in found.writeback],
    }


def _case_document(case: CaseReview) -> dict[str, object]:
    return {
        "number": case.number,
        "title": case.title,
        "kind": case.kind,
        "verdict": case.verdict,
        "reason": case.reason,
        "customer": case.customer,
        "picked": case.picked,
        "staged": list(case.staged),
        "customer_saw": list(case.saw),
        "system_did": list(case.did),
        "seen_by": case.seen_by,
        "next_action": case.next_action,
        "core": case.core,
        "evidence": case.evidence,
        "checks": [check._asdict() for check in case.checks],
        "transcript": [moment._asdict() for moment in case.transcript],
    }


def review_text(found: Review, order: Order, width: int) -> str:
    """Return the review: the summary, the writeback test, then a block for each case.

    Args:
        found: the review.
        order: what was asked for; the next command repeats it.
        width: columns.
    """
    shape = "assisted service" if found.assisted else "self-service"
    lines = [f"{found.design}: {found.title}"]
    lines += [f"{INDENT}{found.scenario}, seed {found.seed}; the normal path is {shape}", ""]
    ten = [case for case in found.cases if case.kind != "further"]
    good = sum(case.verdict == "ok" for case in ten)
    lines += [f"TEN CASES   {good} ok of {len(ten)}: five clean, five failing; then two further failures"]
    lines += [*_summary(found), ""]
    lines += ["WRITEBACK TEST   in the way this design posts"]
    for trial in found.writeback:
        lines += wrapped(f"{_mark(trial.ok)}  {trial.moment}: {trial.found}", width, hanging=" " * 6)
    for case in found.cases:
        lines += ["", *_block(case, width)]
    return "\n".join([*lines, "", f"next: {order.follow('map', [('--design', found.design)])}"]) + "\n"


def _mark(ok: bool) -> str:
    return _MARKS["ok" if ok else "not ok"]


def _summary(found: Review) -> list[str]:
    rows = [["", "case", "customer", "who sees it", "verdict"]]
    for case in found.cases:
        how = "" if case.not_applicable else "staged" if case.staged else "picked"
        seen = case.seen_by.partition(";")[0].partition(",")[0].removesuffix(" on the line")
        rows.append([str(case.number), case.title, how, seen, _MARKS[case.verdict]])
    return aligned(rows, "><<<<")


def _block(case: CaseReview, width: int) -> list[str]:
    """Return one case: what was seen, done, owned and left, and the verdict with its reason."""
    lines = [f"{case.number}. {case.title}   {case.kind}"]
    if case.not_applicable:
        return [*lines, *_entry("verdict", f"{_MARKS[case.verdict]}: {case.not_applicable}", width)]
    who = "picked from the population" if case.picked else "staged"
    lines += _entry("customer", f"{case.customer} ({who})", width)
    if case.staged:
        lines += _entry("staged", "; ".join(case.staged), width)
    for label, texts in (("sees", case.saw), ("system", _runs(case.did))):
        for place, text in enumerate(texts):
            lines += _entry("" if place else label, text, width)
    lines += _entry("who sees it", case.seen_by, width)
    lines += _entry("next action", case.next_action, width)
    lines += _entry("core holds", case.core, width)
    lines += _entry("evidence", case.evidence, width)
    return lines + _entry("verdict", f"{_MARKS[case.verdict]}: {case.reason}", width)


def _runs(texts: tuple[str, ...]) -> list[str]:
    """Return lines that differ in the number of a try alone as one, with the tries between left out."""
    kept: list[str] = []
    last = ""
    for text in texts:
        tried = text.startswith("core: posting, try")
        answer = text.rpartition(" ")[2] if tried else ""
        if tried and answer == last:
            kept[-1] = f"{kept[-1].partition(' … ')[0]} … {text.partition(', ')[2]}"
        else:
            kept.append(text)
        last = answer
    return kept


def _entry(label: str, text: str, width: int) -> list[str]:
    blank = " " * _LABEL_COLUMNS
    return textwrap.wrap(
        text,
        width,
        initial_indent=f"{INDENT}{label:<{_LABEL_COLUMNS}}",
        subsequent_indent=f"{INDENT}{blank}",
        break_on_hyphens=False,
    )
