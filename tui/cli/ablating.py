"""The part of `sandbox map --fix`: which handoff, if fixed, buys the most, and at what cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.progress import ShouldStop
from tui.cli.progress import ProgressLine
from tui.cli.sums import sum_rows, sums_json, unit_of, without_interval
from tui.cli.tables import aligned, headed, laid, wrapped

if TYPE_CHECKING:
    from scenarios.explain.ablation import Ablation
    from scenarios.run import CompareRequest
    from scenarios.totals import Figure


def fixed_handoffs(
    request: CompareRequest, design: str | None, line: ProgressLine, should_stop: ShouldStop
) -> Ablation:
    """Run the design with each of its handoffs fixed; see `scenarios.explain.ablation.fix_handoffs`.

    Raises:
        BadInput: wrong scenario, setting or design, or too few replications.
        NotReproduced: the call centre without the campaign does not come back to the history given.
        Cancelled: stopped on request.
    """
    from dataclasses import replace

    from scenarios.explain.ablation import REPLICATIONS_DEFAULT, fix_handoffs, variants_of
    from scenarios.run import prepare

    scenario, _ = prepare(replace(request, designs=None if design is None else (design,)))
    runs = variants_of(scenario.designs[design or scenario.document.baseline])
    runs += scenario.document.history.is_given  # the call centre without the campaign, held against it
    follow = line.follow(runs * (request.replications or REPLICATIONS_DEFAULT))
    return fix_handoffs(request, design, follow, should_stop)


def fixes_document(found: Ablation) -> dict[str, object]:
    """Return the JSON form, to stand beside the keys of the map."""
    return {
        "replications": found.replications,
        "notes": list(found.notes),
        "now": sums_json(found.now, found.currency),
        "fixes": [
            {
                "kind": fix.kind,
                "steps": list(fix.steps),
                "what": fix.what,
                "settings": list(fix.settings),
                "gains": sums_json(fix.gains, found.currency),
            }
            for fix in found.fixes
        ],
    }


def fixes_lines(found: Ablation, width: int) -> list[str]:
    """Return the ranking, then each fix with its intervals and how to run it by hand; its notes are the report's."""
    from scenarios.totals import MEASURES

    head = f"WHICH HANDOFF TO FIX   {found.replications} replications, same customers"
    lines = headed(f"{head}; most completions gained first", width)
    if not found.fixes:
        return [*lines, "  nothing to fix: the design has no step of a kind that can be"]
    shown = ("completions", "minutes_to_resolution", "calls", "agent_hours", "cost")
    heads = [MEASURES[name].title for name in shown]
    rows = [["", "handoff at", *heads]]
    for place, fix in enumerate(found.fixes, 1):
        cells = [without_interval(fix.gains[name], unit_of(name, found.currency)) for name in shown]
        rows.append([str(place), ", ".join(fix.steps), *cells])
    lines += laid(rows, "><" + ">" * len(shown), width, [1])
    lines += wrapped(
        f"≈ marks an interval that holds nought; · stands where not one day of any replication differs. Cost in "
        f"{found.currency}. The capacity a fix needs is not priced: agent hours are hours worked on the campaign's "
        "calls. 95 % intervals over replications; where these all differ alike, over their days.",
        width,
    )
    if not any(_is_clear(fix.gains["completions"]) for fix in found.fixes):
        lines += wrapped(
            "Whether any of these fixes changes completions the runs cannot tell, so their order is no ranking: more "
            "--replications narrow the intervals.",
            width,
        )
    for fix in found.fixes:
        lines += ["", *wrapped(f"{fix.kind}: {fix.what}", width)]
        gains = {name: fix.gains[name] for name in shown}
        lines += aligned(sum_rows({"with the fix": gains}, found.currency, signed=True), "<<")
        lines += ["  by hand:", *(f"    --set {text}" for text in fix.settings)]
    return lines


def _is_clear(gain: Figure) -> bool:
    """Whether the interval of a gain leaves nought out; a gain without one may be anything."""
    return gain.low is not None and gain.high is not None and not gain.low <= 0.0 <= gain.high
