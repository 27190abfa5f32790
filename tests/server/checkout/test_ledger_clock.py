"""The clock that a server keeps: the ledger's."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout import background
from checkout_server.checkout.background import working_in_background
from checkout_server.checkout.clock import LedgerClock
from fault_cases import call, opened
from faulty_upstream import FaultyUpstream, drop_after
from orders import HOSTED, ORDER


class Told:
    """A ledger of which only the clock is asked; each answer takes two seconds."""

    def __init__(self, steady: "Steady") -> None:
        self.now, self._steady = 1000.0, steady

    async def read_clock(self) -> float:
        self._steady.seconds += 1.0
        told = self.now
        self._steady.seconds += 1.0
        return told


class Steady:
    seconds = 50.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.requirement("once.lease")
async def test_a_machine_whose_clock_is_set_keeps_to_the_ledgers(monkeypatch: pytest.MonkeyPatch) -> None:
    steady = Steady()
    clock = LedgerClock(steady)
    ledger: Any = Told(steady)
    await clock.read(ledger)
    assert clock() == 1001.0, "it was told in the middle of the two seconds"
    monkeypatch.setattr(time, "time", lambda: 1e9)
    steady.seconds += 30.0
    assert clock() == 1031.0


@pytest.mark.requirement("once.lease")
async def test_the_ledgers_clock_is_read_again_while_a_round_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "ROUND_SECONDS", 0.0)
    monkeypatch.setattr(background, "CLOCK_SECONDS", 0.0)
    begun, read = asyncio.Event(), asyncio.Event()
    async with FaultyUpstream(drop_after).running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        await call(client, "create_checkout_session", preview_id=preview_id, **HOSTED)

        async def never(*_: Any) -> None:
            begun.set()
            await asyncio.Event().wait()

        async def told() -> float:
            if begun.is_set():
                read.set()
            return 1000.0

        monkeypatch.setattr(background, "settle_by_payments", never)
        monkeypatch.setattr(desk.ledger, "read_clock", told)
        desk.clock = LedgerClock()
        async with working_in_background(desk):
            await read.wait()
