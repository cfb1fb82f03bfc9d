"""Which workflow to pilot first: a portfolio of workflows held against the pilot rules and ranked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import fsum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandbox.errors import BadInput
from sandbox.scorecard.judgement import Held, Reading, hold
from sandbox.scorecard.rules import ExpandingDefinition, PilotDefinition, PilotRule
from scenarios.files.faults import validated
from scenarios.files.overlay import as_tree
from scenarios.files.places import Tree, instead_of
from scenarios.files.quantities import collapse, quantify
from scenarios.files.reader import read_yaml
from scenarios.result import Provenance
from scenarios.world.library import find, shipped

SHIPPED = "eight-workflows"
"""The portfolio that comes with the product."""

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=500)]
Status = Literal["candidate", "candidate, unsure", "out"]

_STATED = ("repeat_contact_rate", "clear_policy_share", "judgement_share", "exception_share")


class MeasuredBy(BaseModel):
    """The scenario that simulates a workflow.

    Attributes:
        scenario: a shipped name or a path.
        today: the design the workflow has today; repeat contact is measured there.
        pilot: the design to be piloted; exceptions are measured there.
        settings: "path=value" texts that make it small.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: Text
    today: Slug
    pilot: Slug
    settings: tuple[Text, ...] = ()


class Workflow(BaseModel):
    """One workflow as its owner describes it; shares are of a month's cases.

    Attributes:
        workflow: its name.
        title: one line for tables.
        complete_when: what must be true for a case to be complete.
        identity: the level its actions ask for.
        volume_per_month: cases a month.
        repeat_contact_rate: cases in which the customer contacts again about the same thing.
        clear_policy_share: cases that follow a clear policy.
        judgement_share: cases in which a person must judge.
        exception_share: cases expected to leave the normal path.
        measured_by: the scenario that simulates it, if there is one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    workflow: Slug
    title: Text
    complete_when: Text
    identity: Literal["link", "code", "login", "code_and_facts", "known_facts"]
    volume_per_month: Annotated[float, Field(gt=0.0)]
    repeat_contact_rate: Share
    clear_policy_share: Share
    judgement_share: Share
    exception_share: Share
    measured_by: MeasuredBy | None = None


class PortfolioDocument(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    portfolio: Slug
    title: Text
    workflows: Annotated[tuple[Workflow, ...], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        times = Counter(item.workflow for item in self.workflows)
        if twice := sorted(name for name, count in times.items() if count > 1):
            raise ValueError(f"workflow named twice: {', '.join(twice)}; allowed: each once")
        return self


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A portfolio ready to be ranked.

    Attributes:
        document: what the file says.
        readings: per workflow, every quantity the pilot rules may name; the interval is the stated range.
        provenance: where every number comes from.
        source: the file as messages name it.
    """

    document: PortfolioDocument
    readings: dict[str, dict[str, Reading]]
    provenance: list[Provenance]
    source: str


@dataclass(frozen=True, slots=True)
class Placing:
    """One workflow's place in the ranking.

    Attributes:
        rank: from 1; workflows that are out come after all candidates.
        workflow: what is ranked.
        status: candidate when its figures hold every line, unsure when a range straddles one, out otherwise.
        held: each pilot rule with how the workflow came out.
        readings: its quantities.
    """

    rank: int
    workflow: Workflow
    status: Status
    held: tuple[tuple[PilotRule, Held], ...]
    readings: dict[str, Reading]


def read_portfolio(name_or_path: str | None = None) -> Portfolio:
    """Read a portfolio; the shipped one if nothing is named.

    Raises:
        BadInput: every fault with file, line and key.
    """
    target = find("portfolio", name_or_path or SHIPPED)
    read = as_tree(read_yaml(target.path, target.source), target.path.parent)
    tree, problems = quantify(read)
    data, origins = collapse(tree)
    if problems:
        raise BadInput(problems)
    plain = Tree(data, tree.places)
    document = validated(PortfolioDocument, plain)
    unknown = _unknown_scenarios(document, plain)
    if unknown:
        raise BadInput(unknown)
    return Portfolio(document, _readings(document, origins), origins, target.source)


def rank(portfolio: Portfolio, rules: PilotDefinition) -> tuple[Placing, ...]:
    """Hold every workflow against the pilot rules and rank them; ties keep the order of the file."""
    judged = []
    for workflow in portfolio.document.workflows:
        readings = portfolio.readings[workflow.workflow]
        held = tuple((rule, hold(rule.passes, readings[rule.quantity], {})) for rule in rules.candidates)
        judged.append((workflow, _status(held, readings), held, readings))

    def place(item: tuple[Workflow, Status, object, dict[str, Reading]]) -> tuple[float, ...]:
        _, status, _, readings = item
        keys = [
            -(readings[key.quantity].value or 0.0)
            if key.first == "most"
            else readings[key.quantity].value or 0.0
            for key in rules.rank_by
        ]
        return (float(status == "out"), *keys)

    return tuple(
        Placing(at, workflow, status, held, readings)
        for at, (workflow, status, held, readings) in enumerate(sorted(judged, key=place), start=1)
    )


def chosen(ranking: tuple[Placing, ...]) -> Placing | None:
    """Return the workflow to pilot first, the one ranked highest; None when every one is out."""
    return ranking[0] if ranking and ranking[0].status != "out" else None


def expanding(rules: PilotDefinition, workflow: Workflow) -> list[tuple[ExpandingDefinition, str]]:
    """Return the questions before a pilot grows, each with the command that answers it for a workflow, or nothing."""
    by = workflow.measured_by
    return [
        (one, one.with_command.format(scenario=by.scenario, design=by.pilot) if by else "")
        for one in rules.expanding
    ]


def _status(held: tuple[tuple[PilotRule, Held], ...], readings: dict[str, Reading]) -> Status:
    for rule, _ in held:
        value = readings[rule.quantity].value
        at_value = readings[rule.quantity]._replace(low=value, high=value)
        if hold(rule.passes, at_value, {}).verdict != "pass":
            return "out"
    return "candidate" if all(one.verdict == "pass" for _, one in held) else "candidate, unsure"


def _readings(document: PortfolioDocument, origins: list[Provenance]) -> dict[str, dict[str, Reading]]:
    ranges = {origin.path: origin.range for origin in origins}
    sources = {origin.path: origin.source for origin in origins}
    routine = [item.volume_per_month * (1 - item.judgement_share) for item in document.workflows]
    everything = fsum(routine)
    found = {}
    for at, workflow in enumerate(document.workflows):
        path, own = f"workflows.{at}", {}
        for name in _STATED:
            value = float(getattr(workflow, name))
            low, high = ranges.get(f"{path}.{name}") or (value, value)
            base, note = "cases of a month", sources.get(f"{path}.{name}", "")
            own[name] = Reading(value, low, high, 0, "rate", base, note)
        volume = workflow.volume_per_month
        bounds = ranges.get(f"{path}.volume_per_month") or (volume, volume)
        others = everything - routine[at]
        low, mid, high = (
            _share(one * (1 - workflow.judgement_share), others) for one in (bounds[0], volume, bounds[1])
        )
        note = sources.get(f"{path}.volume_per_month", "")
        own["routine_volume_share"] = Reading(
            mid, low, high, 0, "rate", "routine cases of all workflows", note
        )
        found[workflow.workflow] = own
    return found


def _share(part: float, others: float) -> float:
    return part / (part + others) if part + others > 0 else 0.0


def _unknown_scenarios(document: PortfolioDocument, tree: Tree) -> list[str]:
    problems = []
    for at, workflow in enumerate(document.workflows):
        by = workflow.measured_by
        if by is None:
            continue
        try:
            find("scenario", by.scenario, tree.place(f"workflows.{at}.measured_by.scenario").folder)
        except BadInput as unknown:
            problems += [
                tree.problem(f"workflows.{at}.measured_by.scenario", text) for text in unknown.problems
            ]
        for key in ("today", "pilot"):
            name = getattr(by, key)
            if by.scenario in shipped("scenario") and name not in shipped("design"):
                told = f"found {name!r}{instead_of(name, shipped('design'))}"
                problems.append(tree.problem(f"workflows.{at}.measured_by.{key}", told))
    return problems
