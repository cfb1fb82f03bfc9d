"""Where customers live: shares of time zones, checked one by one."""

from __future__ import annotations

from typing import Any

from scenarios.files.faults import not_allowed
from scenarios.files.values import saying, shares, time_zone

_SHARE = {"type": "number", "minimum": 0, "maximum": 1}


@saying({"type": "object", "additionalProperties": _SHARE, "minProperties": 1})
def zone_shares(value: Any) -> dict[str, float]:
    """Allow a block of IANA time zones with a share each that sum to 1; returned in the order of the file."""
    if not isinstance(value, dict) or not value:
        raise not_allowed(value, "a block of IANA time zones with a share each")
    for zone in value:
        time_zone(zone)
    return dict(shares(*value)(value))
