"""A core behind HTTP: one call, one answer, never a repetition of its own; retries belong to the workflow."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlsplit

from sandbox.adapters import core_json as wire
from sandbox.errors import BadInput
from sandbox.model import AccountFacts
from sandbox.ports import CoreOutcome, CoreReply, PostCommand

ANSWER_BYTES_MAX = 8_000_000
"""More than this is no answer; two thousand accounts are about half a megabyte."""

HTTP_OK = 200
HTTP_CREATED = 201
HTTP_NOT_FOUND = 404


class CoreUnreadable(OSError):
    """A read of accounts got no answer that can be used; nothing was written."""


class HttpCore:
    """`ports.CorePort` over HTTP with a bearer token.

    What cannot be understood counts as unheard: cut short, not JSON, another key or fingerprint, a status that
    does not fit. The posting's truth is then unknown, and the workflow settles it by asking with the same key.

    Args:
        url: `http://host:port` of the core.
        token: sent as bearer token.
        timeout_ms: how long the connection may stay silent.
        clock_ms: milliseconds on a clock that never runs backwards.

    Raises:
        BadInput: the URL is no `http://host:port` or `https://host:port`.
    """

    def __init__(self, url: str, token: str, timeout_ms: int, clock_ms: Callable[[], int]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise BadInput(["core url: allowed: http://host:port or https://host:port"])
        secure = parts.scheme == "https"
        self._connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._host, self._port, self._base = parts.hostname, parts.port, parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._timeout_ms, self._clock_ms = timeout_ms, clock_ms

    def post(self, command: PostCommand, at_ms: int) -> CoreReply:
        """Apply one command at most once per key; the core goes by its own clock, not by `at_ms`."""
        del at_ms
        body = wire.encoded(wire.command_document(command))
        headers = {wire.KEY_HEADER: command.key}
        return self._asked("POST", wire.POSTINGS, command.key, command.fingerprint, (body, headers))

    def read_by_key(self, key: str, at_ms: int) -> CoreReply:
        """Say whether a key was applied; the core goes by its own clock, not by `at_ms`."""
        del at_ms
        return self._asked("GET", wire.BY_KEY + quote(key, safe=""), key, None, (None, {}))

    def read_account(self, account_id: int) -> AccountFacts:
        """Return the account as the core has it now.

        Raises:
            KeyError: the core knows no such account.
            CoreUnreadable: no answer that can be used.
        """
        status, document = self._read(f"{wire.ACCOUNTS}/{account_id}")
        if status == HTTP_NOT_FOUND and document == {
            "account_id": account_id, "status": HTTP_NOT_FOUND, "title": "unknown_account",
        }:  # fmt: skip
            raise KeyError(account_id)
        [facts] = self._accounts(status, [document])
        if facts.account_id != account_id:
            raise CoreUnreadable("the account is another one than asked for")
        return facts

    def is_complete(self, account_id: int) -> bool:
        """Say whether the record calls the account's case complete; raises as `read_account` does."""
        return self.read_account(account_id).complete

    def read_accounts(self, first: int, count: int) -> list[AccountFacts]:
        """Return the accounts numbered first to first + count - 1 that exist, in order.

        Raises:
            CoreUnreadable: no answer that can be used.
        """
        status, document = self._read(f"{wire.ACCOUNTS}?first={first}&count={count}")
        return self._accounts(status, document)

    def load_accounts(self, accounts: Iterable[AccountFacts]) -> int:
        """Put accounts into a core that offers it, as a sandbox does; returns how many.

        Raises:
            CoreUnreadable: it did not take them.
        """
        body = wire.encoded([facts._asdict() for facts in accounts])
        try:
            status, document = self._call("POST", wire.ACCOUNTS, body, {})
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise CoreUnreadable(f"no answer to a load of accounts: {type(error).__name__}") from error
        if status != HTTP_CREATED or not isinstance(document, dict):
            raise CoreUnreadable(f"the core answered {status} to a load of accounts")
        return int(document.get("loaded", 0))

    def _accounts(self, status: int, documents: object) -> list[AccountFacts]:
        if status != HTTP_OK or not isinstance(documents, list):
            raise CoreUnreadable(f"the core answered {status} to a read of accounts")
        try:
            return [wire.account_of(document) for document in documents]
        except ValueError as error:
            raise CoreUnreadable(f"an account that cannot be read: {error}") from error

    def _read(self, path: str) -> tuple[int, object]:
        try:
            return self._call("GET", path, None, {})
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise CoreUnreadable(f"no answer to a read of accounts: {type(error).__name__}") from error

    def _asked(
        self,
        method: str,
        path: str,
        key: str,
        fingerprint: str | None,
        sent: tuple[bytes | None, dict[str, str]],
    ) -> CoreReply:
        begun_ms = self._clock_ms()
        try:
            status, document = self._call(method, path, *sent)
            return wire.reply_of(document, status, key, fingerprint, self._clock_ms() - begun_ms)
        except ConnectionRefusedError:
            outcome, reason = CoreOutcome.UNAVAILABLE, "not_reached"
        except TimeoutError:
            outcome, reason = CoreOutcome.TIMED_OUT, "no_answer"
        except (OSError, http.client.HTTPException):
            outcome, reason = CoreOutcome.TIMED_OUT, "connection_cut"
        except ValueError:
            outcome, reason = CoreOutcome.TIMED_OUT, "answer_not_understood"
        return CoreReply(outcome, self._clock_ms() - begun_ms, None, reason, 0)

    def _call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
        connection = self._connect(self._host, self._port, timeout=self._timeout_ms / 1000)
        try:
            connection.request(method, self._base + path, body, self._headers | headers)
            answer = connection.getresponse()
            content = answer.read(ANSWER_BYTES_MAX + 1)
            if answer.length or len(content) > ANSWER_BYTES_MAX:
                raise ValueError("cut short or too long")
            return answer.status, json.loads(content)
        finally:
            connection.close()
