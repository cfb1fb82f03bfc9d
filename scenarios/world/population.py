"""A scenario's own cases: what its case file changes of it. The file itself is read in `population_file`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.model import Channel
from scenarios.files.faults import gather
from scenarios.files.places import Tree
from scenarios.notes import TOO_NARROW
from scenarios.result import Provenance
from scenarios.world.document import ScenarioDocument

if TYPE_CHECKING:
    from sandbox.policy.document import PolicyDocument
    from sandbox.simulation.given import GivenPeople

_INSTEAD_OF = {
    "arrears_band": ("customers.arrears_bands",),
    "balance": ("customers.balance_minor_median", "customers.balance_sigma"),
    "overdue": ("customers.overdue_share_per_month",),
    "closed": ("customers.closed_account_rate",),
    "broken_promises": ("customers.broken_promises",),
    "vulnerable": ("customers.vulnerable_rate",),
    "disputed": ("customers.already_disputed_rate",),
    "payment_ok": ("customers.payment_accepted_rate",),
}
_INSTEAD_OF_CONSENT = {
    Channel.SMS: "customers.consent_sms_rate",
    Channel.WHATSAPP: "customers.whatsapp_opt_in_rate",
    Channel.EMAIL: "customers.email_on_file_rate",
}
"""Settings that say nothing any more where a column does."""


def with_population(
    document: ScenarioDocument,
    policy: PolicyDocument,
    tree: Tree,
    set_outside: Collection[str],
    problems: list[str],
) -> tuple[ScenarioDocument, GivenPeople | None, list[str]]:
    """Read the case file a scenario names; unless its messages are set from outside, they follow from the rows.

    Args:
        document: the scenario.
        policy: the policy it names.
        tree: the plain data the document was made of, with its places.
        set_outside: paths that were set from outside.
        problems: gets everything wrong with the file.

    Returns:
        The document with its messages, the customers or None, and what every result has to say of them.
    """
    block = document.population
    if block is None:
        return document, None, []
    inner = "population.file" if "population.file" in tree.places else "population"
    folder = tree.place(inner).folder
    from scenarios.world.population_file import read_population  # late: most scenarios have no case file

    read = gather(problems, lambda: read_population(block, folder, policy.facts))
    if read is None:
        return document, None, []
    people, notes = read
    if "campaign.messages" not in set_outside:
        messages = people.rows * document.campaign.touches_per_case
        campaign = document.campaign.model_copy(update={"messages": messages})
        document = document.model_copy(update={"campaign": campaign})
    return document, people, [*notes, *_taken(Path(block.file).name, people.rows, cases_of(document))]


def cases_of(document: ScenarioDocument) -> int:
    """Return how many cases a campaign takes."""
    return document.campaign.messages // document.campaign.touches_per_case


def messages_most(document: ScenarioDocument, people: GivenPeople | None) -> int | None:
    """Return with how many messages every case of the case file is run once; None without a file."""
    return None if people is None else people.rows * document.campaign.touches_per_case


def _taken(name: str, rows: int, cases: int) -> list[str]:
    """What a campaign that does not take every case of the file once has to say."""
    if cases < rows:
        return [f"{cases:,} of the {rows:,} cases are run, spread over all of {name}"]
    if cases == rows:
        return []
    times = f"{cases / rows:,.{1 if cases < 10 * rows else 0}f}"
    held = f"{name} holds {rows:,} cases and {cases:,} are run: each case about {times} times, with luck of its own"
    return [f"{held}; {TOO_NARROW}"]


def told_by_file(people: GivenPeople | None, origins: Sequence[Provenance]) -> list[Provenance]:
    """The origins of a scenario's numbers; those a case file stands in place of are measured, row by row."""
    if people is None:
        return list(origins)
    told = {path for column in people.columns for path in _INSTEAD_OF[column]}
    told |= {_INSTEAD_OF_CONSENT[channel] for channel in people.consent}
    told |= {f"customers.facts.{name}." for name in people.facts}
    told |= {"customers.preferred_channel"} if people.preferred else set()
    told |= {"customers.time_zones"} if people.zones else set()
    note = "the case file says it row by row; this number is not used"
    return [
        replace(origin, source="measured", note=note) if origin.path.startswith(tuple(told)) else origin
        for origin in origins
    ]
