"""The little language of patterns: what every sign stands for, and what is refused where, in words."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.policy.patterns import REPEATS_MAX, Piece, checker, pieces_of

SMALL, DIGITS = string.ascii_lowercase, string.digits


@pytest.mark.parametrize(
    ("pattern", "characters"),
    [
        (".", SMALL + DIGITS),
        ("\\d", DIGITS),
        ("\\w", SMALL + DIGITS + "_"),
        ("\\s", " "),
        ("\\.", "."),
        ("\\\\", "\\"),
        ("-", "-"),
        ("X", "X"),
        ("Ä", "Ä"),
        ("[a]", "a"),
        ("[a-a]", "a"),
        ("[a-c]", "abc"),
        ("[A-C0-2]", "ABC012"),
        ("[a-]", "a-"),
        ("[-a]", "-a"),
        ("[--0]", "-./0"),
        ("[a-c-e]", "abc-e"),
        ("[.]", "."),
        ("[\\d_]", DIGITS + "_"),
        ("[]a]", "]a"),
        ("[\\]a]", "]a"),
        ("[a\\]]", "a]"),
        ("[\\^a]", "^a"),
        ("[a^]", "a^"),
        ("[a\\-c]", "a-c"),
        ("[[]", "["),
    ],
)
def test_a_piece_stands_for_these_characters(pattern: str, characters: str) -> None:
    """Signs, escapes and classes, with the marks that stand for themselves at either end of a class."""
    assert pieces_of(pattern) == (Piece(characters, 1, 1),)


@pytest.mark.parametrize(
    ("times", "least", "most"),
    [
        ("?", 0, 1),
        ("*", 0, REPEATS_MAX),
        ("+", 1, REPEATS_MAX),
        ("{1}", 1, 1),
        ("{999}", 999, 999),
        ("{0,1}", 0, 1),
        ("{2,2}", 2, 2),
        ("{2,3}", 2, 3),
        ("", 1, 1),
    ],
)
@pytest.mark.parametrize(("sign", "characters"), [("x", "x"), ("[xy]", "xy"), ("\\d", DIGITS)])
def test_how_often_a_piece_comes(sign: str, characters: str, times: str, least: int, most: int) -> None:
    """After a character, a class or an escape alike, at the end or before another piece."""
    assert pieces_of(f"{sign}{times}") == (Piece(characters, least, most),)
    assert pieces_of(f"{sign}{times}z") == (Piece(characters, least, most), Piece("z", 1, 1))


def test_classes_in_a_row_end_each_at_its_own_bracket() -> None:
    """Two classes are two pieces, whatever stands between."""
    assert pieces_of("[ab][cd]-[e]") == tuple(Piece(one, 1, 1) for one in ("ab", "cd", "-", "e"))
    assert pieces_of("[a-]x[-b]") == tuple(Piece(one, 1, 1) for one in ("a-", "x", "-b"))


NOT_UNDERSTOOD = "is not understood; put \\ before a mark that stands as itself"


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        *((f"a{mark}", f"{mark!r} at place 2 {NOT_UNDERSTOOD}") for mark in "()|^$}]"),
        *((mark, f"{mark!r} at place 1 {NOT_UNDERSTOOD}") for mark in "?*+{"),
        ("[a\\]", "the class at place 1 has no end"),
        ("x[a", "the class at place 2 has no end"),
        ("[", "the class at place 1 has no end"),
        ("[]", "the class at place 1 has no end"),
        ("[a-", "the class at place 1 has no end"),
        ("xy[^a]", "the class at place 3 says what not to take"),
        ("[c-a]", "c-a runs backwards"),
        ("[+-\\d]", "+-\\ is no range; it ends with a plain character"),
        ("x[+-\\d]yz", "+-\\ is no range; it ends with a plain character"),
        ("a\\b", "\\b is not understood; known: \\d, \\w, \\s"),
        ("[\\1]", "\\1 is not understood; known: \\d, \\w, \\s"),
        ("a{", "how often is written {n} or {n,m}, at place 2"),
        ("ab{x}", "how often is written {n} or {n,m}, at place 3"),
        ("a{1000}", "how often is written {n} or {n,m}, at place 2"),
        ("a{,2}", "how often is written {n} or {n,m}, at place 2"),
        ("a{٣}", "how often is written {n} or {n,m}, at place 2"),
        ("a{2,1}", "{2,1} can never be met"),
        ("a{0}", "{0} can never be met"),
        ("a{0,0}", "{0,0} can never be met"),
    ],
)
def test_a_pattern_of_another_language_is_refused_with_its_place(pattern: str, told: str) -> None:
    """The whole pattern, where it stops being understood, and what to write instead."""
    with pytest.raises(ValueError, match="pattern") as refusal:
        pieces_of(pattern)
    assert str(refusal.value) == f"pattern {pattern!r}: {told}"


@pytest.mark.parametrize("pattern", ["\\", "a\\", "[a\\"])
def test_an_escape_of_nothing_is_refused(pattern: str) -> None:
    """A backslash at the very end escapes nothing, in a class or out of it."""
    with pytest.raises(ValueError, match="pattern") as refusal:
        pieces_of(pattern)
    assert str(refusal.value) == f"pattern {pattern!r} ends in the middle of an escape"


MARKS = st.sampled_from(string.punctuation + string.ascii_letters + string.digits + " äß]^-\\")


@given(characters=st.text(MARKS, min_size=1, max_size=6), least=st.integers(0, 3), more=st.integers(0, 3))
def test_a_class_written_with_escapes_takes_its_characters_and_no_others(
    characters: str, least: int, more: int
) -> None:
    """Whatever marks it holds: each character as often as allowed, once less and once more not, a stranger never."""
    escaped = "".join(one if one.isalnum() else f"\\{one}" for one in characters)
    most = max(1, least + more)
    check = checker(f"[{escaped}]{{{least},{most}}}")
    for one in characters:
        assert check.fullmatch(one * least)
        assert check.fullmatch(one * most)
        assert not check.fullmatch(one * (most + 1))
        assert least == 0 or not check.fullmatch(one * (least - 1))
    assert not check.fullmatch("\n" * max(1, least))


@given(st.text(st.sampled_from("ab09_ .-xX\n"), max_size=4))
def test_a_checker_agrees_with_the_same_pattern_in_python_s_own_language(text: str) -> None:
    """Where both languages say the same thing they accept the same texts."""
    for ours, python in (
        ("[a-b]+\\d?", "[ab]{1,100}[0-9]?"),
        ("\\w{1,2}-?.*", "[a-z0-9_]{1,2}-?[a-z0-9]{0,100}"),
    ):
        assert bool(checker(ours).fullmatch(text)) == bool(re.fullmatch(python, text))
