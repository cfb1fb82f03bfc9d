"""`sandbox audit` as a user sees it: export, verify, evidence, keys and seals."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sandbox.audit.chain import head_from_text
from tests.cli.wording import as_said
from tests.scenarios.recorded import SMALL, record
from tui.cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "100", "SANDBOX_TRACEBACK": "", "SANDBOX_SEAL_KEY": ""})
WORLD = ["retail-bank-200k", "--design", "in-message", *(word for one in SMALL for word in ("--set", one))]


def run(*words: object, code: int = 0, **options: str) -> tuple[str, str]:
    """Run a command of the group; returns what it wrote to both streams."""
    result = RUNNER.invoke(app, ["audit", *map(str, words)], env=options)
    assert result.exit_code == code, result.output
    return result.stdout, result.stderr


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trail, its head, a key, and the same trail sealed."""
    folder = tmp_path_factory.mktemp("audit")
    run("export", *WORLD, "--out", folder / "trail", "--head", folder / "head")
    run("key", "--out", folder / "key")
    run("seal", folder / "trail", "--seal-key", folder / "key", "--out", folder / "sealed")
    return folder


def test_an_export_holds_every_row_of_the_run_and_the_head_apart(exported: Path) -> None:
    """As many rows as the run left, in order; the head file is the one line that says where the trail stands."""
    trail = record("in-message").trail
    lines = (exported / "trail").read_text().splitlines()
    assert len(lines) == len(trail) > 5_000
    assert [json.loads(line)["digest"] for line in lines] == [row.digest.hex() for row in trail]
    head = head_from_text((exported / "head").read_text())
    assert head == (trail[-1].seq, trail[-1].digest)
    assert [path.name for path in exported.iterdir() if path.name.endswith(".part")] == []


def test_without_a_file_rows_go_to_standard_output_and_the_head_to_the_other(exported: Path) -> None:
    """A pipe gets rows and nothing else."""
    out, err = run("export", *WORLD)
    assert out == (exported / "trail").read_text()
    assert (exported / "head").read_text().strip() in err
    assert "next: sandbox audit verify FILE --head" in err


def test_the_summary_says_what_was_written_and_what_to_do(exported: Path, tmp_path: Path) -> None:
    """Rows, head, seal, and the command that checks it; as JSON the same."""
    rows = len((exported / "trail").read_text().splitlines())
    out, _ = run("export", *WORLD, "--out", tmp_path / "t")
    assert f"rows    {rows:,}" in out
    assert "rows hold account numbers and amounts; --seal-key FILE seals them" in out
    assert out.splitlines()[-1].startswith("next: sandbox audit verify ")
    out, _ = run("export", *WORLD, "--json", "--out", tmp_path / "s", "--seal-key", exported / "key")
    told = json.loads(out)
    assert (told["schema"], told["rows"], told["head"]["seq"]) == (1, rows, rows)
    assert told["sealed_with"] == (tmp_path / "s").read_bytes()[8:16].hex()


def test_an_export_verifies_with_and_without_its_head(exported: Path) -> None:
    """Good both times; what the check without a head cannot see is said in words."""
    rows = len((exported / "trail").read_text().splitlines())
    out, _ = run("verify", exported / "trail")
    assert f"✔ pass {rows:,} rows of 1,200 cases" in out
    assert "head: not given; rows cut off the end break nothing inside a trail" in out
    out, _ = run("verify", exported / "trail", "--head", exported / "head")
    assert "the trail ends where the head outside it says" in out
    assert out.splitlines()[-1].startswith("next: ")
    line = (exported / "head").read_text().strip()
    told = json.loads(run("verify", exported / "trail", "--head", line, "--json")[0])
    assert (told["ok"], told["rows"], told["cases"], told["head_checked"]) == (True, rows, 1_200, True)
    assert (told["at_row"], told["problem"], told["note"], told["sealed"]) == (0, "", "", False)


def cut(lines: list[bytes]) -> list[bytes]:
    """Leave out the last three rows."""
    return lines[:-3]


def deleted(lines: list[bytes]) -> list[bytes]:
    """Leave out row 100."""
    return [*lines[:99], *lines[100:]]


def swapped(lines: list[bytes]) -> list[bytes]:
    """Exchange rows 100 and 101."""
    return [*lines[:99], lines[100], lines[99], *lines[101:]]


def flipped(lines: list[bytes]) -> list[bytes]:
    """Change one digit of row 100's time."""
    at = lines[99].index(b'"at_ms":') + len(b'"at_ms":')
    other = b"1" if lines[99][at : at + 1] != b"1" else b"2"
    return [*lines[:99], lines[99][:at] + other + lines[99][at + 1 :], *lines[100:]]


@pytest.mark.parametrize("tamper", [cut, deleted, swapped, flipped])
def test_tampering_ends_with_1_and_names_the_row(
    exported: Path, tmp_path: Path, tamper: Callable[[list[bytes]], list[bytes]]
) -> None:
    """Row 100 is named, or the last one left where the tail was cut; the JSON says the same."""
    lines = (exported / "trail").read_bytes().splitlines(keepends=True)
    changed = tmp_path / "changed"
    changed.write_bytes(b"".join(tamper(lines)))
    row = len(lines) - 3 if tamper is cut else 100
    out, _ = run("verify", changed, "--head", exported / "head", code=1)
    assert f"✘ fail at row {row:,}: " in out
    told = json.loads(run("verify", changed, "--head", exported / "head", "--json", code=1)[0])
    assert (told["ok"], told["at_row"]) == (False, row)


def test_only_a_cut_tail_passes_without_the_head(exported: Path, tmp_path: Path) -> None:
    """The other three show by themselves."""
    lines = (exported / "trail").read_bytes().splitlines(keepends=True)
    codes = {}
    for tamper in (cut, deleted, swapped, flipped):
        (tmp_path / "changed").write_bytes(b"".join(tamper(lines)))
        codes[tamper.__name__] = RUNNER.invoke(app, ["audit", "verify", str(tmp_path / "changed")]).exit_code
    assert codes == {"cut": 0, "deleted": 1, "swapped": 1, "flipped": 1}


def test_a_sealed_trail_is_verified_with_its_key_from_a_file_or_the_environment(exported: Path) -> None:
    """Without a key it is the user's mistake, not a broken trail."""
    out, _ = run("verify", exported / "sealed", "--seal-key", exported / "key", "--head", exported / "head")
    assert out.startswith(f"{exported / 'sealed'}, sealed\n")
    run("verify", exported / "sealed", SANDBOX_SEAL_KEY=(exported / "key").read_text().strip())
    _, err = run("verify", exported / "sealed", code=2)
    assert "is sealed; allowed: with --seal-key FILE, or the key in SANDBOX_SEAL_KEY" in as_said(err)


def test_a_broken_seal_ends_with_1_and_a_wrong_key_with_2(exported: Path, tmp_path: Path) -> None:
    """A flipped byte and a cut are what verify is for; the wrong key is for the user to mend."""
    data = (exported / "sealed").read_bytes()
    broken = tmp_path / "broken"
    for changed in (data[:-1], data[: len(data) // 2], data[:70_000] + b"\0\0\0" + data[70_003:]):
        broken.write_bytes(changed)
        out, _ = run("verify", broken, "--seal-key", exported / "key", code=1)
        assert "does not open: it was changed, cut short or moved" in out
    run("key", "--out", tmp_path / "other")
    _, err = run("verify", exported / "sealed", "--seal-key", tmp_path / "other", code=2)
    assert "allowed: the same key" in err


def test_seal_and_unseal_give_the_file_back_to_its_owner_alone(exported: Path, tmp_path: Path) -> None:
    """Byte for byte; what comes out of a seal is readable for its owner only, and a damaged one leaves nothing."""
    run("unseal", exported / "sealed", "--seal-key", exported / "key", "--out", tmp_path / "plain")
    assert (tmp_path / "plain").read_bytes() == (exported / "trail").read_bytes()
    assert stat.S_IMODE((tmp_path / "plain").stat().st_mode) == 0o600
    (tmp_path / "broken").write_bytes((exported / "sealed").read_bytes()[:-1])
    run("unseal", tmp_path / "broken", "--seal-key", exported / "key", "--out", tmp_path / "none", code=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "plain"]


def test_a_key_is_private_and_never_overwritten(tmp_path: Path) -> None:
    """600, 64 digits, not shown on any stream; a second one under the same name is refused."""
    out, err = run("key", "--out", tmp_path / "key")
    text = (tmp_path / "key").read_text()
    assert (stat.S_IMODE((tmp_path / "key").stat().st_mode), len(text)) == (0o600, 65)
    assert text.strip() not in out + err
    run("key", "--out", tmp_path / "second")
    assert (tmp_path / "second").read_text() != text
    _, err = run("key", "--out", tmp_path / "key", code=2)
    assert "a key is never overwritten" in err
    assert (tmp_path / "key").read_text() == text


def test_what_cannot_go_together_is_refused_before_anything_runs(exported: Path, tmp_path: Path) -> None:
    """Each pair with what is allowed instead."""
    key, trail = exported / "key", exported / "trail"
    refusals = [
        (("export", "no-such", "--json"), "--json: rows are JSON Lines already"),
        (("export", "no-such", "--seal-key", key), "--seal-key: what is sealed goes to a file"),
        (
            ("export", "no-such", "--case", 1, "--head", tmp_path / "h"),
            "--head: the evidence of cases has no",
        ),
        (("export", *WORLD, "--case", 1_200), "case 1200 does not exist; allowed: 0 to 1199"),
        (("export", *WORLD[:2], "portl"), "did you mean 'portal'"),
        (("verify", tmp_path / "none"), "cannot be read"),
        (("verify", trail, "--head", tmp_path / "none"), "cannot be read"),
        (("verify", trail, "--head", trail), "audit head: "),
        (("seal", trail, "--out", tmp_path / "s"), "--seal-key: missing; allowed: a key file, or the key in"),
        (("seal", trail, "--out", trail, "--seal-key", key), "this run reads that file"),
        (("seal", exported / "sealed", "--out", tmp_path / "s", "--seal-key", key), "is sealed already"),
        (("unseal", trail, "--out", tmp_path / "p", "--seal-key", key), "is not sealed; allowed"),
    ]
    for words, said in refusals:
        _, err = run(*words, code=2)
        assert said in as_said(err)
        assert "Next: " in err
    assert list(tmp_path.iterdir()) == []


def test_the_evidence_of_cases_is_readable_and_the_json_says_the_same(exported: Path) -> None:
    """One block a case, in the order asked for, each once; the JSON holds the parts and what is missing."""
    recorded = next(row.case_id for row in record("in-message").trail if row.kind == "posting_recorded")
    out, _ = run("export", *WORLD, "--case", recorded, "--case", 0, "--case", recorded)
    blocks = [line for line in out.splitlines() if line.startswith("CASE ")]
    assert [line.split()[1] for line in blocks] == [str(recorded), "0"]
    assert blocks[0].endswith(", recorded; complete")
    for part in (
        "consent      sms: given",
        "acted        customer",
        "passed: level CODE",
        "allowed by actions.",
    ):
        assert part in out
    assert max(map(len, out.splitlines()[:-1])) <= 100
    told = json.loads(run("export", *WORLD, "--case", recorded, "--json")[0])
    assert told["schema"] == 1
    (case,) = told["cases"]
    assert (case["case_id"], case["final_state"], case["missing"]) == (recorded, "recorded", [])
    assert case["customer"].startswith("***")


def test_sealed_evidence_cannot_be_read_without_the_key(exported: Path, tmp_path: Path) -> None:
    """`--seal-key` seals whatever goes to the file, evidence too."""
    run("export", *WORLD, "--case", 1, "--out", tmp_path / "e", "--seal-key", exported / "key")
    assert b"CASE" not in (tmp_path / "e").read_bytes()
    run("unseal", tmp_path / "e", "--seal-key", exported / "key", "--out", tmp_path / "p")
    assert "CASE 1 " in (tmp_path / "p").read_text()


def test_a_stopped_export_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ctrl-C in the middle of the rows: 130, and neither trail nor head nor a part of them."""
    from scenarios.evidence import audit_export
    from scenarios.evidence.trail_file import row_line

    def lines(row: object) -> Iterator[str]:
        if row.seq == 1_200:  # type: ignore[attr-defined]
            raise KeyboardInterrupt
        return row_line(row)  # type: ignore[arg-type, return-value]

    monkeypatch.setattr(audit_export, "row_line", lines)
    run("export", *WORLD, "--out", tmp_path / "t", "--head", tmp_path / "h", code=130)
    assert list(tmp_path.iterdir()) == []
