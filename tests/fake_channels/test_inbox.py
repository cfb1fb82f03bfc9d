"""The inbox: what a watched customer saw, in the order it arrived."""

from __future__ import annotations

from fake_channels.inbox import Inbox
from sandbox.model import Channel
from sandbox.ports import Delivery, Message


def message(case_id: int = 1, touch: int = 1, purpose: str = "campaign") -> Message:
    """A message to a case."""
    return Message(case_id, touch, Channel.SMS, purpose, case_id)


def test_a_text_can_be_read_as_the_customer_saw_it() -> None:
    """Arrival time, channel, purpose and words of a delivered text are kept."""
    inbox = Inbox([1])
    assert inbox.put(message(purpose="code"), Delivery(40, ()), "Your code is 314159", 1_000)
    assert inbox.read(1) == ((1_040, "sms", "code", 1, "Your code is 314159"),)


def test_nothing_is_kept_unless_somebody_watches() -> None:
    """By default, and for other cases, texts are not captured."""
    assert not Inbox().put(message(), Delivery(0, ()), "hello", 0)
    inbox = Inbox([2])
    assert not inbox.put(message(1), Delivery(0, ()), "hello", 0)
    assert inbox.read(1) == inbox.read(2) == ()


def test_a_lost_message_is_never_seen() -> None:
    """What did not reach the handset is not in the inbox."""
    inbox = Inbox([1])
    assert not inbox.put(message(), Delivery(None, ()), "hello", 0)
    assert inbox.read(1) == ()


def test_texts_are_read_by_arrival_up_to_a_time() -> None:
    """A text sent first may arrive last; reading at a time shows what had arrived by then, inclusive."""
    inbox = Inbox([1])
    inbox.put(message(touch=1), Delivery(500, ()), "slow", 0)
    inbox.put(message(touch=2), Delivery(10, ()), "quick", 100)
    assert [text.text for text in inbox.read(1)] == ["quick", "slow"]
    assert [text.text for text in inbox.read(1, until_ms=499)] == ["quick"]
    assert [text.text for text in inbox.read(1, until_ms=500)] == ["quick", "slow"]


def test_an_inbox_is_bounded() -> None:
    """The oldest texts make room; each case has its own bound."""
    inbox = Inbox([1, 2], texts_per_case=3)
    for n in range(10):
        inbox.put(message(1), Delivery(0, ()), str(n), n)
    inbox.put(message(2), Delivery(0, ()), "x", 0)
    assert [text.text for text in inbox.read(1)] == ["7", "8", "9"]
    assert len(inbox.read(2)) == 1
