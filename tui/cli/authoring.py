"""Commands for whoever writes files: `sandbox new` copies one to edit, `sandbox schema` is for editors.

A schema has a home of its own, because it serves files that were never made by `sandbox new`, and changes with the
product and not with them; `new` only points to it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sandbox.errors import BadInput
from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import START_WITH, command_line
from tui.cli.streams import text_width, write_err, write_out
from tui.cli.tables import INDENT

if TYPE_CHECKING:
    from scenarios.world.authoring import Copy

SchemaKind = Literal["scenario", "design", "policy"]

Target = Annotated[
    str, typer.Argument(metavar="MY.yaml", help="The file to write; its name is the copy's name.")
]
Source = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="NAME",
        help="What to copy: a shipped scenario, design or policy, or the path of a file.",
        rich_help_panel=options.WORLD,
    ),
]
Inline = Annotated[
    list[str] | None,
    typer.Option(
        "--design",
        metavar="D",
        help="A design to write into the scenario. May be repeated. Default: all of the scenario.",
        rich_help_panel=options.WORLD,
    ),
]
Described = Annotated[SchemaKind, typer.Argument(help="The kind of file the schema is for.")]


def new(
    target: Target, source: Source = START_WITH, designs: Inline = None, settings: options.Settings = None
) -> None:
    """Write an editable copy of a scenario, design or policy, with its comments and sources."""

    def body(should_stop: ShouldStop) -> ExitCode:
        del should_stop  # reading a few files ends sooner than anybody can ask
        copy = write_copy(target, source, designs or (), settings or ())
        write_out(told(copy, target))
        return ExitCode.OK

    given = [("--from", source), *(("--design", design) for design in designs or ())]
    given += [("--set", setting) for setting in settings or ()]
    conduct(
        body,
        replay=command_line("new", target, given),
        next_step=lambda _: (
            "correct it and run the command again; `sandbox scenarios` lists what can be copied"
        ),
    )


def write_copy(target: str, source: str, designs: Sequence[str], settings: Sequence[str]) -> Copy:
    """Write an editable copy, with a header that says what to do with it.

    Args:
        target: the file to write; it must not be there yet.
        source: a shipped name or a path.
        designs: designs a scenario's copy is to hold; all of them if empty.
        settings: "path=value" texts to write into a scenario's copy.

    Raises:
        BadInput: the file exists, or the source cannot be copied so.
    """
    path = Path(target)
    if path.exists() or path.is_symlink():
        text = f"{target}: exists already, and a copy never overwrites; allowed: another name, or remove it first"
        raise BadInput([text])
    destination = Destination.checked(target, named="sandbox new")
    from scenarios.world.saving import saved

    copy = saved(source, path, settings, designs)
    destination.write(header(copy, path, source) + copy.text)
    return copy


def schema(kind: Described = "scenario", out: options.Out = None) -> None:
    """Print the JSON Schema of a kind of file, for completion and checks in an editor."""

    def body(should_stop: ShouldStop) -> ExitCode:
        del should_stop  # nothing is run
        destination = Destination.checked(out)
        from scenarios.outputs.as_json import json_text
        from scenarios.world.json_schema import json_schema

        destination.write(json_text(json_schema(kind)))
        if out is not None:
            write_err(f"next: let a file beside it begin with: {_modeline(Path(out).name)}")
        return ExitCode.OK

    conduct(
        body,
        replay=command_line("schema", kind, [("--out", out)]),
        next_step=lambda _: "correct the option and run the command again",
    )


def header(copy: Copy, path: Path, source: str) -> str:
    """Return the comment a copy begins with: what it is, how to check and run it, and where its schema is."""
    from scenarios.world.authoring import COPY_OF
    from scenarios.world.json_schema import file_name

    beside = file_name(copy.kind)
    found = (path.parent / beside).is_file()
    lines = [
        *([_modeline(beside)] if found else []),
        f"# {path.name}: {COPY_OF} {copy.kind} {source}. Anything in it may be changed.",
        f"#   check it   {command_line('check', path.name, [])}",
        f"#   run it     {run_line(copy.kind, path.name)}",
        "#   look up    sandbox steps (what a design is built from), sandbox metrics (what `expect` may name)",
    ]
    if not found:
        lines.append(
            f"#   complete   {command_line('schema', copy.kind, [('--out', beside)])}, and as first line here:"
        )
        lines.append(f"#              {_modeline(beside)}")
    return "\n".join([*lines, "#", ""])


def told(copy: Copy, target: str) -> str:
    """Return what was written, and the next command."""
    inside = f", with the designs {', '.join(copy.designs)} to edit in place" if copy.designs else ""
    used = "" if copy.designs else f"run:  {run_line(copy.kind, target)}\n"
    lines = "\n".join(
        textwrap.wrap(f"{target}: a {copy.kind}{inside}", text_width(), subsequent_indent=INDENT)
    )
    return f"{lines}\n{used}next: {command_line('check', target, [])}\n"


def run_line(kind: str, name: str) -> str:
    """Return the command that runs a file of a kind: all but a scenario within the scenario to start with."""
    if kind == "scenario":
        return command_line("compare", name, [])
    path = name if "/" in name else f"./{name}"
    if kind == "core":
        from scenarios.world.library import shipped

        if Path(name).stem not in shipped("core"):  # no scenario can name it
            return f"{command_line('check', name, [])} --settings"
    settings = {
        "design": f"designs=[sms-to-call, {path}]",
        "policy": f"policy={path}",
        "pack": f"outreach.pack={path}",
        "core": f"core.profile={Path(name).stem}",
    }
    return command_line("compare", START_WITH, [("--set", settings[kind])])


def _modeline(schema_file: str) -> str:
    return f"# yaml-language-server: $schema={schema_file}"
