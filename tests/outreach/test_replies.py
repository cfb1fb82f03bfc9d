"""What replies are read as, and what a STOP ends: every word of the packs, every spacing, every instant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sandbox.model import Channel, ContactPreferences
from sandbox.outreach.replies import READ_CHARS_MAX, Intent, compile_replies, normalised, read_reply
from sandbox.outreach.schema import OptOut
from sandbox.outreach.withdrawals import Withdrawals

WORDS = compile_replies(OptOut())
SMS, WHATSAPP, EMAIL = Channel.SMS, Channel.WHATSAPP, Channel.EMAIL
EVERY = ContactPreferences(frozenset({SMS, WHATSAPP}), None, "Europe/London", SMS)


@pytest.mark.parametrize("word", OptOut().stop_words)
@pytest.mark.parametrize("written", ["{}", " {}! ", "Please {}", "{} now, thanks", "{}."])
def test_every_stop_word_stops_however_it_is_written(word: str, written: str) -> None:
    """Case, punctuation, spaces and courtesy change nothing."""
    for text in (written.format(word), written.format(word.upper()), written.format(word.replace(" ", "-"))):
        assert read_reply(text, WORDS) is Intent.STOP


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("S T O P", Intent.STOP),
        ("\uff33\uff34\uff2f\uff30", Intent.STOP),  # full-width letters
        ("STOP \U0001f6d1", Intent.STOP),
        ("optout", Intent.STOP),
        ("Please stop texting me", Intent.STOP),
        ("Don\u2019t text me", Intent.STOP),
        ("DONT TEXT ME AGAIN", Intent.STOP),
        ("would you stop sending me these", Intent.STOP),
        ("take me off your list", Intent.STOP),
        ("start", Intent.START),
        ("UNSTOP please", Intent.START),
        ("Help!", Intent.HELP),
        ("info", Intent.HELP),
        ("stop start", Intent.OTHER),
        ("I will pay at the end of the month", Intent.OTHER),
        ("bus stop", Intent.OTHER),
        ("nonstop texting", Intent.OTHER),
        ("starting", Intent.OTHER),
        ("wrong person", Intent.OTHER),
        ("", Intent.OTHER),
        ("!!!", Intent.OTHER),
        ("please", Intent.OTHER),
    ],
)
def test_what_a_reply_is_read_as(text: str, intent: Intent) -> None:
    """Words alone, wordings anywhere as whole words, and nothing else."""
    assert read_reply(text, WORDS) is intent


def test_a_word_of_courtesy_may_be_a_word_of_its_own() -> None:
    """A reply is read whole before its courtesy is left out."""
    words = compile_replies(OptOut(stop_words=("no thanks",)))
    assert read_reply("No, thanks!", words) is Intent.STOP
    assert read_reply("no", words) is Intent.OTHER


def test_stop_goes_before_start_and_help() -> None:
    """A wording that means STOP wins over a word that brings the channel back."""
    words = compile_replies(OptOut(start_words=("remove me from the stop list",)))
    assert read_reply("remove me from the stop list", words) is Intent.STOP


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("opt in", Intent.START),
        ("OPT-IN", Intent.START),
        ("optin", Intent.START),
        ("please opt in", Intent.START),
        ("opt, please, in", Intent.START),
        ("who is this", Intent.HELP),
        ("Who is this, please?", Intent.HELP),
        ("opt in now or later", Intent.OTHER),
        ("who is this about", Intent.OTHER),
    ],
)
def test_a_start_and_a_help_of_several_words_are_read_however_spaced(text: str, intent: Intent) -> None:
    """Spaces, punctuation and courtesy change nothing for START and HELP either; another word does."""
    words = compile_replies(OptOut(start_words=("opt in",), help_words=("who is this",)))
    assert read_reply(text, words) is intent


def test_only_so_much_of_a_reply_is_read() -> None:
    """The last character that is read counts, the one after it does not."""
    fits = "x" * (READ_CHARS_MAX - len(" take me off")) + " take me off"
    assert len(fits) == READ_CHARS_MAX == 1_600
    assert read_reply(fits, WORDS) is Intent.STOP
    assert read_reply("x" + fits, WORDS) is Intent.OTHER


def test_normalised_words() -> None:
    """One case, no apostrophes, single spaces."""
    assert normalised("  Please DON'T\u2014text\tme!! ") == "please dont text me"


@given(st.text(max_size=300))
def test_any_text_has_one_meaning_and_reading_it_twice_changes_nothing(text: str) -> None:
    """Nothing a customer can type breaks the reader, and what is normalised stays as it is."""
    assert read_reply(text, WORDS) in Intent
    assert normalised(normalised(text)) == normalised(text)


@pytest.mark.parametrize("words", [{"start_words": ["Stop"]}, {"help_words": ["STOP ALL"]}])
def test_a_word_has_one_meaning(words: dict[str, list[str]]) -> None:
    """A word among two lists is refused, whatever its case."""
    with pytest.raises(ValidationError, match="one meaning each"):
        OptOut.model_validate(words)


def test_without_a_stop_word_there_is_no_pack() -> None:
    """A block that lets nobody opt out is refused."""
    with pytest.raises(ValidationError, match="stop_words"):
        OptOut(stop_words=())


def test_the_compiled_words_keep_scope_and_confirmation() -> None:
    """What one STOP ends and whether it is confirmed come from the block."""
    assert (WORDS.scope, WORDS.confirms) == ("all", False)
    other = compile_replies(OptOut(scope="channel", confirms=True))
    assert (other.scope, other.confirms) == ("channel", True)


# What a STOP ends


def test_a_stop_holds_from_its_own_instant() -> None:
    """A millisecond before it nothing is withdrawn; from its instant on everything is, and its time is told."""
    book = Withdrawals("all")
    assert book.reply(1, SMS, Intent.STOP, 1_000)
    assert book.applied(1, EVERY, 999) is EVERY
    assert book.applied(1, EVERY, 1_000) == EVERY._replace(opted_out_at_ms=1_000)
    assert book.applied(1, EVERY, 1_001) == EVERY._replace(opted_out_at_ms=1_000)
    assert book.applied(2, EVERY, 1_001) is EVERY


def test_a_stop_of_one_channel_leaves_the_others() -> None:
    """By channel, the other channel may still be used, until it is stopped too; then the last STOP is the opt-out."""
    book = Withdrawals("channel")
    book.reply(1, SMS, Intent.STOP, 1_000)
    assert book.applied(1, EVERY, 1_000) == EVERY._replace(consent=frozenset({WHATSAPP}))
    book.reply(1, WHATSAPP, Intent.STOP, 2_000)
    assert book.applied(1, EVERY, 1_999).consent == frozenset({WHATSAPP})
    assert book.applied(1, EVERY, 2_000) == EVERY._replace(opted_out_at_ms=2_000)


def test_a_start_brings_its_own_channel_back() -> None:
    """Who stopped all and starts one has that one again; consent that was never given does not appear."""
    book = Withdrawals("all")
    book.reply(1, SMS, Intent.STOP, 1_000)
    assert book.reply(1, WHATSAPP, Intent.START, 2_000)
    assert book.applied(1, EVERY, 1_999).opted_out_at_ms == 1_000
    assert book.applied(1, EVERY, 2_000) == EVERY._replace(consent=frozenset({WHATSAPP}))
    book.reply(1, SMS, Intent.START, 3_000)
    assert book.applied(1, EVERY, 3_000).consent == EVERY.consent
    book.reply(1, EMAIL, Intent.START, 4_000)
    assert book.applied(1, EVERY, 4_000).consent == EVERY.consent


def test_replies_count_in_the_order_of_time_however_they_are_told() -> None:
    """A START told first but sent later still comes later, and at one instant the STOP wins."""
    book = Withdrawals("channel")
    book.reply(1, SMS, Intent.START, 2_000)
    book.reply(1, SMS, Intent.STOP, 1_000)
    assert book.applied(1, EVERY, 1_500).consent == frozenset({WHATSAPP})
    assert book.applied(1, EVERY, 2_000) is EVERY
    book.reply(1, SMS, Intent.STOP, 2_000)
    assert book.applied(1, EVERY, 2_000).consent == frozenset({WHATSAPP})


@pytest.mark.parametrize("intent", [Intent.HELP, Intent.OTHER])
def test_other_words_change_nothing(intent: Intent) -> None:
    """HELP and words nobody understood are no opt-out and leave no entry."""
    book = Withdrawals("all")
    assert not book.reply(1, SMS, intent, 1_000)
    assert book.heard == {}


def test_a_stop_of_somebody_who_never_consented_counts() -> None:
    """Who was messaged without consent and says STOP has opted out: rigid timing honours that, unlike consent."""
    book = Withdrawals("all")
    book.reply(1, SMS, Intent.STOP, 1_000)
    nothing = EVERY._replace(consent=frozenset())
    assert book.applied(1, nothing, 999) == nothing
    assert book.applied(1, nothing, 1_000) == nothing._replace(opted_out_at_ms=1_000)
