"""What a call is told of a creation that it can wait for no longer."""

import asyncio
import time
from typing import Any

import pytest

from checkout_server.calls import deadline
from checkout_server.calls.deadline import CallDeadline, answering_in_time
from checkout_server.checkout.refusals import CheckoutRefusal
from checkout_server.checkout.sale.caller import WaitingCaller


@pytest.mark.requirement("call.deadline")
async def test_the_truth_goes_before_the_cut_even_when_both_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "CALL_SECONDS", 0.05)
    monkeypatch.setattr(deadline, "LAST_WORD_SECONDS", 0.0)
    running: Any = asyncio.create_task(asyncio.Event().wait())

    async def wait() -> None:
        async with answering_in_time() as of_call:
            caller = WaitingCaller(of_call, 30.0)
            caller.is_claimed = True
            asyncio.get_running_loop().call_soon(time.sleep, 0.2)
            await caller.wait_for(running)

    with pytest.raises(CheckoutRefusal) as caught:
        await wait()
    assert caught.value.code == "outcome_unknown"
    running.cancel()


@pytest.mark.requirement("call.deadline")
async def test_the_truth_is_told_without_waiting_for_the_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "CALL_SECONDS", deadline.LAST_WORD_SECONDS)
    running: Any = asyncio.create_task(asyncio.Event().wait())
    caller = WaitingCaller(CallDeadline(), 30.0)
    caller.is_claimed = True
    with pytest.raises(CheckoutRefusal):
        await caller.wait_for(running)
    running.cancel()


@pytest.mark.requirement("call.deadline")
async def test_a_client_that_cancels_still_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    running: Any = asyncio.create_task(asyncio.Event().wait())

    async def wait() -> None:
        async with answering_in_time() as of_call:
            await WaitingCaller(of_call, 30.0).wait_for(running)

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not running.done()
    running.cancel()
