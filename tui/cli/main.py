"""The console command `sandbox`. Engines and screens are imported inside the commands that need them.

`sandbox --help` therefore starts at once: it loads the parser and nothing of the simulation, the database,
the statistics or the screens.
"""

from __future__ import annotations

import importlib
import shlex
import sys
from typing import Annotated

import typer

from tui.cli import comparing, flipping, listing, looking, mapping, pitfalls, verifying
from tui.cli.conduct import outcome, report_fault
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import START_WITH, command_line, next_step
from tui.cli.streams import is_terminal, tolerate_any_encoding, write_out

RUN_PANEL = "Run"
LOOK_PANEL = "Look closer"
TRUST_PANEL = "Trust"

EXIT_CODES = (
    "Exit codes: 0 ok · 1 an expectation failed (--strict: or is unsure) · 2 bad input · 3 our own fault · "
    "130 interrupted."
)
JSON_EPILOG = f"{EXIT_CODES} What --json holds is in the README under “JSON”."

app = typer.Typer(
    name="sandbox",
    help="Compare portal, call-centre and in-message designs: real rules, simulated load, before a pilot.",
    epilog=f"Start with: sandbox compare {START_WITH}. {EXIT_CODES}",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Version = Annotated[bool, typer.Option("--version", help="Print the version and leave.", is_eager=True)]
Opened = Annotated[str | None, typer.Argument(metavar="[SCENARIO]", help="The scenario to open with.")]


@app.callback()
def root(context: typer.Context, version: Version = False) -> None:
    """Show the version, or without a command the screens on a terminal and the help anywhere else."""
    if version:
        from importlib.metadata import version as installed

        write_out(f"sandbox {installed('resolution-sandbox')}\n")
        raise typer.Exit
    if context.invoked_subcommand is not None:
        return
    if is_terminal(sys.stdin) and is_terminal(sys.stdout):
        screens(None)
    write_out(context.get_help() + "\n")


def screens(scenario: Opened = None) -> None:
    """Open the screens; the same as `sandbox` alone on a terminal."""

    def body(should_stop: object) -> ExitCode:
        del should_stop  # the screens have their own keys for stopping
        importlib.import_module("tui.app").run_app(scenario)
        return ExitCode.OK

    # Not `conduct`: on a screen Ctrl-C is a key like any other and must reach the screen.
    code = outcome(
        body,
        should_stop=lambda: False,
        replay=command_line("tui", scenario, []),
        next_step=lambda problems: next_step(scenario or "", problems),
    )
    raise typer.Exit(code)


app.command("compare", rich_help_panel=RUN_PANEL, epilog=JSON_EPILOG)(comparing.compare)
app.command("run", rich_help_panel=RUN_PANEL, epilog=JSON_EPILOG)(comparing.run)
app.command("tui", rich_help_panel=RUN_PANEL)(screens)
app.command("scenarios", rich_help_panel=LOOK_PANEL)(listing.scenarios)
app.command("steps", rich_help_panel=LOOK_PANEL)(listing.steps)
app.command("metrics", rich_help_panel=LOOK_PANEL)(listing.metrics)
app.command("check", rich_help_panel=LOOK_PANEL, epilog=EXIT_CODES)(looking.check)
app.command("map", rich_help_panel=LOOK_PANEL, epilog=EXIT_CODES)(mapping.draw)
app.command("pitfalls", rich_help_panel=LOOK_PANEL, epilog=EXIT_CODES)(pitfalls.pitfalls)
app.command("flips", rich_help_panel=LOOK_PANEL, epilog=EXIT_CODES)(flipping.flips)
app.command("trace", rich_help_panel=LOOK_PANEL, epilog=EXIT_CODES)(looking.trace)
app.command("verify", rich_help_panel=TRUST_PANEL, epilog=EXIT_CODES)(verifying.verify)


def main() -> None:
    """Run the command line; leaves through `SystemExit`."""
    tolerate_any_encoding()
    try:
        app()
    except Exception as fault:  # noqa: BLE001 - the parser itself broke; still no traceback for a user
        report_fault(fault, shlex.join(["sandbox", *sys.argv[1:]]))
        sys.exit(ExitCode.OUR_FAULT)


if __name__ == "__main__":
    main()
