"""Sequences of messages in files: what is wrong with one is told with file, line and key."""

from __future__ import annotations

import pytest

from sandbox.errors import BadInput
from scenarios.world.spec import check, load_scenario

BASE = "extends: retail-bank-200k\nscenario: my\n"


def refused(path: str, *settings: str) -> list[str]:
    """Return what is said of a scenario that must be refused."""
    with pytest.raises(BadInput) as raised:
        load_scenario(path, settings)
    return raised.value.problems


SEQUENCE_DESIGN = """\
designs:
  mine:
    title: Mine
    normal_path: self_service
    person_route: nobody
    steps:
      - id: message
        kind: message
        next: confirm
        sequence:
          - {channel: sms, wait_days: 0}
          - {channel: whatsap, wait_days: -1, days: 3}
      - {id: confirm, kind: confirm}
baseline: mine
"""


def test_a_wrong_touch_of_a_design_is_told_at_its_line(write):
    """Unknown channel, negative wait and unknown key: each with file, line and the key within the step."""
    assert refused(write("my.yaml", BASE + SEQUENCE_DESIGN)) == [
        "my.yaml:14: designs.mine.message.sequence.1.channel: found 'whatsap'; allowed: 'sms', 'whatsapp' or 'email'",
        "my.yaml:14: designs.mine.message.sequence.1.wait_days: found -1; allowed: at least 0",
        (
            "my.yaml:14: designs.mine.message.sequence.1.days: unknown key; did you mean 'wait_days'? "
            "allowed: channel, wait_days"
        ),
    ]


@pytest.mark.parametrize(
    ("touches", "told"),
    [
        (
            "[{channel: sms}" + ", {channel: email, wait_days: 1}" * 10 + "]",
            "message.sequence: found a list of 11; allowed: at most 10 entries",
        ),
        (
            "[{channel: sms}, {channel: voice, wait_days: 1}]",
            "message.sequence.1.channel: found 'voice'; allowed: 'sms', 'whatsapp' or 'email'",
        ),
        (
            "[{channel: sms}, {channel: sms, wait_days: 22}]",
            (
                "message.sequence: found waits that sum to 22; allowed: at most 21, for 21 working days are observed "
                "after the last first touch, follow-up included"
            ),
        ),
    ],
)
def test_a_sequence_that_cannot_be_run_is_refused(touches: str, told: str):
    """Too many touches, a call among the messages, and a last touch nobody would observe."""
    found = refused("retail-bank-200k", f"designs.in-message.message.sequence={touches}")
    assert any(problem.endswith(f"designs.in-message.{told}") for problem in found), found


def test_a_route_to_nobody_is_told_where_it_stands(write):
    """The file, the line of person_route, and the steps that could take a call."""
    sound = SEQUENCE_DESIGN.replace(
        "{channel: whatsap, wait_days: -1, days: 3}", "{channel: email, wait_days: 21}"
    )
    assert refused(write("my.yaml", BASE + sound)) == [
        (
            "my.yaml:7: design mine: person_route goes to unknown step 'nobody'; allowed: none: the design has no "
            "call_queue step"
        )
    ]


@pytest.mark.parametrize(
    ("block", "told"),
    [
        (
            "fast: [{channel: fax, wait_days: 0}]",
            "my.yaml:3: sequences.fast.0.channel: found 'fax'; allowed: sms,",
        ),
        (
            "fast: [{channel: sms, wait_days: -2}]",
            "my.yaml:3: sequences.fast.0.wait_days: found -2; allowed: a whole",
        ),
        (
            "fast: [{channel: sms, wait_days: 3}]",
            "my.yaml:3: sequences.fast.0.wait_days: found a first wait_days of 3",
        ),
        ("fast: []", "my.yaml:3: sequences.fast: found a list of 0; allowed: at least 1 entries"),
        (
            "Fast: [{channel: sms, wait_days: 0}]",
            "my.yaml:3: sequences.Fast: found 'Fast'; allowed: a name of",
        ),
    ],
)
def test_a_wrong_candidate_sequence_is_told_at_its_line(write, block: str, told: str):
    """Candidates are read like everything else: file, line, key, what was found and what is allowed."""
    found = refused(write("my.yaml", BASE + f"sequences: {{{block}}}\n"))
    assert any(problem.startswith(told) for problem in found), found


def test_a_design_without_a_route_to_a_person_says_so(write):
    """It runs, and whoever checks it learns that customers no message may reach will not be written to."""
    sound = SEQUENCE_DESIGN.replace(
        "{channel: whatsap, wait_days: -1, days: 3}", "{channel: email, wait_days: 2}"
    )
    acts = (
        "      - {id: confirm, kind: login, next: choose}\n"
        "      - {id: choose, kind: choose, next: write_back, on: {dispute: end}}\n"
        "      - {id: write_back, kind: write_back}\n"
    )
    sound = sound.replace("      - {id: confirm, kind: confirm}\n", acts)
    report = check(write("my.yaml", BASE + sound.replace("    person_route: nobody\n", "")))
    assert report.ok
    assert [note.partition(":")[0] for note in report.notes] == ["design mine has no route to a person"]
    assert check("retail-bank-200k").notes == []


def test_the_shipped_sequence_is_in_message_by_other_channels():
    """Behind the message both designs are the same: whatever a customer cannot do there has the same way on."""
    designs = load_scenario("retail-bank-200k", further_designs=("in-message", "in-message-sequence")).designs
    assert designs["in-message-sequence"].steps[1:] == designs["in-message"].steps[1:]
