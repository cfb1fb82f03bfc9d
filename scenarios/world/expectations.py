"""`expect:` entries: what a scenario's author says should come out, and under which settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sandbox.errors import BadInput
from sandbox.experiment.verdict import parse_that
from scenarios.blocks import Expectation
from scenarios.files.places import Tree, did_you_mean, instead_of, join
from scenarios.world.library import rates, shipped


@dataclass(frozen=True, slots=True)
class ExpectationSpec:
    """One expectation.

    Attributes:
        when: setting path to the value it must have for the expectation to be judged.
        design: design name.
        that: "METRIC < NUMBER"; comparators < <= > >=.
    """

    when: dict[str, object]
    design: str
    that: str


def expectations(
    written: Collection[Expectation],
    designs: Collection[str],
    settings: Mapping[str, object],
    metrics: Collection[str],
    tree: Tree,
) -> list[ExpectationSpec]:
    """Check every expectation against what there is.

    An inherited expectation on a shipped design that this scenario does not compare is left out: a file that extends
    another and compares fewer designs need not repeat the rest.

    Args:
        written: the `expect` block.
        designs: design names of the scenario.
        settings: flat settings of the scenario.
        metrics: known metric names.
        tree: where things stand.

    Raises:
        BadInput: an unknown metric, design or setting, or a `that` that is no condition or holds a rate
            against a number outside 0..1; all are told.
    """
    problems: list[str] = []
    kept: list[ExpectationSpec] = []
    for index, item in enumerate(written):
        path = join("expect", index)
        inherited = tree.place(path).source != tree.place("designs").source
        if item.design not in designs and inherited and item.design in shipped("design"):
            continue
        faults = _faults(item, designs, settings, metrics)
        problems += [tree.problem(join(path, key), text) for key, text in faults]
        kept.append(ExpectationSpec(dict(item.when), item.design, item.that))
    if problems:
        raise BadInput(problems)
    return kept


def _faults(
    item: Expectation, designs: Collection[str], settings: Mapping[str, object], metrics: Collection[str]
) -> list[tuple[str, str]]:
    faults = [
        (join("when", path), f"unknown setting{did_you_mean(path, settings)}")
        for path in item.when
        if path not in settings
    ]
    if item.design not in designs:
        faults.append(("design", f"found {item.design!r}{instead_of(item.design, designs)}"))
    try:
        parse_that(item.that, metrics, rates())
    except BadInput as refused:
        faults += [("that", text) for text in refused.problems]
    return faults
