"""Message texts: filled from facts, measured to the unit, and refused where they tell a stranger of a debt."""

from __future__ import annotations

import pytest

from sandbox.errors import RuleBroken
from sandbox.outreach.templates import (
    CHARS_MAX,
    SEGMENTS_MAX,
    Reveals,
    Size,
    Templates,
    faults,
    placeholders,
    render,
    size,
    told_before_proof,
    too_long,
)

REVEALS = Reveals.model_validate(
    {
        "placeholders": {"act": "public", "amount": "personal", "creditor": "public", "overdue": "debt"},
        "debt_words": ["overdue", "past due", "debt"],
        "together": [["creditor", "amount"]],
    }
)
STOP = ("stop", "opt out")
GOOD = "Your payment of {amount}. {act}. Reply STOP to opt out."


def wrong(text: str, channel: str = "sms") -> list[str]:
    """What is wrong with a text before proof."""
    return faults(text, channel, REVEALS, STOP)


def test_a_good_text_has_no_fault() -> None:
    """An amount, a way to act and a way out."""
    assert [wrong(GOOD, channel) for channel in ("sms", "whatsapp", "email")] == [[], [], []]


def test_a_text_is_filled_from_its_values_and_values_are_not_looked_into() -> None:
    """Every placeholder is replaced, also twice; braces in a value stay."""
    assert render("{a} and {b}, {a}", {"a": "{b}", "b": "2", "c": "3"}) == "{b} and 2, {b}"
    assert placeholders("{a} and {b}, {a}") == ("a", "b")


def test_a_missing_value_is_a_bug() -> None:
    """No message leaves with a hole in it."""
    with pytest.raises(RuleBroken, match="no value for b"):
        render("{a} {b}", {"a": "1"})
    with pytest.raises(RuleBroken) as refusal:
        render("{c} {a} {b}", {"a": "1"})
    assert str(refusal.value) == "a message cannot be rendered: no value for c, b"


def test_every_channel_has_a_text_with_the_facts_and_one_without() -> None:
    """What a channel's message says is looked up by channel and content, and all six are there to be checked."""
    written = {
        channel: {"specific": f"{channel} with {{amount}}", "generic": f"{channel} without"}
        for channel in ("sms", "whatsapp", "email")
    }
    templates = Templates.model_validate(written)
    for channel, texts in written.items():
        assert templates.text(channel, "specific") == texts["specific"]
        assert templates.text(channel, "generic") == texts["generic"]
    assert list(templates.texts()) == [
        (channel, content, text) for channel, texts in written.items() for content, text in texts.items()
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("You are OVERDUE.", ["'overdue' tells of a debt"]),
        ("It is past  due!", ["'past due' tells of a debt"]),
        ("past and due", []),
        ("indebted", []),
        ("{overdue}", ["{overdue} tells of a debt"]),
        ("{act}overdue", ["'overdue' tells of a debt"]),  # a placeholder is no letter of the word beside it
        ("past {act} due", ["'past due' tells of a debt"]),
        ("{creditor} asks", []),
        ("{amount}", []),
        ("{creditor}: {amount}", ["{creditor} and {amount} together tell of a debt"]),
        ("{debt}", []),  # a placeholder's name is not read as a word; an unknown one is refused as such
    ],
)
def test_what_tells_of_a_debt(text: str, told: list[str]) -> None:
    """Words as whole words, placeholders by their class, and placeholders together."""
    assert told_before_proof(text, REVEALS) == told


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            GOOD.replace("payment", "overdue payment"),
            "'overdue' tells of a debt, and nobody has proven who they are",
        ),
        (GOOD.replace("{amount}", "{overdue}"), "{overdue} tells of a debt"),
        (
            GOOD.replace("{amount}", "{sum}"),
            "unknown placeholder {sum}; allowed: act, amount, creditor, overdue",
        ),
        (GOOD.replace("{act}", "Go on"), "says not how to act"),
        (
            GOOD.replace("Reply STOP to opt out", "Bye"),
            "says not how to opt out; allowed: a text that names one of stop, opt out",
        ),
        (GOOD + " }", "found a brace that is no placeholder"),
        (GOOD + " {Act}", "found a brace that is no placeholder"),
    ],
)
def test_each_fault_is_told_alone(text: str, fault: str) -> None:
    """One thing wrong, one sentence."""
    (told,) = wrong(text)
    assert told.startswith(fault)


def test_any_way_to_act_will_do() -> None:
    """With or without the time until which it works."""
    longer = REVEALS.model_copy(update={"placeholders": REVEALS.placeholders | {"act_until": "public"}})
    assert faults(GOOD.replace("{act}", "{act_until}"), "sms", longer, STOP) == []


@pytest.mark.parametrize(
    ("text", "measured"),
    [
        ("", Size(0, 0, "gsm-7")),
        ("a", Size(1, 1, "gsm-7")),
        ("a" * 160, Size(160, 1, "gsm-7")),
        ("a" * 161, Size(161, 2, "gsm-7")),
        ("a" * 306, Size(306, 2, "gsm-7")),
        ("a" * 307, Size(307, 3, "gsm-7")),
        ("\u20ac" * 80, Size(80, 1, "gsm-7")),
        ("\u20ac" * 81, Size(81, 2, "gsm-7")),
        ("a" * 152 + "\u20ac" + "a" * 7, Size(160, 2, "gsm-7")),
        ("a" * 152 + "\u20ac" + "a" * 151, Size(304, 2, "gsm-7")),
        (
            "a" * 152 + "\u20ac" + "a" * 152,
            Size(305, 3, "gsm-7"),
        ),  # the euro sign moves to the second part whole
        ("\u4e00" * 70, Size(70, 1, "ucs-2")),
        ("\u4e00" * 71, Size(71, 2, "ucs-2")),
        ("\u4e00" * 134, Size(134, 2, "ucs-2")),
        ("\u4e00" * 135, Size(135, 3, "ucs-2")),
        ("\uffff" * 70, Size(70, 1, "ucs-2")),  # the last character of one unit
        ("\U00010000" * 36, Size(36, 2, "ucs-2")),  # the first of two
        ("\U0001f6d1" * 35, Size(35, 1, "ucs-2")),
        ("\U0001f6d1" * 36, Size(36, 2, "ucs-2")),
        ("\U0001f6d1" * 66, Size(66, 2, "ucs-2")),
        ("\U0001f6d1" * 67, Size(67, 3, "ucs-2")),  # 33 whole ones a part, not 33 and a half
    ],
)
def test_how_a_text_message_is_cut(text: str, measured: Size) -> None:
    """The edges of GSM 03.38 and UCS-2, alone and in parts, with characters of two units at the cut."""
    assert size(text) == measured


@pytest.mark.parametrize(("channel", "most"), [("whatsapp", 1_024), ("email", 10_000)])
def test_longest_body(channel: str, most: int) -> None:
    """The last character that fits is let in, the next is not; placeholders count with their widest value."""
    assert CHARS_MAX[channel] == most
    start = "{amount} {act} STOP "
    widest = len("GBP 99,999.99") + 1 + len("Go here: https://pay.example-bank.com/") + 90 + len(" STOP ")
    assert wrong(start + "x" * (most - widest), channel) == []
    assert wrong(start + "x" * (most - widest + 1), channel) == [
        f"found up to {most + 1} characters; allowed: {most}"
    ]


def test_longest_text_message() -> None:
    """Three parts are let in, a fourth is not."""
    start = "{act} STOP "
    room = 153 * SEGMENTS_MAX - (len("Go here: https://pay.example-bank.com/") + 90 + len(" STOP "))
    assert SEGMENTS_MAX == 3
    assert wrong(start + "x" * room) == []
    assert wrong(start + "x" * (room + 1)) == [
        "found up to 460 characters in 4 parts (gsm-7); allowed: 3 parts"
    ]


@pytest.mark.parametrize("channel", ["whatsapp", "email"])
def test_a_placeholder_counts_as_wide_as_it_may_get(channel: str) -> None:
    """The workflow's own options where they are known, the collections' where not, 24 characters for any other."""
    most = CHARS_MAX[channel]
    usual = len("pay now, choose a day or query the amount")
    for text, options, width in (
        ("{options}", "", usual),
        ("{options}", "go", 2),
        ("{options}{options}", "confirm or change", 34),
        ("{today}", "", 10),
        ("{city}", "", 24),
        ("{city}{options}", "go", 26),
    ):
        assert too_long(text + "x" * (most - width), channel, options) == []
        assert too_long(text + "x" * (most - width + 1), channel, options) == [
            f"found up to {most + 1} characters; allowed: {most}"
        ]


def test_capital_letters_are_no_braces() -> None:
    """Only a brace left over beside the placeholders is refused, whatever else stands there."""
    assert wrong(GOOD.replace("Your payment", "YOUR TAX PAYMENT (X)")) == []
