"""`--replications auto`: stops where an independent reckoning says, says why, and does not depend on who runs it."""

from __future__ import annotations

import json
import math
from functools import cache

import numpy as np
import pytest
from scipy import stats

from sandbox.errors import BadInput
from sandbox.scorecard.outcome import Series
from scenarios.executor import Jobs
from scenarios.outputs.as_json import comparison_json
from scenarios.precision import Precisely, first_look, targets_of, words
from scenarios.result import Comparison
from scenarios.run import CompareRequest, compare
from scenarios.worker import run_task
from scenarios.world.library import metrics_document
from tests.scenarios.small_tasks import TINY, task, world

DESIGNS = ("portal", "in-message")
ASKED = Precisely(("completion_rate=0.03", "call_wait_all_s=1.2"), most=8)


@cache
def sums(design: str, number: int) -> dict[str, Series]:
    """Numerators and denominators by day, by metric, of one replication run on its own."""
    return run_task(task(design, number), lambda _: None, lambda: False).ratios


@cache
def compared(until: Precisely | None, jobs: Jobs = 1, replications: int | None = None) -> Comparison:
    """The small world's two designs."""
    request = CompareRequest(
        "retail-bank-200k", TINY, DESIGNS, replications=replications, jobs=jobs, until=until
    )
    return compare(request, lambda _: None, lambda: False)


def half_width(design: str, metric: str, scale: float, replications: int) -> float:
    """Half of the 95 % interval of a ratio over days, reckoned anew: jackknife-free linearisation, SciPy's t."""
    each = [sums(design, number)[metric] for number in range(replications)]
    above, below = (np.concatenate([np.array(one[place], float) for one in each]) for place in (0, 1))
    ratio = above.sum() / below.sum()
    residuals = above - ratio * below
    days = len(above)
    error = math.sqrt(np.var(residuals - residuals.mean(), ddof=1) / days) / below.mean()
    return scale * float(stats.t.ppf(0.975, days - 1)) * error


@pytest.mark.wide
def test_it_stops_where_an_independent_reckoning_says() -> None:
    """Looks, replications and half widths are those of a second implementation of the rule."""
    found = compared(ASKED)
    wanted = {"completion_rate": (1.0, 0.03), "call_wait_all_s": (1e-3, 1.2)}
    looks = [3]
    while True:
        ratios = [
            half_width(design, metric, scale, looks[-1]) / allowed
            for design in DESIGNS
            for metric, (scale, allowed) in wanted.items()
        ]
        worst = max(ratios)
        if worst <= 1 or looks[-1] >= ASKED.most:
            break
        further = math.ceil(min(2 * looks[-1], looks[-1] * worst * worst))
        looks.append(min(ASKED.most, max(looks[-1] + 1, further)))
    assert found.stopping is not None
    assert found.stopping.looks == looks
    assert len(looks) > 1, "the first look already sufficed: ask for narrower intervals"
    assert (found.replications, found.settings["replications"]) == (looks[-1], looks[-1])
    assert found.stopping.reason == ("met" if worst <= 1 else "bound")
    for target in found.stopping.targets:
        scale, allowed = wanted[target.metric]
        again = half_width(target.design, target.metric, scale, looks[-1])
        assert target.half_width == pytest.approx(again, rel=1e-9)
        assert (target.asked, target.met) == (allowed, again <= allowed)


@pytest.mark.wide
def test_who_runs_it_changes_nothing_and_neither_does_having_known_the_number() -> None:
    """One worker and two write the same bytes; all figures are those of the same number asked for outright."""
    one, two = compared(ASKED, jobs=1), compared(ASKED, jobs=2)
    assert comparison_json(one) == comparison_json(two)
    plain = json.loads(comparison_json(compared(None, replications=one.replications)))
    auto = json.loads(comparison_json(one))
    for told in ("stopping", "notes", "replay"):
        assert plain.pop(told) != auto.pop(told)
    assert plain == auto


def test_the_bound_ends_it_and_is_told() -> None:
    """What cannot be reached stops at the most replications, with the widths that were reached."""
    found = compared(Precisely(("completion_rate=0.0001",), most=4))
    assert found.stopping is not None
    assert (found.stopping.reason, found.stopping.looks, found.replications) == ("bound", [3, 4], 4)
    told = words(found.stopping)
    assert told.startswith("replications auto: 4 run, looked at after 3, 4; stopped at the bound of 4")
    assert "completion_rate of portal (±0.0" in told
    assert "asked ±0.0001" in told
    assert told in found.notes
    assert "--replications auto --replications-max 4 --half-width completion_rate=0.0001" in found.replay


def test_without_a_width_the_expectations_say_what_is_to_be_known() -> None:
    """Metrics of the scenario's expectations; one point for a rate, a twentieth of anything else."""
    known = metrics_document().metrics
    metrics = [target.metric for target in targets_of(world(), Precisely(), known)]
    assert metrics == [
        "call_abandonment_rate",
        "call_wait_busy_s",
        "deflection_rate",
        "completion_of_engaged_rate",
    ]
    found = compared(Precisely(most=3))
    assert found.stopping is not None
    asked = {(one.design, one.metric): one.asked for one in found.stopping.targets}
    assert asked["portal", "deflection_rate"] == 0.01
    wait = found.designs["portal"].metrics["call_wait_busy_s"].value
    assert wait is not None
    assert asked["portal", "call_wait_busy_s"] == pytest.approx(0.05 * wait)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("completion_rat=0.01", "did you mean 'completion_rate'"),
        ("completion_rate", "allowed: METRIC=NUMBER above 0"),
        ("completion_rate=0", "found '0'"),
        ("completion_rate=-1", "found '-1'"),
        ("completion_rate=nan", "found 'nan'"),
        ("completion_rate=1%", "rates as shares"),
    ],
)
def test_a_width_that_means_nothing_is_refused(text: str, told: str) -> None:
    """Before anything runs: what was found, and what is allowed."""
    with pytest.raises(BadInput, match="--half-width") as refused:
        targets_of(world(), Precisely((text,)), metrics_document().metrics)
    assert told in str(refused.value)


def test_few_days_a_replication_want_more_replications_first() -> None:
    """The spread between days is known from ten of them on; a bound below the first look is refused."""
    assert first_look(world(), Precisely()) == 3
    short = world("calendar.working_days=3", "campaign.touch_gap_days=1")
    assert first_look(short, Precisely()) == 4
    with pytest.raises(BadInput, match="--replications-max 2: allowed: 3 or more"):
        first_look(world(), Precisely(most=2))
