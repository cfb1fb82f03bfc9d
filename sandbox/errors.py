"""The error tree, split by who is at fault.

    SandboxError
    ├── RuleBroken      our bug: an invariant does not hold (exit code 3)
    ├── BadInput        the user's file, option or report is wrong (exit code 2)
    ├── NotReproduced   the simulation does not give back the history it was given (exit code 1)
    └── Cancelled       the user asked us to stop (exit code 130)

Business refusals (an ineligible action, a wrong code, a declined payment) and failures of the
outside world (a core that times out) are ordinary values in this product, never exceptions: they are what is
simulated.
"""

from __future__ import annotations


class SandboxError(Exception):
    """Base of everything this product raises on purpose."""


class RuleBroken(SandboxError):
    """An invariant of our own code does not hold; nothing a user did should cause it."""


class BadInput(SandboxError):
    """The input is wrong; every problem found is listed, not only the first.

    Attributes:
        problems: one entry per fault, each naming where it is, what was found and what is allowed.
    """

    def __init__(self, problems: list[str]) -> None:
        """Keep the list of problems, joined by line breaks as the message."""
        super().__init__("\n".join(problems))
        self.problems = problems


class NotReproduced(SandboxError):
    """The baseline does not reproduce the history given, so what it would say of a change is not worth reading.

    Attributes:
        problems: each figure that is off, with what was simulated, reported and allowed; then what to do.
    """

    def __init__(self, problems: list[str]) -> None:
        """Keep the list of problems, joined by line breaks as the message."""
        super().__init__("\n".join(problems))
        self.problems = problems


class Cancelled(SandboxError):
    """A run was stopped on request before it finished."""
