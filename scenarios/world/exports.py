"""Which export of a bank's own systems would replace an assumption by a measurement, and which designs use it.

Both are data: catalogue/exports/measured-by.yaml.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sandbox.journey.design import compile_design
from sandbox.journey.schema import DesignDocument
from sandbox.scorecard.definitions import MetricDefinition
from scenarios.files.faults import validated
from scenarios.files.overlay import as_tree
from scenarios.files.reader import read_yaml

_Patterns = Annotated[tuple[str, ...], Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Export(_Part):
    """One export.

    Attributes:
        export: its name.
        holds: what is in it.
        command: what reads it, or empty: its figures are set by hand, with `source: measured`.
        replaces: patterns of the settings it measures.
    """

    export: str
    holds: str
    command: str
    replaces: _Patterns


class _UsedBy(_Part):
    paths: _Patterns
    channel: str = ""
    steps: tuple[str, ...] = ()
    money: bool = False


class _Document(_Part):
    exports: tuple[Export, ...]
    used_by: tuple[_UsedBy, ...]


@cache
def _document() -> _Document:
    folder = Path(str(resources.files("scenarios"))) / "catalogue" / "exports"
    read = read_yaml(folder / "measured-by.yaml", "catalogue/exports/measured-by.yaml")
    return validated(_Document, as_tree(read, folder))


def export_for(path: str) -> Export | None:
    """Return the first export that measures a setting; None where nobody has thought of one.

    Raises:
        BadInput: the file is not what its schema says.
    """
    return next((one for one in _document().exports if _fits(path, one.replaces)), None)


def uses(design: DesignDocument, path: str, metric: MetricDefinition) -> bool:
    """Say whether a setting can change a metric of a design, or of the rules it is judged by.

    Args:
        design: whose steps and channels are looked at.
        path: the setting.
        metric: what is asked for; settings that only move money matter for metrics of money alone.

    Raises:
        BadInput: the file is not what its schema says.
    """
    block, _, rest = path.partition(".")
    if block == "designs" and not rest.startswith(f"{design.design}."):
        return False
    fitting = [one for one in _document().used_by if _fits(path, one.paths)]
    if not fitting:
        return True
    message = compile_design(design).message
    channels = {message.channel, *(touch.channel for touch in message.sequence)}
    kinds = {step.kind for step in design.steps}
    return all(
        (not one.channel or one.channel in channels)
        and (not one.steps or bool(kinds & set(one.steps)))
        and (not one.money or metric.family == "cost")
        for one in fitting
    )


def _fits(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)
