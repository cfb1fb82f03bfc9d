"""Email beyond the channel contract: bounces, the spam folder, and the hours until a mail is opened."""

from __future__ import annotations

from dataclasses import replace
from math import log
from statistics import median, pstdev

import pytest

from fake_channels.email import EmailChannel
from fake_channels.profiles import EmailProfile
from sandbox.draws import Draws
from sandbox.errors import BadInput
from sandbox.model import Channel
from sandbox.ports import ConversationPort, Delivery, Message

MAILS = 20_000
SURE = EmailProfile(0.0, 5_000, 0.0, 1.0, 1.0, 3_600_000, 0.0, 0.0, 0.0, sends_per_s_max=1_000_000)
"""In the inbox after five seconds, opened after an hour, every report arrives."""


def sent(profile: EmailProfile) -> list[Delivery]:
    """What becomes of 20,000 mails."""
    to = EmailChannel(profile, Draws(3))
    return [to.send(Message(case, 1, Channel.EMAIL, "campaign", case), 0) for case in range(MAILS)]


def test_a_mail_in_the_inbox_is_opened_and_reported() -> None:
    """Delivery and opening are told, and every mail is paid for."""
    assert sent(SURE)[0] == Delivery(5_000, ((5_000, "delivered"), (3_605_000, "read")), 3_600_000)


def test_a_bounce_is_reported_and_never_seen() -> None:
    """Two mails in a hundred come back; the rest are taken."""
    mails = sent(replace(SURE, bounce_rate=0.02))
    bounced = [mail for mail in mails if mail.delivered_after_ms is None]
    assert len(bounced) / MAILS == pytest.approx(0.02, abs=0.005)
    assert {mail.receipts for mail in bounced} == {((5_000, "failed"),)}
    assert {mail.seen_delay_ms for mail in bounced} == {None}


def test_the_spam_folder_is_delivered_and_never_seen() -> None:
    """What the provider calls delivered may stand where nobody looks: delivered all, seen the inbox's share alone."""
    mails = sent(replace(SURE, inbox_rate=0.87))
    assert all(mail.delivered_after_ms == 5_000 for mail in mails)
    assert sum(mail.seen_delay_ms is not None for mail in mails) / MAILS == pytest.approx(0.87, abs=0.01)


def test_opening_is_drawn_among_the_mails_in_the_inbox() -> None:
    """0.87 in the inbox and 0.35 of those opened: three in ten are seen, by luck of their own."""
    mails = sent(replace(SURE, inbox_rate=0.87, opened_rate=0.35))
    assert sum(mail.seen_delay_ms is not None for mail in mails) / MAILS == pytest.approx(
        0.87 * 0.35, abs=0.015
    )


def test_the_opening_delay_is_lognormal() -> None:
    """Median and log spread of 20,000 opening delays are those of the profile."""
    delays = [mail.seen_delay_ms for mail in sent(replace(SURE, open_delay_sigma=1.6))]
    assert median(delays) == pytest.approx(3_600_000, rel=0.05)
    assert pstdev(log(delay) for delay in delays) == pytest.approx(1.6, rel=0.03)


def test_opening_is_not_reported_where_tracking_is_off() -> None:
    """A customer's program that loads no pictures tells nothing, and the mail is seen all the same."""
    mails = sent(replace(SURE, tracking_off_rate=1.0))
    assert {mail.receipts for mail in mails} == {((5_000, "delivered"),)}
    assert {mail.seen_delay_ms for mail in mails} == {3_600_000}


def test_email_has_no_windows() -> None:
    """An action on a mail changes nothing for the next one."""
    assert not isinstance(EmailChannel(SURE, Draws(1)), ConversationPort)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"inbox_rate": -0.1}, "inbox_rate is -0.1"), ({"sends_per_s_max": -1.0}, "sends_per_s_max is -1.0")],
)
def test_a_wrong_profile_is_refused(wrong: dict[str, float], told: str) -> None:
    """Every number has its range, and the message names it."""
    with pytest.raises(BadInput, match=told):
        EmailProfile(**wrong)  # type: ignore[arg-type]
