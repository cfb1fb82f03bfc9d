"""The call centres `sandbox verify` runs when it is given none: small and large, idle and overloaded.

Loads stated as a share rho of the agents are calls per hour = rho x agents x 3600 / handling. The exact figures are
not kept here: `erlang_a` computes them, and its own tests hold it to the printed values of the same rows.

Sources:
    zinnov: zinnov.com, "Introduction to Erlang", after Mandelbaum and Zeltyn.
    demo: README of github.com/sebastian-hanisch/erlang-a-demo. Its unit case has no unit of time; here it is one
        second, the hardest for a clock of whole milliseconds.
    staffing: rjvandel14/OBP-Ass-3 on GitHub, the smallest staff with P(wait > 0) at most 0.4.
    own: chosen here to span small, large and overloaded centres; exact values from two independent programs.
"""

from __future__ import annotations

from sandbox.simulation.stationary import Load

_ZINNOV = (Load(2880, 60, 120, 50),)

_DEMO = (
    Load(3600, 1, 1, 1),
    Load(190, 180, 300, 10),  # rho 0.95
    Load(190, 180, 60, 10),
    Load(190, 180, 1800, 10),
    Load(76, 180, 300, 4),
    Load(950, 180, 300, 50),
    Load(260, 180, 300, 10),  # rho 1.30
    Load(104, 180, 300, 4),
    Load(1300, 180, 300, 50),
    Load(5200, 180, 300, 200),
    Load(88, 180, 300, 4),  # rho 1.10
    Load(220, 180, 300, 10),
    Load(1100, 180, 300, 50),
    Load(4400, 180, 300, 200),
)

_STAFFING = (Load(180, 300, 600, 16), Load(180, 300, 600, 17))

_OWN = (
    Load(100, 300, 180, 10),
    Load(300, 300, 240, 25),
    Load(625, 300, 240, 25),  # twice the load the agents can carry
    Load(250, 300, 240, 10),
    Load(60, 240, 120, 5),
    Load(1200, 300, 180, 100),
    Load(100, 180, 360, 5),
    Load(100, 180, 360, 6),
    Load(200, 180, 240, 10),
    Load(200, 180, 240, 12),
    Load(400, 190, 231, 20),
    Load(60, 300, 600, 5),  # the 100 calls/h row with five agents, time stretched by 5/3
)

TABLE = _ZINNOV + _DEMO + _STAFFING + _OWN
"""Every point of the table, 29 of them."""
