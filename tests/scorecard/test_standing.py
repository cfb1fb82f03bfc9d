"""Where a case stands: each by hand, and the lot against the facts."""

from __future__ import annotations

from array import array
from collections import Counter

import pytest

from sandbox import facts
from sandbox.scorecard.standing import LEVELS, WORDS, Standing, standings
from sandbox.scorecard.tally import Mark
from tests.scenarios.explain.test_flips import kept
from tests.scenarios.recorded import record

IN = Mark.TRIGGERED | Mark.SENT


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        (Mark.EXCLUDED, Standing.EXCLUDED),
        (Mark(0), Standing.NOT_ENGAGED),
        (IN, Standing.NOT_ENGAGED),
        (IN | Mark.ENGAGED, Standing.LOST),
        (IN | Mark.ENGAGED | Mark.IDENTIFIED, Standing.LOST),
        (IN | Mark.ENGAGED | Mark.EXCEPTION, Standing.EXCEPTION),
        (IN | Mark.ENGAGED | Mark.CALLED, Standing.ABANDONED),
        (IN | Mark.ENGAGED | Mark.CALLED | Mark.EXCEPTION, Standing.ABANDONED),
        (IN | Mark.ENGAGED | Mark.CALLED | Mark.AGENT, Standing.LOST),
        (IN | Mark.ENGAGED | Mark.CALLED | Mark.AGENT | Mark.EXCEPTION, Standing.EXCEPTION),
        (IN | Mark.ENGAGED | Mark.ACTED | Mark.CALLED, Standing.NOT_RECORDED),
        (IN | Mark.ENGAGED | Mark.ACTED | Mark.RECORDED, Standing.UNTOUCHED),
        (IN | Mark.ENGAGED | Mark.EXCEPTION | Mark.RECORDED, Standing.UNTOUCHED),
        (IN | Mark.ENGAGED | Mark.RECORDED | Mark.AGENT, Standing.WITH_PERSON),
        (IN | Mark.ENGAGED | Mark.RECORDED | Mark.BACK_OFFICE, Standing.WITH_PERSON),
        (IN | Mark.ENGAGED | Mark.RECORDED | Mark.MANUAL, Standing.WITH_PERSON),
    ],
)
def test_a_case_stands_in_one_place(marks: Mark, expected: Standing) -> None:
    """The record first, then the customer's part, then how the last visit ended."""
    assert list(standings(array("q", [int(marks)]).tobytes())) == [expected]


def test_standings_agree_with_what_happened() -> None:
    """Recounted from the facts of a run whose lines are too busy: the same number in every place."""
    settings = ("campaign.messages=6000", "call_centre.agents=2")
    run = record("in-message", settings)
    found = Counter(Standing(place) for place in standings(kept("in-message", settings)).tolist())
    recorded, engaged = run.cases(facts.Recorded), run.cases(facts.Engaged)
    assert found[Standing.UNTOUCHED] + found[Standing.WITH_PERSON] == len(recorded)
    assert found[Standing.EXCLUDED] == len(run.cases(facts.Excluded))
    assert found[Standing.NOT_ENGAGED] == len(run.cases(facts.Triggered) - engaged)
    offered = run.by_case(facts.CallOffered)
    last = {case: told[-1].at_ms for case, told in run.by_case(facts.Engaged).items()}
    unanswered = {
        case
        for case in engaged - recorded - run.cases(facts.CallAnswered)
        if any(fact.at_ms >= last[case] for fact in offered.get(case, []))
    }
    assert len(unanswered) > 5
    assert found[Standing.ABANDONED] == len(unanswered)
    assert sum(found.values()) == run.layout.cases


def test_every_standing_has_its_words_and_level() -> None:
    """Nothing a case can be is without a name, and nothing recorded ranks below what is not."""
    assert set(WORDS) == set(LEVELS) == set(Standing)
    resolved = {Standing.UNTOUCHED, Standing.WITH_PERSON}
    assert min(LEVELS[one] for one in resolved) > max(LEVELS[one] for one in set(Standing) - resolved)
