"""Leases of claims, latecomers and second tries: who may send, and what the others are told."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from checkout_server.checkout.clock import LedgerClock
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.sale import lease, record, waiting
from fault_cases import CASES, call, opened, word
from faulty_upstream import FaultyUpstream, drop_after, hold, no_fault
from orders import HOSTED, ORDER

CREATE, STATUS = "create_checkout_session", "get_checkout_session"
Shop = tuple[Client, Desk]


@asynccontextmanager
async def two_servers(folder: Path) -> AsyncGenerator[tuple[FaultyUpstream, list[Shop], str]]:
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(FaultyUpstream().running())
        shops = [await stack.enter_async_context(opened(folder, upstream.url)) for _ in range(2)]
        preview_id = (await call(shops[0][0], "preview_checkout", **ORDER))["preview_id"]
        yield upstream, shops, preview_id


@pytest.mark.requirement("once.lease")
@pytest.mark.parametrize("apart", [-120.0, 120.0])
async def test_replicas_whose_clocks_are_two_minutes_apart_never_hold_one_lease_both(
    apart: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MOST_SECONDS", 0.0)
    async with two_servers(tmp_path) as (upstream, [(one, _), (two, desk)], preview_id):
        with pytest.MonkeyPatch.context() as wrong:
            wrong.setattr(time, "time", lambda now=time.time: now() + apart)
            clock = LedgerClock()
        await clock.read(desk.ledger)
        desk.clock = clock
        upstream.fault = hold
        creating = asyncio.create_task(call(one, CREATE, preview_id=preview_id, **HOSTED))
        await upstream.arrived.wait()
        assert (await call(two, STATUS, preview_id=preview_id))["status"] == "in_progress"
        assert (await call(two, CREATE, preview_id=preview_id, **HOSTED))["error"]["retry"] == "retry_later"
        upstream.released.set()
        assert word(await creating) == "session"
        assert upstream.posts_of(preview_id) == 1


@pytest.mark.requirement("once.lease")
async def test_a_lease_is_renewed_while_its_request_is_in_flight_and_only_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "RENEWAL_SECONDS", 0.01)
    async with two_servers(tmp_path) as (upstream, [(one, desk), (two, other)], preview_id):
        jumped, renewals = 0.0, asyncio.Semaphore(0)
        desk.clock = other.clock = lambda: time.time() + jumped
        renew = desk.ledger.renew_lease

        async def counted(*arguments: Any, **named: Any) -> bool:
            stands = await renew(*arguments, **named)
            renewals.release()
            return stands

        desk.ledger.renew_lease = counted  # pyright: ignore[reportAttributeAccessIssue] - the test's own
        upstream.fault = hold
        creating = asyncio.create_task(call(one, CREATE, preview_id=preview_id, **HOSTED))
        await upstream.arrived.wait()
        for _ in range(5):
            jumped += lease.LEASE_SECONDS / 2
            while not renewals.locked():
                await renewals.acquire()
            await renewals.acquire()
            await renewals.acquire()  # the second one began after the jump
        assert (await call(two, STATUS, preview_id=preview_id))["status"] == "in_progress"
        upstream.released.set()
        assert word(await creating) == "session"
        assert "_renew" not in {getattr(task.get_coro(), "__name__", "") for task in asyncio.all_tasks()}


@pytest.mark.requirement("once.lease", "once.crash")
def test_callers_learn_within_30_seconds_that_a_process_died() -> None:
    assert lease.LEASE_SECONDS + waiting.WATCH_SECONDS <= 30.0 < waiting.MOST_SECONDS < 50.0
    assert 3 * lease.RENEWAL_SECONDS < lease.LEASE_SECONDS


@pytest.mark.requirement("once.lease")
async def test_a_ledger_that_fails_while_a_call_waits_for_another_does_not_say_that_nothing_was_sent(
    tmp_path: Path,
) -> None:
    async with two_servers(tmp_path) as (upstream, [(one, _), (two, desk)], preview_id):
        upstream.fault = hold
        creating = asyncio.create_task(call(one, CREATE, preview_id=preview_id, **HOSTED))
        await upstream.arrived.wait()
        find, looks = desk.ledger.find, 0

        async def only_once(*arguments: Any, **named: Any) -> Any:
            nonlocal looks
            looks += 1
            if looks > 1:
                raise LedgerUnavailable("gone")
            return await find(*arguments, **named)

        desk.ledger.find = only_once  # pyright: ignore[reportAttributeAccessIssue] - the test's own
        error = (await call(two, CREATE, preview_id=preview_id, **HOSTED))["error"]
        assert (error["code"], error["retry"]) == ("outcome_unknown", "retry_later")
        upstream.released.set()
        assert word(await creating) == "session"


@pytest.mark.requirement("once.two_pages")
async def test_a_call_that_came_while_the_lost_attempt_ran_shares_its_outcome(tmp_path: Path) -> None:
    async with two_servers(tmp_path) as (upstream, [(one, _), (two, desk)], preview_id):
        upstream.fault = drop_after
        find, came, lost = desk.ledger.find, asyncio.Event(), asyncio.Event()

        async def late(*arguments: Any, **named: Any) -> Any:
            came.set()
            await lost.wait()
            return await find(*arguments, **named)

        desk.ledger.find = late  # pyright: ignore[reportAttributeAccessIssue] - the test's own
        latecomer = asyncio.create_task(call(two, CREATE, preview_id=preview_id, **HOSTED))
        await came.wait()
        assert word(await call(one, CREATE, preview_id=preview_id, **HOSTED)) == "outcome_unknown"
        lost.set()
        assert word(await latecomer) == "outcome_unknown"
        assert upstream.posts_of(preview_id) == 1


@pytest.mark.requirement("once.two_pages")
async def test_however_many_calls_come_a_preview_makes_two_pages_at_most(tmp_path: Path) -> None:
    async with two_servers(tmp_path) as (upstream, shops, preview_id):
        upstream.fault = drop_after
        for _ in range(3):
            calls = [call(client, CREATE, preview_id=preview_id, **HOSTED) for client, _ in shops * 10]
            assert {word(each) for each in await asyncio.gather(*calls)} == {"outcome_unknown"}
        assert upstream.posts_of(preview_id) == 2
        upstream.fault = no_fault
        error = (await call(shops[0][0], CREATE, preview_id=preview_id, **HOSTED))["error"]
        assert (error["code"], error["retry"]) == ("outcome_unknown", "new_preview")


@pytest.mark.requirement("once.two_pages", "sale.states")
@pytest.mark.parametrize("second", ["422", "connection dropped before creating"])
async def test_after_two_tries_the_operator_is_told_at_once_and_the_buyer_can_still_buy(
    second: str, tmp_path: Path
) -> None:
    async with two_servers(tmp_path) as (upstream, [(client, _), _], preview_id):
        for fault in (drop_after, CASES[second].fault):
            upstream.fault = fault
            last = (await call(client, CREATE, preview_id=preview_id, **HOSTED))["error"]
        again = (await call(client, CREATE, preview_id=preview_id, **HOSTED))["error"]
        assert last == again or last["code"] == "gateway_refused"
        status = await call(client, STATUS, preview_id=preview_id)
        for told in (again["message"], status["next_step"]):
            assert "two requests were not answered" not in told, "the second may have been"
            assert "Tell the operator now" in told
            assert "If the buyer still wants to buy, call preview_checkout in a minute." in told
        assert (again["retry"], upstream.posts_of(preview_id)) == ("new_preview", 2)


@pytest.mark.requirement("once.late_record")
async def test_a_record_is_written_whenever_the_ledger_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "RECORD_SECONDS", 0.0)
    async with two_servers(tmp_path) as (_upstream, [(one, desk), (two, _)], preview_id):
        finish, failed = desk.ledger.finish, 0

        async def away(*arguments: Any, **named: Any) -> bool:
            nonlocal failed
            failed += 1
            if failed <= 500:
                raise LedgerUnavailable("It is away.")
            return await finish(*arguments, **named)

        desk.ledger.finish = away  # pyright: ignore[reportAttributeAccessIssue] - the test's own
        session = await call(one, CREATE, preview_id=preview_id, **HOSTED)
        await asyncio.gather(*desk.creations.tasks())
        told = await call(two, STATUS, preview_id=preview_id)
        assert (told["status"], told["session_id"]) == ("open", session["session_id"])
