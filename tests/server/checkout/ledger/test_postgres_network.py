"""What lies between a ledger and its PostgreSQL: networks that lose things, several hosts, and waiting for others."""

import asyncio
import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from checkout_server.checkout.ledger import database, postgres_database, sql_batches
from checkout_server.checkout.ledger.contract import UNKNOWN_KEPT_SECONDS, Claim, Entry, LedgerUnavailable, State
from checkout_server.checkout.ledger.postgres import PostgresLedger
from checkout_server.checkout.ledger.postgres_sql import begin
from ledger_steps import ENDINGS, GOODS, LEASE, NOW, OWNER, bring, find, finish, try_claim
from postgres import socket_of, through
from unsteady_network import UnsteadyNetwork, unsteady_network

QUESTION: dict[str, Any] = {"owner": OWNER, "goods": GOODS}


@pytest.fixture
async def network(empty_url: str) -> AsyncIterator[UnsteadyNetwork]:
    """Between the ledger and its database."""
    async with unsteady_network(socket_of(empty_url)) as network:
        yield network


@pytest.mark.requirement("ledger.storage")
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
    assert await try_claim(ledger, hourly_limit=hourly_limit) is Claim.TAKEN
    assert network.cut_after != said.encode(), "it was cut"
    assert await try_claim(ledger, hourly_limit=hourly_limit) is Claim.NOT_FREE
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
        assert await ledger.count_unknown(environment="sandbox", now=NOW + LEASE) == (0, 1)
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


@pytest.mark.requirement("ledger.storage")
async def test_a_ledger_hangs_up_on_a_database_that_does_not_answer(
    empty_url: str, network: UnsteadyNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = await PostgresLedger.open(through(network, empty_url))
    monkeypatch.setattr(postgres_database, "CONNECT_SECONDS", 0.01)
    network.deaf = True
    await ledger.close()
    await network.lost.wait()


@pytest.mark.requirement("ledger.growth")
async def test_a_step_takes_one_turn_once_its_connection_has_met_it(
    empty_url: str, network: UnsteadyNetwork, quoted: Entry
) -> None:
    ledger = await PostgresLedger.open(through(network, empty_url))

    async def turns_of_a_sale(name: str) -> list[int]:
        turns: list[int] = []
        for step in (
            ledger.add(replace(quoted, preview_id=name)),
            ledger.find(name, owner=OWNER, now=NOW),
            try_claim(ledger, name),
            finish(ledger, State.UNKNOWN, preview_id=name),
            try_claim(
                ledger, name, attempts=1, from_state=State.UNKNOWN, hourly_limit=60, unless_sold=True, goods=name
            ),
            ledger.count_question(name, owner=OWNER, goods=name, now=NOW, most=1),
        ):
            before = network.turns
            await step
            turns.append(network.turns - before)
        return turns

    await turns_of_a_sale("prv_1")  # both pools have a connection now
    assert await turns_of_a_sale("prv_2") == [1, 1, 1, 1, 3, 3], "with locks one more to begin and one to commit"
    await ledger.close()


@pytest.mark.requirement("ledger.storage")
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
    assert await try_claim(ledger) is Claim.TAKEN
    assert not errors
    assert len(given_up) == 2
    assert len(set(given_up)) == 1, "the second time is given up when the first would have been"
    await ledger.close()


@pytest.mark.requirement("ledger.storage")
async def test_who_waits_for_nobody_is_served_while_others_wait(empty_url: str, quoted: Entry) -> None:
    ledger = await PostgresLedger.open(empty_url)
    await bring(ledger, quoted, State.CLAIMED)
    other = await asyncpg.connect(empty_url)
    async with other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock(hashtextextended('sandbox local', 20261))")
        waiting = [asyncio.create_task(try_claim(ledger, "prv_2", hourly_limit=60)) for _ in range(20)]
        await asyncio.sleep(0)
        await ledger.add(replace(quoted, preview_id="prv_2"))
        assert await finish(ledger, State.CREATED)
        assert (await ledger.find("prv_2", owner=OWNER, now=NOW)) is not None
        assert not any(call.done() for call in waiting)
    await other.close()
    assert (await asyncio.gather(*waiting)).count(Claim.TAKEN) == 1
    await ledger.close()


@pytest.mark.requirement("ledger.storage")
async def test_quotes_and_looks_are_served_while_claims_wait_for_their_commit(empty_url: str, quoted: Entry) -> None:
    """As behind a standby that is away; here for rows that somebody else has locked."""
    ledger = await PostgresLedger.open(empty_url)
    names = [f"prv_{number}" for number in range(2, 12)]
    for name in names:
        await ledger.add(replace(quoted, preview_id=name))
    other = await asyncpg.connect(empty_url)
    async with other.transaction():
        await other.execute("SELECT 1 FROM dodo_checkout.preview FOR UPDATE")
        waiting = [asyncio.create_task(try_claim(ledger, name, goods=name)) for name in names]
        await asyncio.sleep(0)
        await ledger.add(quoted)
        assert (await ledger.find("prv_1", owner=OWNER, now=NOW)) is not None
        assert await try_claim(ledger, "prv_none", hourly_limit=60) is Claim.NOT_FREE
        assert not any(call.done() for call in waiting)
    await other.close()
    assert set(await asyncio.gather(*waiting)) == {Claim.TAKEN}
    await ledger.close()


@pytest.mark.requirement("ledger.storage")
async def test_a_replica_that_says_nothing_more_does_not_keep_the_locks_of_its_principal(
    empty_url: str, quoted: Entry
) -> None:
    ledger = await PostgresLedger.open(empty_url)
    await ledger.add(quoted)
    frozen = await asyncpg.connect(empty_url)
    await frozen.execute(begin([f"{OWNER.environment} {OWNER.principal}"], idle_seconds=1))
    assert await try_claim(ledger, "prv_1", hourly_limit=60) is Claim.TAKEN
    frozen.terminate()
    await ledger.close()


@pytest.mark.requirement("ledger.storage")
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
        ended = await asyncio.gather(*(try_claim(ledger, hourly_limit=60) for _ in range(20)), return_exceptions=True)
    await other.close()
    assert {str(each) for each in ended} == {str(postgres_database.unavailable(TimeoutError()))}
    assert max(given_up) - min(given_up) < 0.5, "three at a time would be given up one after the other"
    assert await try_claim(ledger, hourly_limit=60) is Claim.TAKEN
    await ledger.close()
