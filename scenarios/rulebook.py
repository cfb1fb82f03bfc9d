"""Reads the rules designs are judged by: the shipped ones, or a user's own file, with every fault at its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from sandbox.errors import BadInput
from sandbox.scorecard.definitions import MetricDefinition
from sandbox.scorecard.examination import COMPUTED
from sandbox.scorecard.rules import Condition, Line, RulesDocument, read_line
from scenarios.files.faults import validated
from scenarios.files.overlay import as_tree
from scenarios.files.places import Tree, did_you_mean, instead_of, join
from scenarios.files.reader import read_yaml
from scenarios.world.library import metrics_document

SHIPPED = "rules.yaml"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules ready to judge by.

    Attributes:
        document: the rules, each with its line.
        source: the file as messages name it.
    """

    document: RulesDocument
    source: str


def read_rules(path: str | None = None) -> tuple[Rulebook, Tree]:
    """Read a rules file and fill in the lines that metrics.yaml gives.

    Args:
        path: a user's file; None reads the shipped one.

    Returns:
        The rules, and their places for later complaints.

    Raises:
        BadInput: every fault with file, line and key: unknown keys and metrics, wrong comparators, missing lines.
    """
    shipped = Path(str(resources.files("sandbox.scorecard"))) / SHIPPED
    file = shipped if path is None else Path(path)
    read = read_yaml(file, SHIPPED if path is None else path)
    tree = as_tree(read, file.parent)
    document = validated(RulesDocument, tree)
    metrics = metrics_document().metrics
    problems = _unknown(document, tree, metrics)
    filled = []
    for index, rule in enumerate(document.rules):
        lines = {one.name: one.rule for one in metrics[rule.metric].rules()} if rule.metric in metrics else {}
        if rule.passes is None and rule.line in lines:
            filled.append(rule.model_copy(update={"passes": read_line(lines[rule.line])}))
            continue
        if rule.passes is None and (rule.metric in metrics or rule.metric in COMPUTED):
            rules = f"the rules {', '.join(lines)}" if lines else "no rule of its own"
            told = f"missing; {rule.metric} has {rules} in metrics.yaml"
            problems.append(tree.problem(f"rules.{index}.{'line' if lines else 'passes'}", told))
        filled.append(rule)
    if problems:
        raise BadInput(problems)
    return Rulebook(document.model_copy(update={"rules": tuple(filled)}), read.source), tree


def limits_of(book: Rulebook, tree: Tree, settings: Mapping[str, object]) -> dict[str, float]:
    """Return the numbers of the settings that lines name.

    Raises:
        BadInput: the scenario has no such setting, or it is no number.
    """
    problems, limits = [], {}
    for path, line in _lines(book.document):
        if not isinstance(line.threshold, str):
            continue
        value = settings.get(line.threshold)
        if _is_number(value):
            limits[line.threshold] = float(str(value))
        else:
            guess = did_you_mean(line.threshold, [name for name, one in settings.items() if _is_number(one)])
            text = f"found {line.threshold!r}{guess or ';'} allowed: a number, or a setting that holds one"
            problems.append(tree.problem(path, text))
    if problems:
        raise BadInput(problems)
    return limits


def titles() -> dict[str, str]:
    """Return what people call every quantity rules may name."""
    computed = {
        name: f"{what.title} (of {what.base})" if what.unit == "rate" else what.title
        for name, what in COMPUTED.items()
    }
    return {**computed, **{name: metric.title for name, metric in metrics_document().metrics.items()}}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unknown(document: RulesDocument, tree: Tree, metrics: Mapping[str, MetricDefinition]) -> list[str]:
    known = [*metrics, *COMPUTED]
    named = [(f"rules.{index}.metric", rule.metric) for index, rule in enumerate(document.rules)]
    named += [(path, condition.quantity) for path, condition in _conditions(document)]
    return [
        tree.problem(path, f"found {name!r}{instead_of(name, known)}")
        for path, name in named
        if name not in known
    ]


def _conditions(document: RulesDocument) -> Iterator[tuple[str, Condition]]:
    """Every condition with its path in the file."""
    blocks = [
        *((f"leaks.{at}.when", leak.when) for at, leak in enumerate(document.leaks)),
        *((f"questions.{at}.yes_when", one.yes_when) for at, one in enumerate(document.questions)),
        *((f"questions.{at}.no_when", one.no_when) for at, one in enumerate(document.questions)),
        *((f"maturity.{at}.when", stage.when) for at, stage in enumerate(document.maturity)),
    ]
    for path, conditions in blocks:
        for index, condition in enumerate(conditions):
            yield join(path, index), condition


def _lines(document: RulesDocument) -> Iterator[tuple[str, Line]]:
    """Every line with its path in the file; that of a rule without its own stands at its metric."""
    for index, rule in enumerate(document.rules):
        if rule.passes is not None:
            yield f"rules.{index}.passes", rule.passes
    for path, condition in _conditions(document):
        yield path, condition.line


@cache
def shipped_proofs() -> dict[str, tuple[str, ...]]:
    """Return what proves which evidence, by the shipped rules; a word not there must be a kind of row itself."""
    return read_rules(None)[0].document.evidence
