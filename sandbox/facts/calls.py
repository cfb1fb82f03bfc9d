"""What happened on the lines."""

from __future__ import annotations

from typing import NamedTuple


class CallOffered(NamedTuple):
    """An attempt reached the lines. `campaign` separates the campaign from other traffic."""

    call_id: int
    case_id: int
    at_ms: int
    intent: str
    campaign: bool
    attempt: int


class CallAnswered(NamedTuple):
    """An agent picked up after `wait_ms`."""

    call_id: int
    case_id: int
    at_ms: int
    wait_ms: int
    campaign: bool
    offered_at_ms: int


class CallAbandoned(NamedTuple):
    """The caller left without an agent; `balked` callers never joined the queue."""

    call_id: int
    case_id: int
    at_ms: int
    wait_ms: int
    campaign: bool
    offered_at_ms: int
    balked: bool


class CallHandled(NamedTuple):
    """Talk plus after-call work ended; the agent is free again."""

    call_id: int
    case_id: int
    at_ms: int
    talk_ms: int
    after_call_ms: int
    campaign: bool


class LineClosed(NamedTuple):
    """A customer called outside opening hours; not offered, they may call on the next working day."""

    case_id: int
    at_ms: int


class DiscoveryDone(NamedTuple):
    """An agent pieced together what the bundle of a handed-over case did not say, in `spent_ms`."""

    case_id: int
    at_ms: int
    spent_ms: int
