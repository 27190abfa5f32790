"""Creations that are in flight when a process ends."""

import asyncio
import gc
from typing import Any

import pytest

from checkout_server.checkout.sale.in_flight import CreationsInFlight


@pytest.mark.requirement("transport.stop")
async def test_a_creation_without_an_answer_is_waited_for_until_it_has_recorded_that() -> None:
    creations, sent, told = CreationsInFlight(), asyncio.Event(), list[str]()

    async def creation() -> Any:
        try:
            sent.set()
            await asyncio.Event().wait()
        finally:
            for _ in range(10):  # a ledger answers at some later turn of the loop
                await asyncio.sleep(0)
            told.append("recorded")

    creations.start("prv_1", creation())
    await sent.wait()
    await creations.drain(0.0)
    assert told == ["recorded"]


@pytest.mark.requirement("transport.stop")
async def test_a_creation_that_fails_when_its_caller_is_gone_is_not_reported_as_a_defect() -> None:
    creations, ended = CreationsInFlight(), asyncio.Event()
    reported: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, about: reported.append(about))

    async def fail() -> Any:
        raise ValueError

    creations.start("prv_1", fail()).add_done_callback(lambda _done: ended.set())
    await ended.wait()
    gc.collect()  # asyncio reports an exception that nobody asked for when its task goes
    assert reported == []
    assert creations.find("prv_1") is None
