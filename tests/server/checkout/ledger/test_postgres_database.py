"""What PostgreSQL alone can do to a ledger: roles, standbys, restarts, and versions."""

import asyncio
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

import postgres
from checkout_server.checkout.ledger import database, postgres_database
from checkout_server.checkout.ledger.contract import Claim, Entry, LedgerUnavailable, State
from checkout_server.checkout.ledger.postgres import PostgresLedger
from ledger_steps import BUYER, CALL, GOODS, NOW, OWNER
from ledger_storages import PostgresStorage

PASSWORD = "hunter2"
VERSION_1 = PostgresStorage("").released(1)


def with_user(url: str, user: str) -> str:
    """The URL for another role, with the password that the tests look for."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{user}:{PASSWORD}@{parts.netloc.rpartition('@')[2]}"))


async def claim(ledger: PostgresLedger, entry: Entry, **changes: Any) -> Claim:
    return await ledger.claim(
        entry.preview_id,
        **{**CALL, "can_charge": True},
        claim_id="c1",
        from_state=State.QUOTED,
        now=entry.created_at,
        lease_seconds=60,
        **changes,
    )


async def refused(url: str) -> str:
    with pytest.raises(LedgerUnavailable) as unavailable:
        await PostgresLedger.open(url)
    assert PASSWORD not in repr(unavailable.value)
    assert unavailable.value.__context__ is None or unavailable.value.__suppress_context__
    return unavailable.value.sentence


@pytest.fixture
def role() -> str:
    """A role name of this worker's own: roles belong to the server and not to a database."""
    return f"seller_{postgres.WORKER}"


@pytest.fixture
async def seller(postgres_server: Any, empty_url: str, role: str) -> str:
    """The URL of a role that may connect and nothing else."""
    await postgres.run(
        empty_url,
        f"DO $$ BEGIN CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'; EXCEPTION WHEN duplicate_object THEN END $$",
        f"REVOKE CREATE ON DATABASE {urlsplit(empty_url).path[1:]} FROM {role}",
    )
    return with_user(empty_url, role)


@pytest.mark.requirement("ledger.storage")
async def test_a_url_that_leads_nowhere_is_said_without_its_password(postgres_server: Any) -> None:
    assert "not a PostgreSQL URL" in await refused(f"postgresql://seller:{PASSWORD}@127.0.0.1:port/db")
    assert "cannot be reached" in await refused(f"postgresql://seller:{PASSWORD}@127.0.0.1:9/db")
    assert "does not exist; create it" in await refused(postgres_server.get_uri("nowhere"))
    assert "does not accept the user" in await refused(with_user(postgres_server.get_uri(), "nobody"))


@pytest.mark.requirement("ledger.storage")
async def test_a_role_that_may_not_create_uses_what_is_there(empty_url: str, seller: str, role: str) -> None:
    assert "may not use the schema dodo_checkout" in await refused(seller)
    await (await PostgresLedger.open(empty_url)).close()
    assert "may not use the schema dodo_checkout" in await refused(seller)
    await postgres.run(
        empty_url,
        f"GRANT USAGE ON SCHEMA dodo_checkout TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dodo_checkout TO {role}",
    )
    ledger = await PostgresLedger.open(seller)
    assert await ledger.audit("prv_1") == []
    await ledger.close()


@pytest.mark.requirement("ledger.migrations")
async def test_a_role_that_may_not_migrate_is_told_who_does(empty_url: str, seller: str, role: str) -> None:
    await postgres.run(
        empty_url,
        VERSION_1,
        f"GRANT USAGE ON SCHEMA dodo_checkout TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dodo_checkout TO {role}",
    )
    assert "may not migrate it; start once as the owner" in await refused(seller)
    await (await PostgresLedger.open(empty_url)).close()
    await (await PostgresLedger.open(seller)).close()


@pytest.mark.requirement("ledger.storage")
@pytest.mark.parametrize("filled", [False, True])
async def test_a_database_that_is_read_only_stops_the_start(empty_url: str, filled: bool) -> None:
    name = urlsplit(empty_url).path[1:]
    if filled:
        await (await PostgresLedger.open(empty_url)).close()
    await postgres.run(empty_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    try:
        assert "is read-only, as a standby is" in await refused(empty_url)
    finally:
        await postgres.run(empty_url, "SET default_transaction_read_only = off", f"ALTER DATABASE {name} RESET ALL")


@pytest.mark.requirement("ledger.storage")
async def test_a_newer_schema_stops_the_start_and_is_left_alone(empty_url: str) -> None:
    await (await PostgresLedger.open(empty_url)).close()
    await postgres.run(empty_url, "UPDATE dodo_checkout.version SET version = 99")
    assert "made by a newer version" in await refused(empty_url)


@pytest.mark.requirement("ledger.storage")
async def test_another_search_path_leads_nowhere_else(empty_url: str, quoted: Entry) -> None:
    decoy = ("CREATE SCHEMA IF NOT EXISTS decoy", "CREATE TABLE IF NOT EXISTS decoy.preview (x int)")
    await postgres.run(empty_url, *decoy)
    ledger = await PostgresLedger.open(f"{empty_url}&options=-csearch_path%3Ddecoy")
    await ledger.add(quoted)
    assert await ledger.find("prv_1", owner=OWNER, now=quoted.created_at) == quoted
    await ledger.close()


@pytest.mark.requirement("ledger.storage")
async def test_connections_that_died_while_idle_cost_nothing(empty_url: str, quoted: Entry) -> None:
    ledger = await PostgresLedger.open(empty_url)
    await asyncio.gather(*(ledger.audit("prv_1") for _ in range(5)))
    await postgres.run(
        empty_url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND application_name = 'dodo-checkout-mcp' AND datname = current_database()",
        # A signal is sent and not yet received.
        "DO $$ BEGIN WHILE EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'dodo-checkout-mcp'"
        " AND datname = current_database()) LOOP PERFORM pg_stat_clear_snapshot(); END LOOP; END $$",
    )
    await ledger.add(quoted)
    assert await claim(ledger, quoted) is Claim.TAKEN
    await ledger.close()


@pytest.mark.requirement("ledger.atomic")
async def test_a_claim_whose_connection_dies_is_taken_over_another_and_once(empty_url: str, quoted: Entry) -> None:
    ledger = await PostgresLedger.open(empty_url)
    await ledger.add(quoted)
    other = await asyncpg.connect(empty_url)
    holding = other.transaction()
    await holding.start()
    await other.execute("SELECT * FROM dodo_checkout.preview FOR UPDATE")
    call = asyncio.create_task(claim(ledger, quoted))
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    while (pid := await other.fetchval(waiting)) is None:
        await other.execute("SELECT pg_stat_clear_snapshot()")
    await other.execute(f"SELECT pg_terminate_backend({pid})")
    await holding.rollback()
    await other.close()
    assert await call is Claim.TAKEN
    assert [row.event for row in await ledger.audit("prv_1")] == ["quoted", "claimed"]
    await ledger.close()


QUESTION: dict[str, Any] = {"owner": OWNER, "goods": GOODS}
COUNTING = {
    # Version 1 takes this lock too, and its replicas may still run.
    "a claim": ("sandbox local", lambda ledger, entry: claim(ledger, entry, hourly_limit=1)),
    "a claim under a rate": ("sandbox local", lambda ledger, entry: claim(ledger, entry, minute_limit=1)),
    "a preview": ("previews sandbox local", lambda ledger, _: ledger.count_preview(owner=OWNER, now=NOW, most=1)),
    "a claim that must be the only one": (
        f"goods sandbox local {GOODS}",
        lambda ledger, entry: claim(ledger, entry, unless_sold=True),
    ),
    "a question": (
        f"question sandbox local {GOODS}",
        lambda ledger, _: ledger.count_question("prv_1", **QUESTION, now=NOW, most=1),
    ),
    "a yes": (
        f"question sandbox local {GOODS}",
        lambda ledger, _: ledger.answer_question("prv_1", **QUESTION, approved=True),
    ),
}
"""What counts, and the lock that keeps others from counting at the same time."""


@pytest.mark.requirement("policy.hourly", "ledger.questions", "rate.minute")
@pytest.mark.parametrize(("lock", "count"), COUNTING.values(), ids=COUNTING)
async def test_who_counts_waits_for_whoever_is_counting(empty_url: str, quoted: Entry, lock: str, count: Any) -> None:
    ledger = await PostgresLedger.open(empty_url)
    await ledger.add(quoted)
    other = await asyncpg.connect(empty_url)
    async with other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 20261))", lock)
        call = asyncio.create_task(count(ledger, quoted))
        while not await other.fetchval(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ):
            assert not call.done()
    await call
    await other.close()
    await ledger.close()


@pytest.mark.requirement("ledger.storage")
async def test_a_server_that_goes_away_is_said_and_found_again(own_server: Any, quoted: Entry) -> None:
    ledger = await PostgresLedger.open(own_server.get_uri())
    await ledger.add(quoted)
    await ledger.store_account("fingerprint", "acc_1")  # takes the quote to the disk too
    postgres.stop(own_server)
    for call in (claim(ledger, quoted), ledger.audit("prv_1"), ledger.add(quoted)):
        with pytest.raises(LedgerUnavailable, match="cannot be reached"):
            await call
    own_server.ensure_postgres_running()
    assert await claim(ledger, quoted) is Claim.TAKEN
    await ledger.close()


@pytest.mark.requirement("ledger.storage")
async def test_a_ledger_closes_while_its_server_is_away(own_server: Any) -> None:
    ledger = await PostgresLedger.open(own_server.get_uri())
    postgres.stop(own_server)
    await ledger.close()
    with pytest.raises(LedgerUnavailable, match="is closed"):
        await ledger.audit("prv_1")


@pytest.mark.requirement("ledger.migrations")
async def test_a_migration_may_take_longer_than_a_call(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = postgres_database._MIGRATIONS  # pyright: ignore[reportPrivateUsage] - with one that is slow
    monkeypatch.setattr(postgres_database, "_MIGRATIONS", [("SELECT pg_sleep(1.7)", *first), *others])
    monkeypatch.setattr(database, "CALL_SECONDS", 1.5)
    ledger = await PostgresLedger.open(empty_url)
    assert await ledger.find_key_probe() is None
    await ledger.close()


@pytest.mark.requirement("ledger.growth")
async def test_a_statement_is_planned_once_for_a_connection(empty_url: str) -> None:
    pools = await postgres_database.open_pools(empty_url)
    ledger = PostgresLedger(pools)
    about: dict[str, Any] = {"owner": OWNER, "goods": GOODS, "sold_to": BUYER, "now": NOW, "except_preview_id": "prv_1"}
    for since in (NOW, NOW - 1, NOW - 2):
        await ledger.find_other_sales(**about, since=since, most=3)
    async with postgres_database.use_connection(pools.common) as connection:
        kept = await connection.fetch("SELECT generic_plans, custom_plans FROM pg_prepared_statements")
    assert {"generic_plans": 3, "custom_plans": 0} in [dict(row) for row in kept]
    await ledger.close()
