"""Sealed files: whatever goes in comes out, and nothing else ever does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.errors import BadInput, Cancelled, RuleBroken
from scenarios.files.sealed_files import open_file, open_unsealed
from scenarios.files.sealing import (
    CHUNK_BYTES,
    HEADER_BYTES,
    KEY_VARIABLE,
    SealBroken,
    SealKey,
    is_sealed,
    key_from,
    read_key,
    seal,
    unseal,
)

KEY = SealKey(bytes(range(32)))
OTHER = SealKey(bytes(range(1, 33)))
SALT = bytes(reversed(range(32)))
TAG_BYTES = 16
TEXT = b"Margaret Okafor, +44 7700 900123"


def sealed(text: bytes, key: SealKey = KEY, salt: bytes = SALT) -> bytes:
    """A text, sealed."""
    return b"".join(seal([text], key, salt))


def opened(data: bytes, key: SealKey = KEY) -> bytes:
    """What comes out of a sealed text."""
    return b"".join(unseal([data], key))


@given(pieces=st.lists(st.binary(max_size=300), max_size=8), cut=st.integers(min_value=1, max_value=200))
def test_any_bytes_come_back_whatever_pieces_they_come_in(pieces: list[bytes], cut: int) -> None:
    """The seal does not depend on how its text, or the sealed bytes, are cut."""
    whole = b"".join(seal(pieces, KEY, SALT))
    assert whole == sealed(b"".join(pieces))
    assert b"".join(unseal([whole[at : at + cut] for at in range(0, len(whole), cut)], KEY)) == b"".join(
        pieces
    )


@pytest.mark.parametrize(
    ("length", "chunks"),
    [
        (0, 1),
        (1, 1),
        (CHUNK_BYTES - 1, 1),
        (CHUNK_BYTES, 1),
        (CHUNK_BYTES + 1, 2),
        (2 * CHUNK_BYTES, 2),
        (2 * CHUNK_BYTES + 1, 3),
    ],
)
def test_chunks_on_each_side_of_their_size(length: int, chunks: int) -> None:
    """A chunk more exactly where one byte more begins it; every length comes back."""
    text = bytes(number % 251 for number in range(length))
    data = sealed(text)
    assert len(data) == HEADER_BYTES + length + TAG_BYTES * chunks
    assert opened(data) == text


@given(
    text=st.binary(max_size=80), place=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255)
)
@example(text=b"", place=0, flip=1)
@example(text=b"", place=7, flip=3)
def test_any_changed_byte_is_refused(text: bytes, place: int, flip: int) -> None:
    """In the header, the text or a tag: not one byte may differ."""
    data = bytearray(sealed(text))
    data[place % len(data)] ^= flip
    with pytest.raises(BadInput):
        opened(bytes(data))


@given(text=st.binary(max_size=80), kept=st.integers(min_value=0))
def test_any_cut_is_refused(text: bytes, kept: int) -> None:
    """A sealed file that misses its last byte, or nearly all of them, does not open."""
    data = sealed(text)
    with pytest.raises(BadInput):
        opened(data[: kept % len(data)])


THREE = bytes(CHUNK_BYTES) + bytes([1]) * CHUNK_BYTES + bytes([2]) * CHUNK_BYTES


def test_whole_chunks_cannot_be_cut_swapped_repeated_or_added() -> None:
    """Chunks are genuine one by one; their order and their end are sealed too, and what was wrong is placed."""
    data, size = sealed(THREE), CHUNK_BYTES + TAG_BYTES
    header = data[:HEADER_BYTES]
    one, two, three = (data[HEADER_BYTES + at * size : HEADER_BYTES + (at + 1) * size] for at in range(3))
    assert opened(header + one + two + three) == THREE
    for chunks, first_wrong in (
        (one + two, 2),
        (one, 1),
        (two + one + three, 1),
        (one + three, 2),
        (one + one + two + three, 2),
        (one + two + three + three, 3),
        (b"", 1),
    ):
        with pytest.raises(SealBroken, match=rf"chunk {first_wrong} does not open"):
            opened(header + chunks)


def test_the_text_cannot_be_read_from_the_file() -> None:
    """Neither the text nor the key is in it, and another salt hides that two texts are the same."""
    data = sealed(TEXT)
    assert TEXT not in data
    assert b"Okafor" not in data
    assert KEY.secret not in data
    assert data[HEADER_BYTES:] != sealed(TEXT, salt=bytes(32))[HEADER_BYTES:]


def test_another_key_is_told_from_damage() -> None:
    """The wrong key is the user's mistake and says which key would do; neither key is shown."""
    with pytest.raises(BadInput, match=KEY.key_id.hex()) as caught:
        opened(sealed(TEXT), OTHER)
    assert not isinstance(caught.value, SealBroken)
    assert OTHER.key_id.hex() in str(caught.value)
    assert OTHER.secret.hex() not in str(caught.value)
    forged = bytearray(sealed(TEXT))
    forged[8:16] = OTHER.key_id  # who writes the other key's name over it opens nothing either
    with pytest.raises(SealBroken):
        opened(bytes(forged), OTHER)


def test_what_is_no_sealed_file_or_of_another_version_says_so() -> None:
    """A plain file, a later layout and a header cut short are three different answers."""
    later = bytearray(sealed(TEXT))
    later[7] = 2
    for data, words in ((TEXT, "does not begin like one"), (bytes(later), "version 2; allowed: 1")):
        with pytest.raises(BadInput, match=words):
            opened(data)
    with pytest.raises(SealBroken, match="cut short within its first 48 bytes"):
        opened(sealed(b"")[: HEADER_BYTES - 1])
    assert is_sealed(sealed(b""))
    assert not is_sealed(TEXT)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_keys_and_salts_have_one_length(length: int) -> None:
    """31 or 33 bytes are our own bug, not a weaker seal."""
    with pytest.raises(RuleBroken):
        SealKey(bytes(length))
    with pytest.raises(RuleBroken):
        sealed(TEXT, salt=bytes(length))


def test_a_key_never_shows_itself() -> None:
    """Not in its repr, and not in what is said about a wrong key file."""
    assert KEY.secret.hex() not in repr(KEY)
    assert str(KEY.secret) not in repr(KEY)


def key_file(folder: Path, text: str, mode: int = 0o600) -> str:
    """A file that may hold a key."""
    path = folder / "key"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_a_key_file_is_read_with_or_without_its_line_break(tmp_path: Path) -> None:
    """What `sandbox audit key` writes is read; so is the bare number."""
    for text in (KEY.to_text(), f"{KEY.to_text()}\n"):
        assert read_key(key_file(tmp_path, text)) == KEY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o620, 0o601, 0o602])
def test_a_key_others_have_rights_on_is_refused(tmp_path: Path, mode: int) -> None:
    """Any single right of the group or of the world is one too many."""
    with pytest.raises(BadInput, match="mode 600"):
        read_key(key_file(tmp_path, KEY.to_text(), mode))


def test_a_key_its_owner_can_only_read_is_fine(tmp_path: Path) -> None:
    """400 is stricter than 600."""
    assert read_key(key_file(tmp_path, KEY.to_text(), 0o400)) == KEY


@pytest.mark.parametrize("text", ["", "ab" * 31, "ab" * 33, "zz" * 32, "ab" * 31 + "a", "\N{SNOWMAN}" * 64])
def test_what_is_no_key_is_refused_without_being_repeated(tmp_path: Path, text: str) -> None:
    """63, 62 or 66 digits, or other characters: refused, and the message does not quote them."""
    path = key_file(tmp_path, text)
    with pytest.raises(BadInput, match="64 hexadecimal digits") as caught:
        read_key(path)
    assert not text or text not in str(caught.value)


def test_a_missing_key_file_says_how_to_make_one(tmp_path: Path) -> None:
    """The next step stands in the message."""
    with pytest.raises(BadInput, match="sandbox audit key --out FILE"):
        read_key(str(tmp_path / "none"))


def test_the_environment_holds_the_key_where_no_file_is_named(tmp_path: Path) -> None:
    """A file wins over the variable; an empty variable is none; a wrong one is refused."""
    path = key_file(tmp_path, KEY.to_text())
    assert key_from(path, {KEY_VARIABLE: OTHER.to_text()}) == KEY
    assert key_from(None, {KEY_VARIABLE: OTHER.to_text()}) == OTHER
    assert key_from(None, {KEY_VARIABLE: ""}) is None
    assert key_from(None, {}) is None
    with pytest.raises(BadInput, match=f"^{KEY_VARIABLE}: not a key"):
        key_from(None, {KEY_VARIABLE: "secret"})


def never() -> bool:
    """Nobody wants to stop."""
    return False


def test_files_are_opened_as_what_they_are(tmp_path: Path) -> None:
    """A plain file needs no key, a sealed one does; what is sealed is not sealed again."""
    plain, shut = tmp_path / "plain", tmp_path / "shut"
    plain.write_bytes(TEXT)
    shut.write_bytes(sealed(TEXT))
    for path, key, was_sealed in ((plain, None, False), (plain, OTHER, False), (shut, KEY, True)):
        found = open_file(str(path), key, never)
        assert (b"".join(found.pieces), found.sealed) == (TEXT, was_sealed)
    assert b"".join(open_unsealed(str(plain), never)) == TEXT
    with pytest.raises(BadInput, match="is sealed; allowed: with --seal-key FILE"):
        open_file(str(shut), None, never)
    with pytest.raises(BadInput, match="is sealed already"):
        open_unsealed(str(shut), never)
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(BadInput, match="cannot be read"):
            open_file(str(path), None, never)


def test_a_pipe_is_refused_rather_than_robbed_of_its_beginning(tmp_path: Path) -> None:
    """What is looked at before it is read must be there twice."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInput, match="is a pipe; allowed: a file"):
        open_file(str(tmp_path / "pipe"), None, never)


def test_reading_stops_on_request(tmp_path: Path) -> None:
    """Somebody who wants to stop is heard between two pieces of a long file."""
    path = tmp_path / "long"
    path.write_bytes(b"0123456789" * 20_000)
    asked = iter([False, True])
    with pytest.raises(Cancelled):
        list(open_file(str(path), None, lambda: next(asked)).pieces)
