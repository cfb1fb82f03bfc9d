"""The served core's door, and what the adapter makes of answers that are not what it asked for."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread

import pytest

from fake_core.served import BODY_BYTES_MAX, CoreServer, Served
from fake_core.store import FakeCore
from sandbox.adapters.core_json import command_document, encoded
from sandbox.adapters.http_core import HttpCore
from sandbox.errors import BadInput
from sandbox.ports import CoreOutcome
from tests.writeback.bench import account, command

BEARER = {"Authorization": "Bearer right"}


@pytest.fixture
def door() -> Iterator[CoreServer]:
    """Return a running server over one account; stopped and joined after the test."""
    core = FakeCore("sqlite://?check_same_thread=false")
    core.load_accounts([account(1)])
    server = CoreServer(Served(core, core, "right", lambda: 0, lambda _: None))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.001})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
    core.close()


def asked(
    door: CoreServer, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, object]:
    """Return status and body of one call."""
    connection = HTTPConnection("127.0.0.1", door.server_port, timeout=5)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    status, document = answer.status, json.loads(answer.read())
    connection.close()
    return status, document


@pytest.mark.parametrize("sent", ["", "Bearer ", "Bearer wrong", "Bearer right ä", "right"])
def test_only_the_token_opens_the_door(sent: str, door: CoreServer) -> None:
    """Without exactly the token nothing is read or written, and health says nothing but that it is there."""
    assert asked(door, "GET", "/accounts/1", Authorization=sent)[0] == 401
    assert asked(door, "POST", "/postings", b"{}", Authorization=sent)[0] == 401
    assert asked(door, "GET", "/health") == (200, {"status": "ok"})
    assert asked(door, "GET", "/accounts/1", **BEARER)[0] == 200


def test_a_body_has_a_largest_size(door: CoreServer) -> None:
    """The last allowed byte is read and judged; one more is refused unread."""
    headers = BEARER | {"Idempotency-Key": "k"}
    at_limit = b'"' + b"x" * (BODY_BYTES_MAX - 2) + b'"'
    assert asked(door, "POST", "/postings", at_limit, **headers)[0] == 400
    length = {"Content-Length": str(BODY_BYTES_MAX + 1)}
    assert asked(door, "POST", "/postings", None, **headers, **length)[0] == 413


@pytest.mark.parametrize("host", ["0.0.0.0", "", "192.0.2.1", "example.com"])  # noqa: S104 - refused
def test_only_loopback_is_bound(host: str) -> None:
    """Any other address is bad input before a socket is opened."""
    core = FakeCore()
    with pytest.raises(BadInput, match="allowed: 127"):
        CoreServer(Served(core, core, "right", lambda: 0, lambda _: None), host)
    core.close()


def test_a_posting_without_a_key_or_of_another_shape_is_malformed(door: CoreServer) -> None:
    """What cannot be read is told so as a problem, and nothing is applied."""
    body = encoded(command_document(command()))
    assert asked(door, "POST", "/postings", body, **BEARER)[0] == 400
    for wrong in (b"{", b"[]", body.replace(b'"amount_minor":5000', b'"amount_minor":"5000"')):
        assert asked(door, "POST", "/postings", wrong, **BEARER, **{"Idempotency-Key": "k"})[0] == 400
    status, document = asked(door, "GET", "/postings/by-key/k", **BEARER)
    assert (status, document) == (
        404,
        {"key": "k", "outcome": "not_found", "reason": "", "status": 404, "title": "not_found"},
    )


@contextmanager
def answering(content: bytes) -> Iterator[HttpCore]:
    """A port whose core answers one call with these bytes and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def once() -> None:
            caller, _ = listener.accept()
            with caller:
                caller.settimeout(5)
                while b"\r\n\r\n" not in caller.recv(65_536):
                    pass
                caller.sendall(content)

        thread = Thread(target=once)
        thread.start()
        yield HttpCore(f"http://127.0.0.1:{listener.getsockname()[1]}", "t", 5_000, lambda: 0)
        thread.join()


def _http(status: int, body: bytes, short: int = 0) -> bytes:
    return b"HTTP/1.0 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body) + short) + body


STRANGE = {
    "nothing": b"",
    "no http": b"hello\r\n\r\n",
    "no json": _http(404, b"<html>not here</html>"),
    "another key": _http(404, b'{"key":"other","outcome":"not_found"}'),
    "no such outcome": _http(404, b'{"key":"KEY","outcome":"perhaps"}'),
    "status does not fit": _http(200, b'{"key":"KEY","outcome":"not_found"}'),
    "cut short": _http(404, b'{"key":"KEY","outcome":"not_found"}', short=1),
    "no receipt": _http(200, b'{"key":"KEY","outcome":"applied"}'),
}


@pytest.mark.parametrize("strange", STRANGE)
def test_an_answer_that_is_not_ours_is_unheard(strange: str) -> None:
    """Whatever cannot be understood leaves the truth unknown; it is never taken for a no."""
    with answering(STRANGE[strange].replace(b"KEY", b"k-1")) as port:
        assert port.read_by_key("k-1", 0).outcome is CoreOutcome.TIMED_OUT


def test_an_answer_that_is_ours_is_heard() -> None:
    """The same bytes with key, outcome and status in order are a definite answer."""
    with answering(_http(404, b'{"key":"k-1","outcome":"not_found"}')) as port:
        assert port.read_by_key("k-1", 0).outcome is CoreOutcome.NOT_FOUND
