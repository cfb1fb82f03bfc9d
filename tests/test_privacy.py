"""Nothing that belongs to a customer or opens a door comes out: not on a screen, in a file, a log or an error."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from faker import Faker
from typer.testing import CliRunner

import scenarios.evidence.trace
from fake_core.store import FakeCore
from sandbox.audit.chain import AuditChain, AuditTrail, head_from_text
from sandbox.draws import Draws
from sandbox.effects import Ask, Send
from sandbox.evidence import canonical
from sandbox.identity.codes import CodeDesk, CodeRules
from sandbox.identity.links import LinkClaims, LinkKey, LinkSigner
from sandbox.model import Channel
from sandbox.ports import AuditRow, Message, Receipt
from sandbox.simulation.secrets_seeded import SeededCodes
from sandbox.writeback.workflow import recorded_evidence
from scenarios.evidence.trail_file import check_trail
from scenarios.files.sealed_files import open_file
from scenarios.files.sealing import SealKey, key_from, unseal
from scenarios.persona import display_name
from scenarios.saved.case_store import SqliteCaseStore
from scenarios.task import replication_seed
from tests.repository import ROOT, name_of, text_files
from tests.sweep import PATTERNS, ROWS_NEED, Sweep, names_of
from tests.writeback.bench import account
from tests.writeback.bench import command as posting
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "120", "SANDBOX_SEAL_KEY": ""})
SMALL = ("campaign.messages=600", "call_centre.other_traffic.calls_per_day=20", "identity.code_digits=12")
GIVEN = ("retail-bank-200k", *(word for one in SMALL for word in ("--set", one)))
CASES = 300
"""Codes have twelve digits, so that no amount or time of the run looks like one by chance."""


@cache
def known() -> dict[str, str]:
    """The synthetic names of everybody in the small run, and every code they could be sent on their touches."""
    codes = SeededCodes(Draws(replication_seed(1, 0)), 12)
    sent = {codes.digits(case, nth): "one-time code" for case in range(CASES) for nth in range(8, 24)}
    return names_of("retail-bank-200k", CASES) | sent


@pytest.fixture
def sweep(monkeypatch: pytest.MonkeyPatch) -> Sweep:
    """A sweep that comes to know every name, code, token and key the product makes from now on."""
    found = Sweep(known())
    sign, issue, made = LinkSigner.sign, CodeDesk.issue, LinkSigner.__init__

    def signing(self: LinkSigner, claims: LinkClaims) -> str:
        token = sign(self, claims)
        found.know(token, "link token")
        found.know(token.rpartition(".")[2], "link signature")
        return token

    def issuing(self: CodeDesk, account_id: int, session: str, digits: str, now_ms: int) -> Any:
        found.know(digits, "one-time code")
        return issue(self, account_id, session, digits, now_ms)

    def making(self: LinkSigner, keys: Any, *more: Any) -> None:
        for key in keys:
            for text in (key.secret.hex(), repr(key.secret)):
                found.know(text, "link secret")
        made(self, keys, *more)

    monkeypatch.setattr(LinkSigner, "sign", signing)
    monkeypatch.setattr(LinkSigner, "__init__", making)
    monkeypatch.setattr(CodeDesk, "issue", issuing)
    return found


def said(*words: object) -> str:
    """All that a command writes to both streams."""
    result = RUNNER.invoke(app, [str(word) for word in words])
    assert result.exit_code in (0, 1), result.output
    return result.stdout + result.stderr


def busy_case() -> int:
    """A case of the small run that opened its link, was sent a code and acted."""
    rows = [json.loads(line) for line in raw_trail().splitlines()]
    return next(row["case_id"] for row in rows if row["kind"] == "posting_recorded")


@cache
def raw_trail() -> str:
    """The rows of the small in-message run, as exported."""
    return RUNNER.invoke(app, ["audit", "export", *GIVEN, "--design", "in-message"]).stdout


COMMANDS: dict[str, Callable[[], tuple[object, ...]]] = {
    "trace": lambda: ("trace", *GIVEN, "--design", "in-message", "--case", busy_case()),
    "trace of calls": lambda: ("trace", *GIVEN, "--design", "sms-to-call", "--case", busy_case()),
    "trace as JSON": lambda: ("trace", *GIVEN, "--design", "hybrid", "--case", busy_case(), "--json"),
    "prelaunch": lambda: ("prelaunch", *GIVEN, "--design", "in-message"),
    "prelaunch as JSON": lambda: ("prelaunch", *GIVEN, "--design", "sms-to-call", "--json"),
    "cases": lambda: ("cases", *GIVEN, "--design", "in-message"),
    "cases as JSON": lambda: ("cases", *GIVEN, "--design", "sms-to-call", "--json"),
    "phone": lambda: ("phone", *GIVEN, "--design", "in-message", "--do", "1", "--do", "1", "--do", "1"),
    "phone as JSON": lambda: ("phone", *GIVEN, "--design", "in-message", "--do", "1", "--json"),
    "map": lambda: ("map", *GIVEN, "--design", "portal"),
    "flips": lambda: (
        "flips",
        *GIVEN,
        "--from",
        "sms-to-call",
        "--to",
        "in-message",
        "--examples",
        3,
        "--jobs",
        1,
        "--json",
    ),
    "compare": lambda: ("compare", *GIVEN, "--replications", 1, "--jobs", 1, "--json"),
    "diagnose": lambda: ("diagnose", *GIVEN, "--designs", "in-message", "--jobs", 1),
    "evidence": lambda: ("audit", "export", *GIVEN, "--design", "in-message", "--case", busy_case()),
    "evidence as JSON": lambda: ("audit", "export", *GIVEN, "--design", "sms-to-call", "--case", 1, "--json"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_shows_a_customer(command: str, sweep: Sweep, caplog: pytest.LogCaptureFixture) -> None:
    """Whole runs through the command line, text and JSON, with every log line of every library heard."""
    words = COMMANDS[command]()
    caplog.set_level(logging.NOTSET)
    assert sweep.find(said(*words)) == []
    assert sweep.find(caplog.text) == []


@pytest.mark.parametrize("design", ["in-message", "sms-to-call", "hybrid", "message-first"])
def test_no_audit_row_names_a_customer_or_holds_a_secret(design: str, sweep: Sweep) -> None:
    """Rows hold ids, amounts and digests; account numbers alone stand in clear, for notes must be keyed."""
    rows = said("audit", "export", *GIVEN, "--design", design)
    assert rows.count("\n") > 500
    opens = design in ("in-message", "hybrid")
    assert ("link token" in sweep.secrets.values()) == opens
    assert sweep.find(rows, ROWS_NEED) == []


def test_no_file_of_the_repository_names_a_synthetic_customer() -> None:
    """Snapshots, pictures and documents hold what screens and commands said; tests may invent their own people."""
    looked = [path for path in text_files() if path.suffix in {".ambr", ".svg", ".md", ".yaml"}]
    assert {".ambr", ".svg"} <= {path.suffix for path in looked}
    sweep = Sweep(known())
    found = {name_of(path): sweep.find(path.read_text(encoding="utf-8")) for path in looked}
    assert {name: hits for name, hits in found.items() if hits} == {}


# -- errors --------------------------------------------------------------------------------------------------

NAME, PHONE, EMAIL, CODE = "Margaret Okafor", "+44 7700 900123", "m.okafor@example.org", "700000000123"
PERSON: dict[str, object] = {"name": NAME, "phone": PHONE, "email": EMAIL, "code": CODE}
SECRET = bytes(range(100, 132))


def planted() -> Sweep:
    """Knows the one person and the one secret that these errors are about."""
    known = {str(value): key for key, value in PERSON.items()}
    return Sweep({**known, SECRET.hex(): "secret", repr(SECRET): "secret"})


def _store_twice() -> None:
    row = AuditRow(1, 7, 0, "note", json.dumps(PERSON), SECRET)
    store = SqliteCaseStore(None)
    try:
        store.append_audit([row, row])
        list(store.audit_rows())
    finally:
        store.abandon()


def _load_twice() -> None:
    core = FakeCore("sqlite://")
    try:
        core.load_accounts([account(123_456_789), account(123_456_789)])
    finally:
        core.close()


def _trail_problem() -> None:
    check = check_trail([json.dumps({"seq": 1, "body": PERSON}).encode() + b"\n"], None)
    raise ValueError(check.problem)


def _recorded(status: Any, version: Any) -> None:
    recorded_evidence(posting(), Receipt(1, "key", "mark", status, version, 1, "note"), 1)


SIGNER = LinkSigner([LinkKey("k", SECRET)])
ERRORS: dict[str, Callable[[], object]] = {
    "evidence that is no JSON": lambda: AuditChain().append(7, 0, "note", {**PERSON, "at": object()}),
    "evidence with a wrong number": lambda: canonical({**PERSON, "amount": float("nan")}),
    "evidence with a name for a number": lambda: _recorded("applied", NAME),
    "evidence with a list for a word": lambda: _recorded([NAME], 1),
    "a head that is none": lambda: head_from_text(NAME + SECRET.hex()),
    "a head of wrong parts": lambda: head_from_text(json.dumps({**PERSON, "digest": SECRET.hex() + "0"})),
    "a trail that is none": _trail_problem,
    "a row stored twice": _store_twice,
    "an account loaded twice": _load_twice,
    "a link key too short": lambda: LinkSigner([LinkKey("k", SECRET[:31])]),
    "a link without a life": lambda: SIGNER.sign(LinkClaims(1, 123_456_789, "act", 5, 5)),
    "a link for nothing": lambda: SIGNER.sign(LinkClaims(1, 123_456_789, "", 0, 5)),
    "a pepper too short": lambda: CodeDesk(CodeRules(), SECRET[:31]),
    "a code of a wrong length": lambda: CodeDesk(CodeRules(), SECRET).issue(123_456_789, "s", CODE, 0),
    "a seal key of a wrong length": lambda: SealKey(SECRET[:31]),
    "a seal key that is none": lambda: key_from(None, {"SANDBOX_SEAL_KEY": SECRET.hex() + "0"}),
    "a sealed file that is none": lambda: list(unseal([json.dumps(PERSON).encode()], SealKey(SECRET))),
    "a file that is not there": lambda: open_file("none", SealKey(SECRET), lambda: False),
}


@pytest.mark.parametrize("error", ERRORS)
def test_no_error_repeats_what_it_was_given(error: str) -> None:
    """Text and representation of the error, and of every error behind it."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - any kind: what matters is what it says
        ERRORS[error]()
    fault: BaseException | None = caught.value
    while fault is not None:
        assert planted().find(f"{fault} {fault!r}") == []
        assert "123456789" not in f"{fault} {fault!r}"
        fault = fault.__cause__ or fault.__context__


@pytest.mark.parametrize("traceback", ["", "1"])
def test_a_fault_of_our_own_is_reported_without_whom_it_was_about(
    traceback: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error nobody foresaw reaches the user with numbers and addresses masked, its traceback too."""

    def broken(*_: object) -> object:
        raise KeyError(f"{PHONE} {EMAIL} {CODE} 123456789")

    monkeypatch.setattr(scenarios.evidence.trace, "plan_of", broken)
    words = ["trace", *GIVEN, "--design", "portal", "--case", "1"]
    result = RUNNER.invoke(app, words, env={"SANDBOX_TRACEBACK": traceback})
    assert result.exit_code == 3
    assert "fault in the sandbox itself" in result.stderr
    assert ("Traceback" in result.stderr) == bool(traceback)
    assert planted().find(result.output) == []
    assert "123456789" not in result.output


def test_no_representation_shows_a_secret() -> None:
    """What a debugger, a log line or a failed assertion would print of whatever holds a secret or a code."""
    message = Message(7, 1, Channel.SMS, "code", 7)
    held = [
        LinkKey("k", SECRET),
        SIGNER,
        SealKey(SECRET),
        CodeDesk(CodeRules(), SECRET),
        Send(message, f"{NAME}: your code is {CODE}."),
        Ask("enter_code", CODE, 0),
        Ask("tell_agent", PERSON, 0),
    ]
    for one in held:
        assert planted().find(f"{one!r} {one}") == []
    assert "purpose='code'" in repr(held[4])  # what helps to find a fault is still there
    assert repr(held[5]) == "Ask(question='enter_code', detail=***, attempt=0)"


# -- the sweep itself ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"sent to {EMAIL}", "email address"),
        (f"called {PHONE} back", "phone number"),
        ("texted 07700 900123", "phone number"),
        ("paid with 4000 0000 0000 0002", "card number"),
        ("lives in SW1A 1AA", "postcode"),
        (f"opened /l/{SIGNER.sign(LinkClaims(1, 1, 'act', 0, 9_000))}", "link token"),
        ("Your code is 123456.", "one-time code in words"),
        ('{"account_id":17}', "account number"),
        ("note_left: account_id=17", "account number"),
    ],
)
def test_every_kind_of_thing_is_found_by_its_looks(text: str, what: str) -> None:
    """A sweep that finds nothing anywhere would prove nothing."""
    assert [hit.partition(":")[0] for hit in Sweep().find(text)] == [what]
    assert Sweep().find(text, {what}) == []


def test_a_difference_in_a_column_is_no_phone_number() -> None:
    """A table's `+104` and the blanks behind it are a figure; seven digits more would be a number."""
    assert Sweep().find("+104          +12") == []
    assert [hit.partition(":")[0] for hit in Sweep().find("(0121) 496 0123, +1 202 555 0104")] == [
        "phone number"
    ] * 2


def test_every_pattern_is_planted_above() -> None:
    """Invented people of another maker are found as well: their mails, numbers and postcodes."""
    faker = Faker("en_GB", use_weighting=False)
    faker.seed_instance(1)
    text = " / ".join(f"{faker.email()} / {faker.postcode()}" for _ in range(20))
    kinds = [hit.partition(":")[0] for hit in Sweep().find(text)]
    assert (kinds.count("email address"), kinds.count("postcode")) == (20, 20)
    assert len(PATTERNS) == 7


def test_a_name_left_unmasked_is_caught(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the mask off a trace and the sweep above goes red."""
    monkeypatch.setattr(scenarios.evidence.trace, "mask_name", lambda name: name)
    assert [hit.partition(":")[0] for hit in sweep.find(said(*COMMANDS["trace"]()))] == ["name"]


def test_an_account_number_left_unmasked_is_caught(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note's account number is masked in a trace; without the mask it shows."""
    words = COMMANDS["trace of calls"]()
    rows = said("audit", "export", *GIVEN, "--design", "sms-to-call")
    noted = next(row for row in map(json.loads, rows.splitlines()[:-8]) if row["kind"] == "note_left")
    words = (*words[:-1], noted["case_id"])
    assert "note_left: account_id=***" in said(*words)
    monkeypatch.setattr(scenarios.evidence.trace, "masked_evidence", lambda body: body)
    assert {hit.partition(":")[0] for hit in sweep.find(said(*words))} == {"account number"}


@pytest.fixture
def leaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A product that writes the code it has just sent, and the link it has just signed, on its trail."""
    record, sign, issue = AuditTrail.record, LinkSigner.sign, CodeDesk.issue
    last: dict[str, str] = {}

    def recording(self: AuditTrail, case_id: int, at_ms: int, kind: str, evidence: Any) -> None:
        record(self, case_id, at_ms, kind, dict(last) if kind == "link_opened" and last else evidence)

    def signing(self: LinkSigner, claims: LinkClaims) -> str:
        last["seen"] = sign(self, claims)
        return last["seen"]

    def issuing(self: CodeDesk, account_id: int, session: str, digits: str, now_ms: int) -> Any:
        last["typed"] = digits
        return issue(self, account_id, session, digits, now_ms)

    monkeypatch.setattr(AuditTrail, "record", recording)
    monkeypatch.setattr(LinkSigner, "sign", signing)
    monkeypatch.setattr(CodeDesk, "issue", issuing)


def test_a_code_or_token_on_the_trail_is_caught(leaking: None, sweep: Sweep) -> None:
    """The sweep of the rows goes red for both."""
    rows = said("audit", "export", *GIVEN, "--design", "in-message")
    kinds = {hit.partition(":")[0] for hit in sweep.find(rows, ROWS_NEED)}
    assert {"one-time code", "link token"} <= kinds


def test_a_planted_name_in_a_file_is_caught(tmp_path: Path) -> None:
    """The sweep of the repository would see one customer in the middle of a picture."""
    picture = (ROOT / "tests" / "tui" / "pictures" / "compare.svg").read_text(encoding="utf-8")
    somebody = display_name(replication_seed(1, 0), 17)
    half = len(picture) // 2
    assert Sweep(known()).find(picture[:half] + somebody + picture[half:]) == [f"name: {somebody[:3]}…"]


def test_the_simulations_own_keys_are_known_to_the_sweep(sweep: Sweep) -> None:
    """The link secret of a run is made from its seed; the sweep knows it in both its spellings."""
    said(*COMMANDS["trace"]())
    seed = replication_seed(1, 0)
    secret = sha256(f"link|{seed}".encode()).digest()
    assert {secret.hex(), repr(secret)} <= {
        text for text, what in sweep.secrets.items() if what == "link secret"
    }
