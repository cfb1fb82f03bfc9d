"""`sandbox serve-core`: the fake core over HTTP on loopback, for a client of your own to try the contract on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from tui.bearer import bearer_token
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import START_WITH, command_line, next_step
from tui.cli.streams import write_out
from tui.clock import wait_ms, wall_ms

Port = Annotated[int, typer.Option("--port", min=0, max=65_535, help="Port; 0 takes any that is free.")]
Host = Annotated[str, typer.Option("--host", help="Loopback address to bind; any other is refused.")]
Database = Annotated[str | None, typer.Option("--db", metavar="FILE", help="SQLite file. Default: memory.")]
TokenFile = Annotated[
    str | None,
    typer.Option("--token-file", metavar="FILE", help="File with the bearer token. Default: a new one."),
]
Profile = Annotated[
    str | None, typer.Option("--profile", help="Core profile, the same as --set core.profile.")
]


def serve_core(
    scenario: options.Scenario = START_WITH,
    settings: options.Settings = None,
    profile: Profile = None,
    host: Host = "127.0.0.1",
    port: Port = 0,
    db: Database = None,
    token_file: TokenFile = None,
) -> None:
    """Serve a scenario's core over HTTP on loopback, behind a bearer token, until Ctrl-C."""
    chosen = (*((f"core.profile={profile}",) if profile else ()), *(settings or ()))

    def body(should_stop: Callable[[], bool]) -> ExitCode:
        from scenarios.core_service import serve_core as serve

        token, stands = bearer_token(token_file)

        def serving(url: str) -> Callable[[], bool]:
            write_out(f"serving {url}   token: {stands}\n")
            write_out(f"next: curl {url}/health   (Ctrl-C stops)\n")
            return should_stop

        serve(scenario, chosen, db, (host, port), token, (wall_ms, wait_ms), serving)
        return ExitCode.OK

    conduct(
        body,
        replay=command_line("serve-core", scenario, [*(("--set", one) for one in chosen), ("--db", db)]),
        next_step=lambda problems: next_step(scenario, problems),
    )
