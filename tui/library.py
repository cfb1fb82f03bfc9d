"""What the screens read before any run: the scenarios there are, and the words for each metric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class ScenarioListing(Protocol):
    """What the picker needs of one scenario; `scenarios.world.library.ScenarioEntry` fits."""

    @property
    def name(self) -> str:
        """What `sandbox compare` calls it."""
        ...

    @property
    def title(self) -> str:
        """One line for people."""
        ...

    @property
    def story(self) -> str:
        """A paragraph for people."""
        ...


class ScenarioFile(NamedTuple):
    """A scenario the user named that the library does not list, usually a file of their own."""

    name: str
    title: str = "a scenario of your own"
    story: str = "Not in the library; it is read when it runs."


class MetricWords(NamedTuple):
    """One metric in words.

    Attributes:
        title: short name for tables.
        definition: its exact meaning.
        inspect: what to look at when its rule fails, or empty.
        family: the title of its group, or empty.
        main: whether it belongs among the first things to read.
    """

    title: str
    definition: str
    inspect: str
    family: str = ""
    main: bool = True


Words = Mapping[str, MetricWords]
"""Words by metric name; a metric without words is called by its name."""


class Library(NamedTuple):
    """Everything read before a run."""

    scenarios: tuple[ScenarioListing, ...]
    words: Words


def load_library() -> Library:
    """Read the shipped scenarios and the metric definitions.

    The import is late, because the first frame stands before anything is read.

    Raises:
        BadInput: a shipped file cannot be read.
    """
    from scenarios.world.library import list_scenarios

    return Library(tuple(list_scenarios()), metric_words())


def metric_words() -> Words:
    """Read the words for every metric, in the order they are shown.

    Raises:
        BadInput: the shipped file cannot be read.
    """
    from sandbox.scorecard.definitions import FAMILIES
    from scenarios.world.library import metrics_document

    return {
        name: MetricWords(
            metric.title, metric.definition, metric.inspect, FAMILIES[metric.family], metric.main
        )
        for name, metric in metrics_document().metrics.items()
    }


def with_named(library: Library, scenario: str | None) -> Library:
    """Return the library with the scenario the user named in front, when it is not one of its own."""
    if scenario is None or scenario in {entry.name for entry in library.scenarios}:
        return library
    return library._replace(scenarios=(ScenarioFile(scenario), *library.scenarios))
