"""The fake core over HTTP, on loopback only, behind a bearer token. One writer at a time; nothing is logged."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from sandbox.adapters import core_json as wire
from sandbox.errors import BadInput
from sandbox.ports import AccountSource, CoreOutcome, CorePort

LOOPBACK = ("127.0.0.1", "::1", "localhost")
BODY_BYTES_MAX = 1_000_000
ACCOUNTS_MAX = 2_000
"""Accounts in one answer."""
IDLE_S = 10.0
"""A client silent for this long is hung up on, so that no thread waits for ever."""


class Served(NamedTuple):
    """What a server answers from.

    Attributes:
        core: the system of record.
        loads: where POST /accounts goes.
        token: who brings it may call.
        clock_ms: the core's time, milliseconds.
        wait_ms: lets the latency of an answer pass.
    """

    core: CorePort
    loads: AccountSource
    token: str
    clock_ms: Callable[[], int]
    wait_ms: Callable[[int], None]


class _Problem(Exception):
    def __init__(self, status: HTTPStatus, title: str, **more: object) -> None:
        super().__init__(title)
        self.status, self.document = status, {"status": int(status), "title": title, **more}


class CoreServer(ThreadingHTTPServer):
    """Serves one core; `serve_forever` until `shutdown`, then `server_close` joins what is still answering.

    Raises:
        BadInput: the address is not loopback's, or the token is empty.
    """

    daemon_threads = False

    def __init__(self, served: Served, host: str = "127.0.0.1", port: int = 0) -> None:
        if host not in LOOPBACK:
            raise BadInput([f"bind address: found {host}; allowed: {', '.join(LOOPBACK)}"])
        if not served.token:
            raise BadInput(["token: empty; allowed: any text of one character or more"])
        self.served, self.writer = served, Lock()
        super().__init__((host, port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hung up; what it sent may hold customer data."""


class _Handler(BaseHTTPRequestHandler):
    timeout = IDLE_S
    server: CoreServer
    server_version, sys_version = "core", ""

    def do_GET(self) -> None:
        self._answer(self._read)

    def do_POST(self) -> None:
        self._answer(self._write)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Log nothing: paths and bodies hold account numbers and keys."""

    def _answer(self, serve: Callable[[], tuple[int, object]]) -> None:
        try:
            if self.path != "/health":
                self._authorised()
            status, document = serve()
        except _Problem as problem:
            status, document = problem.status, problem.document
        except Exception:  # noqa: BLE001 - the outermost edge of a request: no trace leaves the server
            status, document = 500, {"status": 500, "title": "internal_error"}
        content = wire.encoded(document)
        self.send_response(status)
        kind = "application/problem+json" if status >= HTTPStatus.BAD_REQUEST else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _authorised(self) -> None:
        sent = self.headers.get("Authorization", "").encode("latin-1", "replace")
        if not hmac.compare_digest(sent, f"Bearer {self.server.served.token}".encode()):
            raise _Problem(HTTPStatus.UNAUTHORIZED, "unauthorised")

    def _read(self) -> tuple[int, object]:
        served, parts = self.server.served, urlsplit(self.path)
        if parts.path == "/health":
            return 200, {"status": "ok"}
        if parts.path.startswith(wire.BY_KEY):
            key = unquote(parts.path.removeprefix(wire.BY_KEY))
            with self.server.writer:
                reply = served.core.read_by_key(key, served.clock_ms())
            served.wait_ms(reply.latency_ms)
            found = reply.outcome is CoreOutcome.APPLIED
            return 200 if found else wire.STATUSES[reply.outcome], wire.reply_document(reply, key)
        if parts.path == wire.ACCOUNTS:
            asked = parse_qs(parts.query)
            first, count = (_number(asked.get(name, [""])[-1]) for name in ("first", "count"))
            if count > ACCOUNTS_MAX:
                raise _Problem(HTTPStatus.BAD_REQUEST, "too_many_accounts", at_most=ACCOUNTS_MAX)
            with self.server.writer:
                return 200, [facts._asdict() for facts in served.core.read_accounts(first, count)]
        if parts.path.startswith(f"{wire.ACCOUNTS}/"):
            account_id = _number(parts.path.removeprefix(f"{wire.ACCOUNTS}/"))
            try:
                with self.server.writer:
                    return 200, served.core.read_account(account_id)._asdict()
            except KeyError:
                raise _Problem(HTTPStatus.NOT_FOUND, "unknown_account", account_id=account_id) from None
        raise _Problem(HTTPStatus.NOT_FOUND, "unknown_path")

    def _write(self) -> tuple[int, object]:
        served = self.server.served
        body = self._body()
        if self.path == wire.POSTINGS:
            key = self.headers.get(wire.KEY_HEADER, "")
            if not key:
                raise _Problem(HTTPStatus.BAD_REQUEST, "idempotency_key_missing")
            try:
                command = wire.command_of(body, key)
            except ValueError as error:
                raise _Problem(HTTPStatus.BAD_REQUEST, "malformed", detail=str(error)) from error
            with self.server.writer:
                reply = served.core.post(command, served.clock_ms())
            served.wait_ms(reply.latency_ms)
            return wire.STATUSES[reply.outcome], wire.reply_document(reply, key)
        if self.path == wire.ACCOUNTS:
            try:
                accounts = [wire.account_of(one) for one in (body if isinstance(body, list) else [body])]
                with self.server.writer:
                    return 201, {"loaded": served.loads.load_accounts(accounts)}
            except (ValueError, BadInput) as error:
                raise _Problem(HTTPStatus.BAD_REQUEST, "malformed") from error
        raise _Problem(HTTPStatus.NOT_FOUND, "unknown_path")

    def _body(self) -> object:
        length = _number(self.headers.get("Content-Length", ""))
        if length > BODY_BYTES_MAX:
            raise _Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", at_most=BODY_BYTES_MAX)
        try:
            return json.loads(self.rfile.read(length))
        except ValueError as error:
            raise _Problem(HTTPStatus.BAD_REQUEST, "not_json") from error


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise _Problem(HTTPStatus.BAD_REQUEST, "not_a_number")
    return int(text)
