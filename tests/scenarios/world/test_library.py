from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.errors import BadInput
from scenarios.files.reader import read_yaml
from scenarios.world.library import find, list_scenarios, metrics_document, scenario_path, shipped


def test_the_shipped_scenarios_are_listed_with_title_and_story():
    """A list tells a newcomer what each scenario is about."""
    entries = {entry.name: entry for entry in list_scenarios()}
    assert {"retail-bank-200k", "benchmark-200k"} <= entries.keys()
    for entry in entries.values():
        assert entry.title
        assert entry.story
        assert "\n" not in entry.story
        assert entry.path.is_file()


@pytest.mark.parametrize(
    ("kind", "key"), [("scenario", "scenario"), ("design", "design"), ("policy", "policy")]
)
def test_every_shipped_file_is_named_after_what_is_in_it(kind, key):
    """A name and the file it stands for cannot drift apart."""
    assert shipped(kind)
    for name in shipped(kind):
        assert read_yaml(find(kind, name).path).data[key] == name


def test_a_shipped_name_leads_to_its_file():
    """Names need no folder and no suffix, and messages do not show where the product is installed."""
    assert scenario_path("retail-bank-200k").is_file()
    assert find("design", "portal").source == "catalogue/designs/portal.yaml"
    assert find("scenario", "retail-bank-200k").source == "catalogue/retail-bank-200k.yaml"


@pytest.mark.parametrize("path", ["my.yaml", "my.yml", "./my", "a/b"])
def test_a_suffix_or_a_slash_makes_a_path(path: str):
    """Paths are taken as they are; reading them says whether there is something."""
    assert scenario_path(path) == Path(path)


def test_a_relative_path_starts_from_the_folder_given():
    """A file may name its neighbours."""
    assert find("design", "./x.yaml", Path("a")).path == Path("a/x.yaml")


def test_an_unknown_name_is_answered_with_the_closest_one():
    """A slip of the keyboard costs one look, not a search."""
    with pytest.raises(BadInput) as refused:
        scenario_path("retail-bank-20k")
    assert refused.value.problems == [
        (
            "found 'retail-bank-20k'; did you mean 'retail-bank-200k'? allowed: a shipped scenario "
            f"({', '.join(shipped('scenario'))}) or a path such as ./my.yaml"
        )
    ]


def test_every_metric_has_a_definition_and_a_base():
    """The scorecard's own file is read and validated here."""
    metrics = metrics_document().metrics
    assert metrics["call_abandonment_rate"].unit == "rate"
    assert all(metric.definition and metric.base for metric in metrics.values())
