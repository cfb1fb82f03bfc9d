"""How a share is written in every text people read: in percent, with a space before the sign."""

from __future__ import annotations


def in_percent(share: float, decimals: int) -> str:
    """Write a share (0..1): 0.053 with one decimal is "5.3 %"."""
    return f"{share * 100:.{decimals}f} %"
