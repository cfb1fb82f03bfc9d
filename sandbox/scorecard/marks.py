"""What is remembered of a case: flags and its arrears band in one integer, which is what makes cases alike."""

from __future__ import annotations

from enum import IntFlag

BAND_SHIFT = 48
BAND_MASK = 0b111
"""`mark >> BAND_SHIFT & BAND_MASK` is 1 + the band's place in `Layout.bands`; 0 for a case never triggered."""


class Mark(IntFlag):
    """What is remembered of a case."""

    TRIGGERED = 1
    EXCLUDED = 2
    SENT = 4
    DELIVERED = 8
    ENGAGED = 16
    IDENTIFIED = 32
    ACTED = 64
    RECORDED = 128
    AGENT = 256
    BACK_OFFICE = 512
    EXCEPTION = 1024
    JUDGEMENT = 2048
    CHANNEL_CHANGE = 4096
    FIRST_TRY = 8192
    MANUAL = 16384
    VULNERABLE = 32768  # policy has a person look after them
    REPEAT_CONTACT = 65536
    CALLED = 131072  # reached the lines in the visit going on; a first attempt may fail to connect
    NO_CHANNEL = 1 << 18  # no usable channel: the route to a person
    CLICKED = 1 << 19
    OPENED = 1 << 20  # a read receipt came; SMS has none
    SENT_AGAIN = 1 << 21  # a further message before the record
    ENGAGED_AGAIN = 1 << 22  # a further visit before the record
    REOPENED = 1 << 23  # sent to, heard from or posted again after the record
    INCOMPLETE_BUNDLE = 1 << 24
    PAID = 1 << 25
    PROMISED = 1 << 26
    PROMISE_KEPT = 1 << 27
    PROMISE_BROKEN = 1 << 28
    LETTER = 1 << 29  # written to, for no message could reach them
    IDENTITY_REFUSED = 1 << 30  # the customer themselves was not accepted at least once
    MOVED = 1 << 31  # the case takes the second design of a world that mixes two


PERSON_ROUTE = Mark.VULNERABLE | Mark.NO_CHANNEL
"""Any of these: the case takes the route to a person and is judged apart."""

BITS = {mark.name: int(mark) for mark in Mark}
"""Plain integers for handlers: an IntFlag operation costs a microsecond, and these run millions of times."""
