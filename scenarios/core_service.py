"""A scenario's core, served over HTTP on loopback until somebody says stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from threading import Thread

from fake_core.served import CoreServer, Served
from sandbox.errors import BadInput
from scenarios.wiring.systems import core_of
from scenarios.world.spec import load_scenario

POLL_S = 0.05
MEMORY = "sqlite://?check_same_thread=false"


def serve_core(
    scenario: str,
    settings: tuple[str, ...],
    db: str | None,
    address: tuple[str, int],
    token: str,
    clock: tuple[Callable[[], int], Callable[[int], None]],
    serving: Callable[[str], Callable[[], bool]],
) -> None:
    """Serve a scenario's core until told to stop; every posting is durable before it is answered.

    Args:
        scenario: a name or a path; its block `core` says how the core answers.
        settings: overrides, each "path=value".
        db: a SQLite file, or None for memory.
        address: host and port; port 0 takes any that is free.
        token: who brings it may call.
        clock: wall time in milliseconds since 1970, and what lets milliseconds pass.
        serving: told the URL once calls are taken; returns what says whether to stop.

    Raises:
        BadInput: the scenario, a setting, the address or the database is wrong.
    """
    found = load_scenario(scenario, ("writeback.commit_every=1", *settings))
    document = found.document
    wired = core_of(document, document.seed, MEMORY if db is None else f"sqlite:///{db}")
    wall_ms, wait_ms = clock
    begins_ms = round(datetime.combine(document.calendar.start_date, time(), UTC).timestamp() * 1000)
    try:
        served = Served(wired.port, wired.book, token, lambda: wall_ms() - begins_ms, wait_ms)
        try:
            server = CoreServer(served, *address)
        except OSError as error:
            raise BadInput([f"--port {address[1]}: cannot be bound ({error.strerror})"]) from error
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": POLL_S})
        thread.start()
        try:
            stop = serving(f"http://{address[0]}:{server.server_port}")
            while not stop():
                wait_ms(round(POLL_S * 1000))
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
    finally:
        wired.book.close()
