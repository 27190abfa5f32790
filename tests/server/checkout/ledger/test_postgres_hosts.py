"""A PostgreSQL of several servers: the one that can be written, a fail-over, and what waits for a standby."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

import postgres
from checkout_server.checkout.ledger.contract import Claim, Entry, LedgerUnavailable, State
from checkout_server.checkout.ledger.postgres import PostgresLedger
from ledger_steps import NOW, OWNER, finish, try_claim
from postgres import socket_of, through
from unsteady_network import unsteady_network


@pytest.fixture
async def standby(own_server: Any, empty_url: str) -> AsyncIterator[str]:
    """A database of the same name on another server, where nothing can be written."""
    name = urlsplit(empty_url).path[1:]
    await postgres.run(own_server.get_uri(), f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    url = own_server.get_uri(name)
    await (await PostgresLedger.open(url)).close()
    await make_read_only(url, "on")
    yield url
    await make_read_only(url, "off")


async def make_read_only(url: str, setting: str) -> None:
    await postgres.run(url, f"ALTER SYSTEM SET default_transaction_read_only = {setting}", "SELECT pg_reload_conf()")
    connection = await asyncpg.connect(url)
    while await connection.fetchval("SHOW default_transaction_read_only") != setting:
        pass
    await connection.close()


@pytest.mark.requirement("ledger.storage")
async def test_of_several_hosts_the_one_that_can_be_written_is_used_and_after_a_fail_over_another(
    empty_url: str, standby: str, quoted: Entry
) -> None:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(unsteady_network(socket_of(standby)))
        second = await stack.enter_async_context(unsteady_network(socket_of(empty_url)))
        ledger = await PostgresLedger.open(through(first, empty_url, second))
        await ledger.add(quoted)
        second.down = True
        second.cut_all()
        with pytest.raises(LedgerUnavailable, match=r"cannot be reached|is read-only"):
            await try_claim(ledger)
        first.path = socket_of(empty_url)  # the standby takes over, with everything that was written
        assert await try_claim(ledger) is Claim.TAKEN
        assert await finish(ledger, State.CREATED)
        await ledger.close()


@pytest.mark.requirement("ledger.storage")
async def test_a_server_that_becomes_a_standby_is_left_for_the_one_that_is_none(
    empty_url: str, standby: str, quoted: Entry
) -> None:
    await make_read_only(standby, "off")
    await (await PostgresLedger.open(empty_url)).close()
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(unsteady_network(socket_of(standby)))
        second = await stack.enter_async_context(unsteady_network(socket_of(empty_url)))
        ledger = await PostgresLedger.open(through(first, empty_url, second))
        await ledger.add(quoted)
        await make_read_only(standby, "on")
        second.down = True
        with pytest.raises(LedgerUnavailable, match="cannot be reached"):
            await ledger.add(replace(quoted, preview_id="prv_2"))
        second.down = False
        await ledger.add(replace(quoted, preview_id="prv_3"))
        await ledger.close()
    written = await PostgresLedger.open(empty_url)
    assert await written.find("prv_3", owner=OWNER, now=NOW) == replace(quoted, preview_id="prv_3")
    await written.close()


@pytest.mark.requirement("ledger.flushed")
async def test_only_what_a_sale_rests_on_waits_for_the_disk_and_for_a_standby(own_server: Any, quoted: Entry) -> None:
    url = own_server.get_uri()
    ledger = await PostgresLedger.open(url)
    other, third = await asyncpg.connect(url), await asyncpg.connect(url)

    async def waits() -> bool:
        await other.execute("SELECT pg_stat_clear_snapshot()")
        return bool(await other.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))

    async def wait_for_standby(name: str) -> None:
        await other.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
        await other.execute("SELECT pg_reload_conf()")
        while await other.fetchval("SHOW synchronous_standby_names") != name:
            pass
        is_in_force = not name
        while not is_in_force:  # the checkpointer may read the setting later than this connection
            commit = asyncio.create_task(third.execute("SELECT pg_logical_emit_message(true, 'a', 'b')"))
            while not commit.done() and not is_in_force:
                is_in_force = await waits()
            if is_in_force:
                await other.execute("SELECT pg_cancel_backend($1)", third.get_server_pid())
            await commit

    await wait_for_standby("one_that_never_answers")
    await ledger.add(quoted)
    for call, answer in ((try_claim(ledger), Claim.TAKEN), (finish(ledger, State.CREATED), True)):
        waiting = asyncio.create_task(call)
        while not await waits():
            pass
        assert not waiting.done()
        await wait_for_standby("")
        assert await waiting == answer
        await wait_for_standby("one_that_never_answers")
    await wait_for_standby("")
    await third.close()
    await other.close()
    await ledger.close()
