"""Runs the body of a command and turns however it ends into an exit code and a few readable lines.

No traceback reaches a user unless SANDBOX_TRACEBACK=1 asks for it.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable

import typer

from sandbox.audit.masking import scrubbed
from sandbox.errors import BadInput, Cancelled, NotReproduced
from scenarios.progress import ShouldStop
from tui.cli.exit_codes import ExitCode
from tui.cli.refusals import refuse
from tui.cli.stopping import StopOnInterrupt
from tui.cli.streams import write_err

TRACEBACK_VARIABLE = "SANDBOX_TRACEBACK"

Body = Callable[[ShouldStop], ExitCode]
"""A command's work; it polls what it is given and returns how it came out."""

NextStep = Callable[[list[str]], str]
"""From the problems found, the one thing worth doing next."""


def conduct(body: Body, replay: str, next_step: NextStep) -> None:
    """Run `body` and leave by its exit code.

    Args:
        body: the work.
        replay: the command line that does the same again; printed with our own faults.
        next_step: what to suggest when the input is wrong.

    Raises:
        typer.Exit: always, with an `ExitCode`.
    """
    with StopOnInterrupt() as stop:
        code = outcome(body, stop.requested, replay, next_step)
    raise typer.Exit(code)


def outcome(body: Body, should_stop: ShouldStop, replay: str, next_step: NextStep) -> ExitCode:
    """Run `body`; say on standard error why it did not end well; return the exit code."""
    try:
        return body(should_stop)
    except BadInput as fault:
        refuse(fault.problems, next_step(fault.problems), replay)
        return ExitCode.BAD_INPUT
    except NotReproduced as fault:
        refuse(fault.problems)
        return ExitCode.EXPECTATION_FAILED
    except (Cancelled, KeyboardInterrupt):
        return _interrupted()
    except Exception as fault:  # noqa: BLE001 - the outermost edge: whatever is left over is our own fault
        if should_stop():  # Ctrl-C reaches worker processes too; what they break while stopping is no fault
            return _interrupted()
        report_fault(fault, replay)
        return ExitCode.OUR_FAULT


def report_fault(fault: Exception, replay: str) -> None:
    """Say what broke in this product, how to see it again, and what to send us."""
    words = scrubbed(" ".join(str(fault).split()))  # nobody has looked through what it says
    write_err(f"fault in the sandbox itself, not in your input: {type(fault).__name__}: {words}".rstrip(": "))
    write_err(f"  replay: {replay}")
    write_err(f"  report: send the maintainers these lines, and what {TRACEBACK_VARIABLE}=1 adds to them")
    if os.environ.get(TRACEBACK_VARIABLE) == "1":
        write_err(scrubbed("".join(traceback.format_exception(fault)).rstrip()))


def _interrupted() -> ExitCode:
    write_err("interrupted: nothing was written")
    return ExitCode.INTERRUPTED
