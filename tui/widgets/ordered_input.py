"""A line to type into that keeps the order of the keys."""

from __future__ import annotations

from textual.binding import Binding
from textual.events import Key
from textual.widgets import Input


class OrderedInput(Input):
    """Acts on its editing keys where it acts on letters: at once.

    A bound key goes up to the app and comes back, a letter does not: while the machine is busy
    letters would overtake Backspace and Enter.
    """

    async def on_key(self, event: Key) -> None:
        """Do what an editing key is bound to before the next letter is taken."""
        action = _ACTIONS.get(event.key)
        if action is not None:
            event.stop()
            event.prevent_default()
            await self.run_action(action)


_ACTIONS = {
    key.strip(): binding.action
    for binding in Input.BINDINGS
    if isinstance(binding, Binding)
    for key in binding.key.split(",")
}
