"""`sandbox writeback-test`: whether a core takes a completion, a repetition and an interruption as it should."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from tui.bearer import given_token
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import START_WITH, Order, command_line, next_step
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.cli.tables import wrapped
from tui.clock import monotonic_s, wall_ms

if TYPE_CHECKING:
    from scenarios.rehearsal.core_trial import CoreTrial

SCHEMA = 1
_OWN_ACCOUNTS = 1_000_000
_SECONDS_KEPT_APART = 1_000_000
_MARKS = {True: "✔", False: "✘"}

Core = Annotated[
    str | None, typer.Option("--core", metavar="URL", help="A core of your own. Default: the scenario's.")
]
TokenFile = Annotated[
    str | None, typer.Option("--token-file", metavar="FILE", help="File with the core's bearer token.")
]
Accounts = Annotated[
    list[int] | None,
    typer.Option(
        "--account", min=0, help="Account to post to, five in all. Default: the test loads its own."
    ),
]
Timeout = Annotated[int, typer.Option("--timeout-ms", min=1, max=600_000, help="Silence that is no answer.")]


def writeback_test(  # noqa: PLR0913 - Typer takes one parameter per option
    scenario: options.Scenario = START_WITH,
    design: options.Design = None,
    settings: options.Settings = None,
    core: Core = None,
    token_file: TokenFile = None,
    account: Accounts = None,
    timeout_ms: Timeout = 5_000,
    as_json: options.AsJson = False,
    out: options.Out = None,
) -> None:
    """Post a completion, a repetition and interruptions to a core; exit 1 if one leaves a wrong record."""
    order = Order(verb="writeback-test", scenario=scenario, settings=tuple(settings or ()))

    def body(_should_stop: Callable[[], bool]) -> ExitCode:
        destination = Destination.checked(out, (scenario,))
        from scenarios.rehearsal.core_trial import RemoteCore, try_core
        from scenarios.run import CompareRequest

        remote = None
        if core is not None:
            # Numbers of a run of its own: a core keeps what was posted before, and its keys.
            first = _OWN_ACCOUNTS + wall_ms() // 1000 % _SECONDS_KEPT_APART * 8
            clock_ms = lambda: round(monotonic_s() * 1000)  # noqa: E731 - a clock, handed on
            token = given_token(token_file)
            remote = RemoteCore(core, token, timeout_ms, clock_ms, tuple(account or ()), first)
        found = try_core(CompareRequest(scenario, tuple(settings or ())), design, remote)
        width = WIDTH_DEFAULT if out is not None else text_width()
        deliver(destination, trial_document(found), lambda: trial_text(found, order, width), as_json=as_json)
        return ExitCode.OK if found.ok else ExitCode.EXPECTATION_FAILED

    given = [("--design", design), *(("--set", one) for one in settings or ()), ("--core", core)]
    conduct(
        body,
        replay=command_line("writeback-test", scenario, [*given, ("--token-file", token_file)]),
        next_step=lambda problems: next_step(scenario, problems),
    )


def trial_document(found: CoreTrial) -> dict[str, object]:
    """Return what `--json` prints."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "design": found.design,
        "core": found.core,
        "accounts": list(found.accounts),
        "ok": found.ok,
        "moments": [trial._asdict() for trial in found.trials],
    }


def trial_text(found: CoreTrial, order: Order, width: int) -> str:
    """Return the moments, each with what was found, in so many columns."""
    lines = [f"WRITEBACK TEST   {found.core}, in the way {found.design} posts"]
    lines += wrapped(
        "expected each time: one record with status, note and time, one row of evidence, nothing unfinished",
        width,
    )
    for trial in found.trials:
        lines += wrapped(f"{_MARKS[trial.ok]}  {trial.moment}: {trial.found}", width, hanging=" " * 6)
    if found.accounts:
        lines += wrapped(f"posted to the accounts {', '.join(map(str, found.accounts))}", width)
    held = sum(trial.ok for trial in found.trials)
    following = order.follow("prelaunch", [("--design", found.design)])
    return "\n".join([*lines, "", f"{held} of {len(found.trials)} hold", f"next: {following}"]) + "\n"
