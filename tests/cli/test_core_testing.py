"""`sandbox writeback-test`: the scenario's own core, one without idempotency, and one behind a URL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner

from fake_core.served import CoreServer, Served
from fake_core.store import FakeCore
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "100", "SANDBOX_CORE_TOKEN": ""})
TEST = ["writeback-test", "retail-bank-200k"]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, FakeCore, list[str]]]:
    """A core behind a URL, its tables, and the options that lead there."""
    core = FakeCore("sqlite://?check_same_thread=false", commit_every=1)
    server = CoreServer(Served(core, core, "right", lambda: 1_000, lambda _: None))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.001})
    thread.start()
    token = tmp_path / "token"
    token.write_text("right\n", encoding="ascii")
    url = f"http://127.0.0.1:{server.server_port}"
    yield url, core, ["--core", url, "--token-file", str(token)]
    server.shutdown()
    thread.join()
    server.server_close()
    core.close()


@pytest.mark.parametrize("profile", ["modern-api", "legacy-batch"])
def test_the_shipped_cores_hold_all_five_moments(profile: str) -> None:
    """A completion, a repetition and three interruptions leave one record each, on both kinds of core."""
    result = RUNNER.invoke(app, [*TEST, "--set", f"core.profile={profile}"])
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"({profile}), in the way in-message posts" in result.stdout
    assert result.stdout.count("✔") == 5
    assert "5 of 5 hold" in result.stdout


def test_posting_without_idempotency_fails_where_it_would_in_life() -> None:
    """A repetition posts three times and a lost answer twice: exit 1, and what was found stands there."""
    result = RUNNER.invoke(app, [*TEST, "--design", "message-first", "--json"])
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert (document["schema"], document["ok"]) == (1, False)
    assert [one["ok"] for one in document["moments"]] == [True, False, True, False, False]
    assert document["moments"][1]["found"].startswith("3 posting(s)")


def test_a_core_behind_a_url_is_tested_with_accounts_of_the_tests_own(
    served: tuple[str, FakeCore, list[str]],
) -> None:
    """Five accounts are loaded and posted to once each: the core's own tables say so."""
    url, core, options = served
    result = RUNNER.invoke(app, [*TEST, *options, "--json"])
    assert (result.exit_code, result.stderr) == (0, "")
    document = json.loads(result.stdout)
    assert (document["core"], document["ok"], len(document["accounts"])) == (url, True, 5)
    assert core.account_count() == 5
    assert core.totals().postings == 5
    assert [core.read_account(account).version for account in document["accounts"]] == [2] * 5


def test_accounts_may_be_named(served: tuple[str, FakeCore, list[str]]) -> None:
    """A core's own accounts are posted to, once each; too few of them or an unknown one is bad input."""
    _, core, options = served
    first = json.loads(RUNNER.invoke(app, [*TEST, *options, "--json"]).stdout)["accounts"][0]
    known = core.read_account(first)
    core.load_accounts(
        [
            known._replace(
                account_id=one, version=7, complete=False, overdue_minor=5_000, balance_minor=50_000
            )
            for one in range(1, 6)
        ]
    )
    named = [word for one in range(1, 6) for word in ("--account", str(one))]
    result = RUNNER.invoke(app, [*TEST, *options, *named])
    assert (result.exit_code, result.stderr) == (0, "")
    assert [core.read_account(one).version for one in range(1, 6)] == [8] * 5
    few = RUNNER.invoke(app, [*TEST, *options, "--account", "1"])
    assert (few.exit_code, "5 or more" in few.stderr) == (2, True)
    unknown = [*named[:-1], "77"]
    missing = RUNNER.invoke(app, [*TEST, *options, *unknown])
    assert (missing.exit_code, "--account 77: the core knows no such account" in missing.stderr) == (2, True)


def test_a_wrong_token_and_a_core_that_is_not_there_are_bad_input(
    served: tuple[str, FakeCore, list[str]], tmp_path: Path
) -> None:
    """Nothing is posted, and the error says what was asked of whom; no token at all is told before any call."""
    url, core, _ = served
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong\n", encoding="ascii")
    refused = RUNNER.invoke(app, [*TEST, "--core", url, "--token-file", str(wrong)])
    assert (refused.exit_code, "answered 401" in refused.stderr) == (2, True)
    nobody = RUNNER.invoke(app, [*TEST, "--core", "http://127.0.0.1:9", "--token-file", str(wrong)])
    assert (nobody.exit_code, "no answer" in nobody.stderr) == (2, True)
    without = RUNNER.invoke(app, [*TEST, "--core", url])
    assert (without.exit_code, "SANDBOX_CORE_TOKEN" in without.stderr) == (2, True)
    assert core.account_count() == 0
