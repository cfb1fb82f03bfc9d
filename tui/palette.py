"""The command palette: every key's action and a few of its own, found by title or by everyday words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.command import Hit, Hits
from textual.dom import DOMNode
from textual.screen import Screen
from textual.system_commands import SystemCommandsProvider

from tui.keys import keys_of
from tui.screens.base import SILENT
from tui.themes import DARK, LIGHT

LIGHT_TITLE, DARK_TITLE = "Light theme", "Dark theme"

SAID: Mapping[str, str] = {
    "Cancel": "stop abort halt end",
    "Copy": "clipboard command line",
    "Run": "start go simulate compare",
    "Help": "keys explain manual what",
    "Screen 0: Export": "save write file report download json markdown",
    "Quit": "exit leave close bye end",
    "Theme": "colours colors light dark",
    "Screenshot": "picture image svg print",
    LIGHT_TITLE: "bright white day colours colors",
    DARK_TITLE: "black night colours colors",
}
"""Words people type for a command whose title has others."""

_BY_WORD, _BY_SENTENCE = 1.0, 0.5
"""What a hit by such a word, or by the sentence of help, counts; any match of a title counts more."""

_TITLE = 2.0


class PaletteProvider(SystemCommandsProvider):
    """Searches titles as Textual does, then everyday words and the sentences of help, by the beginnings of words."""

    async def search(self, query: str) -> Hits:
        """Offer what matches, matches of a title first."""
        matcher = self.matcher(query)
        typed = query.casefold().split()
        for title, sentence, run, *_ in self.app.get_system_commands(self.screen):
            if (match := matcher.match(title)) > 0:
                yield Hit(_TITLE + match, matcher.highlight(title), run, help=sentence)
            elif _begin(typed, SAID.get(title, "")):
                yield Hit(_BY_WORD, title, run, help=sentence)
            elif _begin(typed, sentence):
                yield Hit(_BY_SENTENCE, title, run, help=sentence)


def commands_of(app: App[None], screen: Screen[object]) -> Iterable[SystemCommand]:
    """Return every binding of the screen and the app as a command, and the two themes by name."""
    for owner in (screen, app):
        for binding in keys_of(type(owner)):
            yield SystemCommand(
                binding.description, binding.tooltip, partial(_do_or_say, app, owner, binding)
            )
    for title, theme in ((LIGHT_TITLE, LIGHT), (DARK_TITLE, DARK)):
        yield SystemCommand(
            title, "Change the colours of all screens.", partial(setattr, app, "theme", theme.name)
        )


async def _do_or_say(app: App[None], owner: DOMNode, binding: Binding) -> None:
    """Do what the key does; where that is not offered now, say why, as the key itself would."""
    if not await app.run_action(binding.action, owner) and binding.action in SILENT:
        app.notify(SILENT[binding.action], severity="warning")


def _begin(typed: list[str], words: str) -> bool:
    """Whether every word typed begins one of the words."""
    there = words.casefold().replace(".", " ").replace(",", " ").split()
    return bool(typed) and all(any(word.startswith(part) for word in there) for part in typed)
