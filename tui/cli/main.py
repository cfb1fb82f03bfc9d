"""The console command `sandbox`. Engines and screens are imported inside the commands that need them.

`sandbox --help` therefore starts at once: it loads the parser and nothing of the simulation, the database,
the statistics or the screens.
"""

from __future__ import annotations

import gc
import importlib
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, NamedTuple

import typer
import typer.main
from typer.core import TyperGroup

from tui.cli.conduct import outcome, report_fault
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import START_WITH, command_line, next_step
from tui.cli.refusals import reword
from tui.cli.streams import is_terminal, tolerate_any_encoding, write_out

RUN_PANEL = "Run"
LOOK_PANEL = "Look closer"
WRITE_PANEL = "Write your own"
TRUST_PANEL = "Trust"
GROUPS_PANEL = "More, by subject"


def exit_codes(one: str | None = None, *, documented: bool = False) -> str:
    """Return what stands below a command's help.

    Args:
        one: what it means when the command leaves with 1; None where it never does.
        documented: whether the README says what its JSON holds.
    """
    told = f" · 1 {one}" if one else ""
    where = " What --json holds is in the README under “JSON”." if documented else ""
    return f"Exit codes: 0 ok{told} · 2 bad input · 3 our own fault · 130 interrupted.{where}"


JUDGED = "an expectation failed (--strict: or is unsure), or history is not reproduced"
GATED = "history is not reproduced"
EVERY = "what was run does not hold (each command's help says what)"

Version = Annotated[bool, typer.Option("--version", help="Print the version and leave.", is_eager=True)]
Opened = Annotated[str | None, typer.Argument(metavar="[SCENARIO]", help="The scenario to open with.")]


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


class Command(NamedTuple):
    """A command.

    Attributes:
        name: how it is called.
        does: "module:function" in this package; loaded when the command is shown or called.
        epilog: what stands below its help.
    """

    name: str
    does: str
    epilog: str | None = exit_codes()

    @property
    def function(self) -> Callable[..., None]:
        """What it does, loaded."""
        module, name = self.does.split(":")
        found: Callable[..., None] = getattr(importlib.import_module(f"{__package__}.{module}"), name)
        return found


FIRST_PAGE: dict[str, tuple[Command, ...]] = {
    RUN_PANEL: (
        Command("compare", "comparing:compare", exit_codes(JUDGED, documented=True)),
        Command("limit", "limiting:limit", exit_codes(GATED, documented=True)),
        Command("staff", "staffing:staff", exit_codes(GATED, documented=True)),
        Command("tui", "main:screens", None),
    ),
    LOOK_PANEL: (
        Command("sweep", "sweeping:sweep", exit_codes(GATED, documented=True)),
        Command("sensitivity", "sensing:sensitivity", exit_codes(GATED, documented=True)),
        Command("diagnose", "diagnosing:diagnose", exit_codes(GATED)),
        Command("trace", "looking:trace"),
        Command("calibrate", "calibrating:calibrate"),
    ),
    WRITE_PANEL: (
        Command("new", "authoring:new"),
        Command("check", "looking:check"),
    ),
    TRUST_PANEL: (Command("verify", "verifying:verify", exit_codes("a point lies outside theory")),),
}
"""What the first page of the help shows, by panel: at most a dozen, so that it can be read."""


class Grouped(NamedTuple):
    """A command inside a group; `alone`, or else its own name, calls it without the group and is not listed."""

    command: Command
    alone: str = ""


GROUPS: dict[str, tuple[str, tuple[Grouped, ...]]] = {
    "design": (
        "One design more closely: run it alone, its path, its pitfalls, who gains and who loses by it.",
        (
            Grouped(Command("run", "comparing:run", exit_codes(JUDGED, documented=True))),
            Grouped(Command("map", "mapping:draw", exit_codes(GATED))),
            Grouped(Command("flips", "flipping:flips", exit_codes(GATED))),
            Grouped(Command("cases", "casing:cases")),
            Grouped(Command("pitfalls", "pitfalls:pitfalls", exit_codes(GATED))),
        ),
    ),
    "runs": (
        "Runs that were saved: list, show, run again, remove.",
        (
            Grouped(Command("list", "saved_runs:listing"), "runs-list"),
            Grouped(Command("show", "saved_runs:show")),
            Grouped(
                Command("rerun", "saved_runs:rerun", exit_codes("the result is another than the saved one"))
            ),
            Grouped(Command("remove", "saved_runs:remove"), "runs-remove"),
        ),
    ),
    "catalogue": (
        "What comes with the product and what files are built from: scenarios, kinds of step, metrics, schemas.",
        (
            Grouped(Command("scenarios", "listing:scenarios", None)),
            Grouped(Command("steps", "listing:steps", None)),
            Grouped(Command("metrics", "listing:metrics", None)),
            Grouped(Command("schema", "authoring:schema")),
        ),
    ),
    "core": (
        "The core as a service of its own.",
        (
            Grouped(Command("serve", "serving:serve_core"), "serve-core"),
            Grouped(
                Command(
                    "test", "core_testing:writeback_test", exit_codes("a record is missing, double or wrong")
                ),
                "writeback-test",
            ),
        ),
    ),
    "pilot": (
        "Before and after a pilot: which workflow, the cases to sign off, its plan, and what broke.",
        (
            Grouped(Command("prelaunch", "prelaunching:review", exit_codes("a case is not ok"))),
            Grouped(Command("phone", "phoning:phone")),
            Grouped(Command("choice", "pilot_choosing:pilot_choice", exit_codes(GATED)), "pilot-choice"),
            Grouped(
                Command("plan", "pilot_planning:pilot_plan", exit_codes(GATED, documented=True)), "pilot-plan"
            ),
            Grouped(
                Command("actuals", "actuals:actuals", exit_codes("a prediction is broken", documented=True))
            ),
        ),
    ),
    "audit": (
        "Evidence: the trail exported and verified, a case's bundle, files sealed.",
        (
            Grouped(Command("export", "auditing:export"), "audit-export"),
            Grouped(
                Command("verify", "auditing:verify", exit_codes("the trail does not hold")), "audit-verify"
            ),
            Grouped(Command("seal", "sealing:seal"), "audit-seal"),
            Grouped(Command("unseal", "sealing:unseal"), "audit-unseal"),
            Grouped(Command("key", "sealing:key"), "audit-key"),
        ),
    ),
    "policy": (
        "What a policy says: in words, to one customer, and what a new edition changes.",
        (
            Grouped(Command("show", "policies:show"), "policy-show"),
            Grouped(Command("explain", "policies:explain"), "policy-explain"),
            Grouped(Command("diff", "policies:diff"), "policy-diff"),
        ),
    ),
}
"""Nouns with commands of their own: `sandbox catalogue steps` is `sandbox steps`."""


ALONE = {"runs": Command("runs", "saved_runs:bare")}
"""What a noun does without one of its commands; the others show their help."""


class LateGroup(TyperGroup):
    """Commands of which each is made when it is asked for: a help that shows twelve need not make eighty.

    Attributes:
        later: by every name they answer to.
        lists_later: whether the help lists them.
    """

    later: ClassVar[Mapping[str, Command]] = {}
    lists_later: ClassVar[bool] = True

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer asks so
        """Return the names the help lists."""
        return [*self.commands, *self.later] if self.lists_later else list(self.commands)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by name, or None."""
        if cmd_name not in self.later:
            return super().get_command(ctx, cmd_name)
        _, _, epilog = command = self.later[cmd_name]
        single = typer.Typer(add_completion=False)
        single.command(cmd_name, epilog=epilog)(command.function)
        return typer.main.get_command(single)


class Aliases(LateGroup):
    """The top: commands of groups under a name of their own, not listed."""

    later: ClassVar[Mapping[str, Command]] = {
        grouped.alone or grouped.command.name: grouped.command
        for _, all_ in GROUPS.values()
        for grouped in all_
    }
    lists_later: ClassVar[bool] = False

    def invoke(self, ctx: Any) -> Any:
        """Run what was asked for; a wrong option is told in our words, not in those of a validator."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as refused:
            reword(refused)
            raise


app = typer.Typer(
    name="sandbox",
    cls=Aliases,
    help="Compare portal, call-centre and in-message designs: real rules, simulated load, before a pilot.",
    epilog=f"Start with: sandbox compare {START_WITH}; sandbox scenarios lists what else there is. "
    f"{exit_codes(EVERY)}",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _register() -> None:
    app.callback()(root)
    for panel, commands in FIRST_PAGE.items():
        for command in commands:
            does = screens if command.does == "main:screens" else command.function
            app.command(command.name, rich_help_panel=panel, epilog=command.epilog)(does)
    for noun, (meaning, grouped) in GROUPS.items():
        members = {one.command.name: one.command for one in grouped}
        made = type(f"{noun.title()}Group", (LateGroup,), {"later": members})
        alone = ALONE[noun].function if noun in ALONE else _group_help
        group = typer.Typer(cls=made, help=meaning, invoke_without_command=True, callback=alone)
        app.add_typer(group, name=noun, rich_help_panel=GROUPS_PANEL)


def _group_help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        write_out(context.get_help() + "\n")


_register()


_LIBRARIES = {
    # NumPy's algebra would start a thread a core, which spin while they wait; nothing here is large enough for one.
    "OPENBLAS_NUM_THREADS": "1",
    # Our models take no plugins; to look for some, the metadata of everything installed would be read.
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
}
"""What libraries are to leave undone when they are loaded."""

_OBJECTS_BETWEEN_COLLECTIONS = 200_000
"""Containers that may pile up before the cycle collector looks: some 20 MB. A command loads fewer until it is at
work, next to none of them garbage; at Python's own figure of 700 all are looked through again and again."""


def main() -> None:
    """Run the command line; leaves through `SystemExit`."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
    for name, value in _LIBRARIES.items():
        os.environ.setdefault(name, value)  # before they are loaded; workers inherit it
    tolerate_any_encoding()
    try:
        app()
    except Exception as fault:  # noqa: BLE001 - the parser itself broke; still no traceback for a user
        report_fault(fault, shlex.join(["sandbox", *sys.argv[1:]]))
        sys.exit(ExitCode.OUR_FAULT)
    finally:
        gc.freeze()  # what is left goes with the process; looking through it for cycles once more takes a while


if __name__ == "__main__":
    main()
