"""The shape of an outreach document, and every reason to refuse one before it lets a message out.

The defaults are the strictest union of the contact rules the product knows (weekday and Saturday hours of the
South African CPA regulation, one message a day and three a week); they are inputs for the client's own legal
review. Numbers arrive bare; whoever reads the file keeps where they come from.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sandbox.model import Channel

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
ClockTime = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]

Whole = Annotated[int, Field(strict=True, ge=0)]
Cap = Annotated[Whole, Field(ge=1, le=100)]


class _Part(BaseModel):
    """Unknown and misspelt keys are refused; a loaded document never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ContactWindow(_Part):
    """Hours of one weekday in the customer's own local time, "HH:MM"; a message at `closes` is too late."""

    opens: ClockTime
    closes: ClockTime

    @model_validator(mode="after")
    def _is_a_range(self) -> ContactWindow:
        if self.opens >= self.closes:  # zero-padded, so text order is time order
            raise ValueError(f"opens {self.opens} must be before closes {self.closes}")
        return self


_WORKING_DAY = ContactWindow(opens="08:00", closes="20:00")
_DEFAULT_WINDOWS: dict[Weekday, ContactWindow | None] = {
    "monday": _WORKING_DAY,
    "tuesday": _WORKING_DAY,
    "wednesday": _WORKING_DAY,
    "thursday": _WORKING_DAY,
    "friday": _WORKING_DAY,
    "saturday": ContactWindow(opens="09:00", closes="13:00"),
    "sunday": None,
}


Words = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=60, pattern=r"\w")], ...], Field(max_length=100)
]


class OptOut(_Part):
    """What replies mean, and what a STOP ends.

    Attributes:
        stop_words: whole replies that mean STOP, however spaced and whatever their case.
        stop_phrases: wordings that mean STOP anywhere in a reply, as whole words.
        start_words: whole replies that bring the channel back.
        help_words: whole replies that ask for help and change nothing.
        courtesy_words: words that change nothing beside one of the above.
        scope: what a STOP ends: "channel", the one it came in on, or "all".
        confirms: whether one message confirms a STOP.
    """

    stop_words: Annotated[Words, Field(min_length=1)] = (
        "stop",
        "stop all",
        "quit",
        "end",
        "revoke",
        "opt out",
        "cancel",
        "unsubscribe",
    )
    stop_phrases: Words = (
        "stop texting",
        "stop messaging",
        "stop contacting",
        "stop sending",
        "do not text",
        "dont text",
        "do not contact",
        "dont contact",
        "do not message",
        "dont message",
        "no more messages",
        "no more texts",
        "remove me",
        "take me off",
        "leave me alone",
    )
    start_words: Words = ("start", "unstop")
    help_words: Words = ("help", "info")
    courtesy_words: Words = ("please", "pls", "now", "thanks", "thank", "you", "hi", "hello", "to")
    scope: Literal["channel", "all"] = "all"
    confirms: bool = False

    @model_validator(mode="after")
    def _one_meaning_each(self) -> OptOut:
        meanings = {"start": self.start_words, "help": self.help_words}
        for name, words in meanings.items():
            if both := {word.casefold() for word in words} & {word.casefold() for word in self.stop_words}:
                raise ValueError(f"{min(both)!r} is among stop_words and {name}_words: one meaning each")
        return self


class OutreachDocument(_Part):
    """Who may be messaged when, how often and by which channel.

    Attributes:
        windows: contact hours per weekday; a weekday that is missing or null has none.
        holidays: dates without contact hours, in the customer's own calendar day.
        messages_per_day_max: sends to one customer in any 24 hours, over all channels.
        messages_per_7_days_max: sends to one customer in any 7 times 24 hours, over all channels.
        touch_gap_hours_min: least time between two sends to one customer.
        channels: the channel of the first touch, the second, ...; the last repeats.
        opt_out: what replies mean, and what a STOP ends.
    """

    windows: dict[Weekday, ContactWindow | None] = Field(default_factory=lambda: dict(_DEFAULT_WINDOWS))
    holidays: frozenset[date] = frozenset()
    messages_per_day_max: Cap = 1
    messages_per_7_days_max: Cap = 3
    touch_gap_hours_min: Annotated[Whole, Field(le=24 * 90)] = 24
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=20)] = (Channel.SMS,)
    opt_out: OptOut = OptOut()

    @field_validator("windows")
    @classmethod
    def _opens_sometime(
        cls, windows: dict[Weekday, ContactWindow | None]
    ) -> dict[Weekday, ContactWindow | None]:
        if not any(windows.values()):
            raise ValueError("no weekday has contact hours: nothing could ever be sent")
        return windows

    @model_validator(mode="after")
    def _caps_agree(self) -> OutreachDocument:
        if self.messages_per_day_max > self.messages_per_7_days_max:
            raise ValueError(
                f"messages_per_day_max {self.messages_per_day_max} is above "
                f"messages_per_7_days_max {self.messages_per_7_days_max}: it could never be reached"
            )
        return self
