"""Which setting of a scenario stands behind a stage or metric, and the value with which it gives what was seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sandbox.experiment.intervals import Estimate
from sandbox.journey.design import Design

LOOK_AT_MOST = 5
"""Runs spent on finding one setting's value: a secant on common random numbers rarely needs more."""

_CLOSE = 0.02
"""A value found is close enough when it gives the actual within this share of itself."""


class Lever(NamedTuple):
    """A setting that moves a stage or metric.

    Attributes:
        path: of the setting; its value is one number.
        up: a larger value gives more of it.
        kinds: the design needs a step of one of these kinds; empty for every design.
        is_rate: the setting is a share, 0..1.
    """

    path: str
    up: bool
    kinds: tuple[str, ...] = ()
    is_rate: bool = True


_REACH = (Lever("customers.response_rate", True),)
_DELIVERY = (Lever("channels.sms.delivered_rate", True),)
_PROOF = (
    Lever("identity.code_starts_rate", True, ("verify",)),
    Lever("identity.login_drop_rate", False, ("login",)),
    Lever("identity.code_correct_rate", True, ("verify",)),
    Lever("identity.facts_pass_rate", True, ("known_facts",)),
    Lever("call_centre.other_traffic.calls_per_day", False, ("call_queue",), False),
)
_ACTING = (
    Lever("identity.page_drop_rate", False, ("choose",)),
    Lever("customers.payment_accepted_rate", True),
)
_RECORD = (
    Lever("back_office.lost_rate", False, ("back_office",)),
    Lever("core.faults.unavailable_rate", False, ("write_back",)),
)
_LINES = (
    Lever("call_centre.other_traffic.calls_per_day", True, (), False),
    Lever("call_centre.patience_s_mean.campaign", False, (), False),
)

LEVERS: Mapping[str, tuple[Lever, ...]] = {
    "messaged": (Lever("customers.consent_sms_rate", True),),
    "delivered": _DELIVERY,
    "clicked": _REACH,
    "engaged": _REACH,
    "identified": _PROOF,
    "acted": _ACTING,
    "recorded": _RECORD,
    "delivery_rate": _DELIVERY,
    "click_rate": _REACH,
    "engagement_rate": _REACH,
    "completion_rate": _REACH,
    "completion_of_engaged_rate": _PROOF,
    "completion_in_message_rate": _REACH,
    "exception_rate": tuple(lever._replace(up=not lever.up) for lever in _PROOF[:4]),
    "false_reject_rate": (Lever("identity.code_correct_rate", False, ("verify",)),),
    "writeback_success_rate": _RECORD,
    "writeback_first_try_rate": (Lever("core.faults.unavailable_rate", False, ("write_back",)),),
    "promise_kept_rate": (Lever("customers.promise_kept_rate", True),),
    "call_abandonment_rate": _LINES,
    "campaign_abandonment_rate": _LINES,
    "call_wait_busy_s": _LINES[:1],
    "call_wait_all_s": _LINES[:1],
    "call_wait_answered_s": _LINES[:1],
    "agent_occupancy": _LINES[:1],
}
"""By stage of the funnel and by metric, the likeliest first. Which setting stands behind what is our reading of the
design; a value found is a candidate to be checked, not a measurement."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A setting to be changed.

    Attributes:
        path: of the setting.
        old, new: its values.
        of: the stage or metric it was fitted on.
        gives: what the scenario gives of it with the new value, in one run; the interval is over that run's days.
        primary: what it then gives of the deciding metric, likewise; without a value where there is none.
        met: whether `gives` is close to what was seen.
        in_range: the new value lies inside the range the scenario states; None where it states none.
    """

    path: str
    old: float
    new: float
    of: str
    gives: Estimate
    primary: Estimate
    met: bool
    in_range: bool | None

    @property
    def setting(self) -> str:
        """The text for `--set`."""
        return f"{self.path}={self.new:.4g}"


def levers_for(subject: str, design: Design, settings: Mapping[str, object]) -> list[Lever]:
    """Return the levers behind a stage or metric that this design and scenario have."""
    kinds = {step.kind for step in design.steps.values()}  # type: ignore[attr-defined]  # every kind of step has one
    return [
        lever
        for lever in LEVERS.get(subject, ())
        if (not lever.kinds or kinds & set(lever.kinds)) and isinstance(settings.get(lever.path), int | float)
    ]


def fit(
    lever: Lever, start: tuple[float, float], actual: float, gives: Callable[[float], float | None]
) -> tuple[float, float] | None:
    """Find the value of a lever with which a simulation gives what was seen, by secants.

    Args:
        lever: which setting.
        start: its value as it is, and what the simulation gives with it.
        actual: what was seen.
        gives: runs the simulation with a value; None where the figure does not apply.

    Returns:
        The value that came closest and what it gives; None where the lever does not move the figure at all.
    """
    before, best = start, start
    value = _first_guess(lever, start, actual)
    for _ in range(LOOK_AT_MOST):
        if value == before[0]:
            break
        found = gives(value)
        if found is None:
            break
        if abs(found - actual) < abs(best[1] - actual):
            best = (value, found)
        if abs(found - actual) <= _CLOSE * actual or found == before[1]:
            break
        slope = (found - before[1]) / (value - before[0])
        before, value = (value, found), _bounded(lever, value + (actual - found) / slope)
    return None if best == start else best


def _first_guess(lever: Lever, start: tuple[float, float], actual: float) -> float:
    value, given = start
    ratio = actual / given if given else 2.0
    if not lever.is_rate:  # the lines answer steeply: a small step first
        step = min(max(ratio, 0.8), 1.25)
        return _bounded(lever, value * step if lever.up else value / step)
    if lever.up:
        return _bounded(lever, value * ratio if value else 0.01)
    return _bounded(lever, 1.0 - (1.0 - value) * ratio)  # what is not lost changes in proportion


def _bounded(lever: Lever, value: float) -> float:
    bounded = max(value, 0.0)
    # As it is told, so that the command that is printed runs what was looked at.
    return float(f"{min(bounded, 1.0) if lever.is_rate else bounded:.4g}")
