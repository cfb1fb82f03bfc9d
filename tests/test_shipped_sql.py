"""The SQL that runs is what the tables say: texts are shipped, so that no run loads what makes them."""

from __future__ import annotations

import pytest

from tests.shipped_sql import MADE_FROM, formatted, module_text, path_of, texts

ANEW = "tables or statements changed: run `python tests/shipped_sql.py`"


@pytest.mark.parametrize("made", MADE_FROM)
def test_shipped_texts_are_what_the_tables_come_to(made: str) -> None:
    """Every statement is shipped, letter by letter."""
    assert texts(made) == texts(MADE_FROM[made]), ANEW


@pytest.mark.parametrize("made", MADE_FROM)
def test_a_module_of_texts_written_anew_holds_them_all(made: str) -> None:
    """What the script writes is Python that says the same, whatever quotes and breaks a text has."""
    written: dict[str, object] = {}
    exec(compile(module_text(MADE_FROM[made]), made, "exec"), written)  # noqa: S102 - text made here
    assert {name: written[name] for name in texts(made)} == texts(MADE_FROM[made])


@pytest.mark.parametrize("made", MADE_FROM)
def test_a_module_of_texts_is_what_the_script_writes(made: str) -> None:
    """Writing them anew without a change leaves the files as they are, layout included."""
    assert path_of(made).read_text(encoding="utf-8") == formatted(made), ANEW
