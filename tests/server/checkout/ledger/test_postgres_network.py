"""What lies between a ledger and its PostgreSQL: networks that lose things, several hosts, and waiting for others."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

import postgres
from checkout_server.checkout.ledger import database, postgres_database, sql_batches
from checkout_server.checkout.ledger.contract import UNKNOWN_KEPT_SECONDS, Claim, Entry, LedgerUnavailable, State
from checkout_server.checkout.ledger.postgres import PostgresLedger
from ledger_steps import CALL, ENDINGS, GOODS, LEASE, NOW, OWNER, bring, find, finish
from postgres import socket_of, through
from unsteady_network import UnsteadyNetwork, unsteady_network

pytestmark = pytest.mark.requirement("ledger.storage")

QUESTION: dict[str, Any] = {"owner": OWNER, "goods": GOODS}


async def claim(ledger: PostgresLedger, preview_id: str = "prv_1", **changes: Any) -> Claim:
    call: dict[str, Any] = {**CALL, "claim_id": "c1", "from_state": State.QUOTED, "now": NOW, "lease_seconds": LEASE}
    return await ledger.claim(preview_id, **{**call, **changes})


@pytest.fixture
async def network(empty_url: str) -> AsyncIterator[UnsteadyNetwork]:
    """Between the ledger and its database."""
    async with unsteady_network(socket_of(empty_url)) as network:
        yield network


async def test_connections_that_a_firewall_has_forgotten_cost_nothing(
    empty_url: str, network: UnsteadyNetwork, quoted: Entry
) -> None:
    ledger = await PostgresLedger.open(through(network, empty_url))
    await asyncio.gather(*(ledger.audit("prv_1") for _ in range(5)))
    network.forget_connections()
    await ledger.add(quoted)
    assert [row.event for row in await ledger.audit("prv_1")] == ["quoted"]
    await ledger.close()


@pytest.mark.requirement("ledger.atomic", "once.concurrent")
@pytest.mark.parametrize(
    ("hourly_limit", "said"), [(None, GOODS), (60, "COMMIT\0")], ids=["one statement", "with a lock"]
)
async def test_a_claim_whose_answer_is_lost_is_taken_once_and_by_its_own_call(
    empty_url: str, network: UnsteadyNetwork, quoted: Entry, hourly_limit: int | None, said: str
) -> None:
    ledger = await PostgresLedger.open(through(network, empty_url))
    await ledger.add(quoted)
    network.cut_after = said.encode()
    assert await claim(ledger, hourly_limit=hourly_limit) is Claim.TAKEN
    assert network.cut_after != said.encode(), "it was cut"
    assert await claim(ledger, hourly_limit=hourly_limit) is Claim.NOT_FREE
    assert [row.event for row in await ledger.audit("prv_1")] == ["quoted", "claimed"]
    assert await ledger.claims_of_an_hour(owner=OWNER, now=NOW) == 1
    await ledger.close()


@pytest.mark.requirement("ledger.atomic")
@pytest.mark.parametrize("state", ENDINGS)
async def test_an_ending_whose_answer_is_lost_is_recorded_once(
    empty_url: str, network: UnsteadyNetwork, quoted: Entry, state: State
) -> None:
    ledger = await PostgresLedger.open(through(network, empty_url))
    await bring(ledger, quoted, State.CLAIMED)
    network.cut_after = state.encode()
    assert await finish(ledger, state)
    assert network.cut_after != state.encode(), "it was cut"
    assert [row.event for row in await ledger.audit("prv_1")][2:] in ([state], [state, state])
    await ledger.close()


@pytest.mark.requirement("once.crash")
@pytest.mark.parametrize("one", [True, False], ids=["one", "all"])
async def test_a_lease_whose_end_is_not_answered_leaves_its_event_once(
    empty_url: str, network: UnsteadyNetwork, quoted: Entry, monkeypatch: pytest.MonkeyPatch, one: bool
) -> None:
    ended: list[str] = []
    monkeypatch.setattr(sql_batches, "emit", lambda event, preview_id: ended.append(f"{event} {preview_id}"))
    ledger = await PostgresLedger.open(through(network, empty_url))
    await bring(ledger, quoted, State.CLAIMED)
    network.cut_after = kept_until = struct.pack("!d", NOW + LEASE + UNKNOWN_KEPT_SECONDS)
    if one:
        assert (await find(ledger, NOW + LEASE)) is not None
    else:
        assert await ledger.count_unknown(environment="sandbox", now=NOW + LEASE) == 1
    assert network.cut_after != kept_until, "it was cut"
    assert ended == ["session.lease_ended prv_1"]
    await ledger.close()


@pytest.mark.requirement("ledger.atomic", "ledger.questions")
async def test_a_question_whose_commit_is_not_answered_is_not_counted_twice(
    empty_url: str, network: UnsteadyNetwork
) -> None:
    ledger = await PostgresLedger.open(through(network, empty_url))
    network.cut_after = b"COMMIT\0"
    with pytest.raises(LedgerUnavailable, match="cannot be reached"):
        await ledger.count_question("prv_1", **QUESTION, now=NOW, most=2)
    assert await ledger.count_question("prv_1", **QUESTION, now=NOW, most=2), "one is counted"
    assert not await ledger.count_question("prv_1", **QUESTION, now=NOW, most=2)
    await ledger.close()


async def test_a_ledger_hangs_up_on_a_database_that_does_not_answer(
    empty_url: str, network: UnsteadyNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await PostgresLedger.open(through(network, empty_url))
    monkeypatch.setattr(postgres_database, "CONNECT_SECONDS", 0.01)
    network.deaf = True
    await ledger.close()
    await network.lost.wait()


@pytest.mark.requirement("ledger.growth")
async def test_a_step_takes_as_few_turns_as_asyncpg_allows(
    empty_url: str, network: UnsteadyNetwork, quoted: Entry
) -> None:
    ledger = await PostgresLedger.open(through(network, empty_url))
    await ledger.add(replace(quoted, preview_id="prv_2"))
    assert await claim(ledger, "prv_2", hourly_limit=60) is Claim.TAKEN  # both pools have a connection now
    turns: list[int] = []
    for step in (
        ledger.add(quoted),
        find(ledger),
        claim(ledger),
        finish(ledger, State.UNKNOWN),
        claim(ledger, attempts=1, from_state=State.UNKNOWN, hourly_limit=60, unless_sold=True, goods="others"),
        ledger.count_question("prv_1", **QUESTION, now=NOW, most=1),
    ):
        before = network.turns
        await step
        turns.append(network.turns - before)
    assert turns == [2, 2, 2, 2, 4, 4], "to prepare and to execute, and with locks one to begin and one to commit"
    await ledger.close()


async def test_an_error_that_hides_a_lost_connection_is_one(
    empty_url: str, quoted: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await PostgresLedger.open(empty_url)
    await ledger.add(quoted)
    fetch, errors = asyncpg.Connection.fetch, [asyncpg.InternalClientError("cannot switch to state 12")]

    async def fetch_once_broken(connection: Any, *arguments: Any, **options: Any) -> Any:
        if errors:
            raise errors.pop()
        return await fetch(connection, *arguments, **options)

    given_up: list[float] = []
    timeout_at = asyncio.timeout_at
    monkeypatch.setattr(asyncio, "timeout_at", lambda when: given_up.append(when) or timeout_at(when))
    monkeypatch.setattr(asyncpg.Connection, "fetch", fetch_once_broken)
    assert await claim(ledger) is Claim.TAKEN
    assert not errors
    assert len(given_up) == 2
    assert len(set(given_up)) == 1, "the second time is given up when the first would have been"
    await ledger.close()


async def test_who_waits_for_nobody_is_served_while_others_wait(empty_url: str, quoted: Entry) -> None:
    ledger = await PostgresLedger.open(empty_url)
    await bring(ledger, quoted, State.CLAIMED)
    other = await asyncpg.connect(empty_url)
    async with other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock(hashtextextended('sandbox local', 20261))")
        waiting = [asyncio.create_task(claim(ledger, "prv_2", hourly_limit=60)) for _ in range(20)]
        await asyncio.sleep(0)
        await ledger.add(replace(quoted, preview_id="prv_2"))
        assert await finish(ledger, State.CREATED)
        assert (await ledger.find("prv_2", owner=OWNER, now=NOW)) is not None
        assert not any(call.done() for call in waiting)
    await other.close()
    assert (await asyncio.gather(*waiting)).count(Claim.TAKEN) == 1
    await ledger.close()


async def test_calls_behind_a_lock_wait_no_longer_one_after_the_other_than_alone(
    empty_url: str, quoted: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await PostgresLedger.open(empty_url)
    await ledger.add(quoted)
    monkeypatch.setattr(database, "CALL_SECONDS", 0.5)
    given_up: list[float] = []
    timeout_at = asyncio.timeout_at
    monkeypatch.setattr(asyncio, "timeout_at", lambda when: given_up.append(when) or timeout_at(when))
    other = await asyncpg.connect(empty_url)
    async with other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock(hashtextextended('sandbox local', 20261))")
        ended = await asyncio.gather(*(claim(ledger, hourly_limit=60) for _ in range(20)), return_exceptions=True)
    await other.close()
    assert {str(each) for each in ended} == {str(postgres_database.unavailable(TimeoutError()))}
    assert max(given_up) - min(given_up) < 0.5, "three at a time would be given up one after the other"
    assert await claim(ledger, hourly_limit=60) is Claim.TAKEN
    await ledger.close()


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
            await claim(ledger)
        first.path = socket_of(empty_url)  # the standby takes over, with everything that was written
        assert await claim(ledger) is Claim.TAKEN
        assert await finish(ledger, State.CREATED)
        await ledger.close()


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
    for call, answer in ((claim(ledger), Claim.TAKEN), (finish(ledger, State.CREATED), True)):
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
