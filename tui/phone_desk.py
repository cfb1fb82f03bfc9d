"""Keeps one phone on one thread of its own: its connections belong to that thread, and the screen never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tui.cli.orders import Order

if TYPE_CHECKING:
    from scenarios.rehearsal.phone import Phone, PhonePage, Switch
    from tui.ports import Runner


class PhoneDesk:
    """The phone in hand, and the thread that may touch it.

    Args:
        runner: makes phones.
    """

    def __init__(self, runner: Runner) -> None:
        """Start without a phone; the thread starts with the first."""
        self._runner = runner
        self._phone: Phone | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="phone")

    async def take(
        self, order: Order, design: str | None, customers: int = 0, switches: Sequence[Switch] = ()
    ) -> tuple[Phone, PhonePage]:
        """Put down the phone in hand and take one of another design.

        Args:
            order: scenario and settings.
            design: the design; the scenario's baseline if None.
            customers: how many customers come before the one to be.
            switches: what goes wrong from the start.

        Raises:
            BadInput: wrong scenario, setting or design.
        """

        def change() -> tuple[Phone, PhonePage]:
            self._put_down()
            self._phone = phone = self._runner.phone(order, design)
            for switch in switches:
                phone.flip(switch)
            for _ in range(customers):
                phone.next_customer()
            return phone, phone.now

        return await asyncio.get_running_loop().run_in_executor(self._thread, change)

    async def act(self, act: Callable[[Phone], PhonePage]) -> PhonePage | None:
        """Do something with the phone in hand; None when there is none.

        Raises:
            BadInput: it cannot be done.
        """

        def do() -> PhonePage | None:
            return None if self._phone is None else act(self._phone)

        return await asyncio.get_running_loop().run_in_executor(self._thread, do)

    def close(self) -> None:
        """Put the phone down and let the thread end; does not wait for it."""
        self._thread.submit(self._put_down)
        self._thread.shutdown(wait=False)

    def _put_down(self) -> None:
        if self._phone is not None:
            self._phone.close()
            self._phone = None
