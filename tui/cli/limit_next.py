"""What is worth running after `sandbox limit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.numbers import number
from tui.cli.orders import Order

if TYPE_CHECKING:
    from scenarios.limits.grid import Number
    from scenarios.limits.limit import DesignLimit, Limits


def next_command(found: Limits, order: Order) -> tuple[str, str]:
    """Return the command worth running next.

    More agents where today's value is beyond a limit of the lines; a closer look where no limit was found; else the
    whole scorecard at the furthest value that some design keeps, which is what was asked for.
    """
    short = next((one for one in found.designs.values() if _is_short(found, one)), None)
    if short is not None and not found.vary.startswith("call_centre.agents"):
        keep = [("--keep", f"{each.metric}{each.comparator}{each.threshold:g}") for each in found.keep]
        command = order.follow("staff", [("--design", short.name), *keep])
        return command, f"the agents {short.name} would need at {number(_current(found))}"
    furthest = _furthest(found)
    if furthest is not None:
        one, value = furthest
        if _too_many(found, value):
            return order.follow("compare"), "the whole scorecard of the cases given"
        place = f"the limit of {one.name}" if one.kind == "within" else number(value)
        command = order.follow("compare", [("--set", f"{found.vary}={value}")])
        return command, f"the whole scorecard at {place}"
    broken = next((one for one in found.designs.values() if one.kind in ("broken", "unconfirmed")), None)
    if broken is not None:
        return order.follow("diagnose", [("--designs", broken.name)]), f"why {broken.name} does not keep it"
    return order.follow("compare"), "what these designs do have"


def _furthest(found: Limits) -> tuple[DesignLimit, Number] | None:
    """The design that goes furthest, and how far: up or down as the first of them goes.

    Where nothing tells which way the conditions break, a design reaches every end that was confirmed.
    """
    reached: list[tuple[DesignLimit, Number]] = []
    for one in found.designs.values():
        if one.value is not None:
            ends = (found.values[0], found.values[-1]) if one.direction is None else ()
            reached += [(one, value) for value in (one.value, *filter(one.held, ends))]
    if not reached:
        return None
    down = next((one.direction is False for one, _ in reached if one.direction is not None), False)
    return (min if down else max)(reached, key=lambda each: each[1])


def _current(found: Limits) -> float | None:
    return found.current if isinstance(found.current, int | float) else None


def _is_short(found: Limits, one: DesignLimit) -> bool:
    """Whether a design breaks at today's value what more agents could mend."""
    from scenarios.lines.preview import PREVIEWED

    current = _current(found)
    if current is None or not all(condition.metric in PREVIEWED for condition in found.keep):
        return False
    if one.kind == "broken":
        nearest = found.values[0] if one.rising else found.values[-1]
        return current == nearest or (current > nearest) == one.rising
    if one.kind != "within" or one.value is None or one.direction is None:
        return False
    return current != one.value and (current > one.value) == one.rising


def _too_many(found: Limits, furthest: float) -> bool:
    """Say whether the limit asks for more messages than a case file has cases for; a factor above 1 may."""
    path, star, _ = found.vary.partition("*")
    most = 1 if star else found.messages_most
    return (
        found.messages_most is not None
        and path == "campaign.messages"
        and most is not None
        and furthest > most
    )
