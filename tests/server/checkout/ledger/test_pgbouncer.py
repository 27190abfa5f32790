"""A ledger behind a proxy that gives each transaction another server connection."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from checkout_server.checkout.ledger.contract import Claim, Entry, LedgerUnavailable, State
from checkout_server.checkout.ledger.postgres import PostgresLedger
from ledger_steps import CALL, GOODS, LEASE, NOW, OWNER, bring, expected, find
from ledger_storages import PostgresStorage
from postgres import socket_of, through
from unsteady_network import unsteady_network

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SETTINGS = """
[databases]
* = host={server} port=5432 user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = 2
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Pooler(NamedTuple):
    """PgBouncer in front of a database."""

    url: str
    socket: str


@pytest.fixture
async def pooler(empty_url: str) -> AsyncIterator[Pooler]:
    """With two server connections for all."""
    if PGBOUNCER is None:
        pytest.skip("no pgbouncer: install Debian's package pgbouncer")
    parts, port = urlsplit(empty_url), free_port()
    server = Path(parse_qs(parts.query)["host"][0])
    as_its_user = ["-u", server.owner()] if os.geteuid() == 0 else []  # it refuses to run as root
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as folder:
        Path(folder).chmod(0o777)
        settings = Path(folder, "pgbouncer.ini")
        settings.write_text(SETTINGS.format(server=server, port=port, folder=folder))
        process = await asyncio.create_subprocess_exec(PGBOUNCER, *as_its_user, str(settings), stderr=subprocess.PIPE)
        assert process.stderr is not None
        while b"process up" not in (line := await process.stderr.readline()):
            assert line, "pgbouncer ended"
        yield Pooler(f"postgresql://postgres@127.0.0.1:{port}{parts.path}", f"{folder}/.s.PGSQL.{port}")
        process.terminate()
        await process.communicate()


@pytest.fixture
def proxied(pooler: Pooler) -> str:
    """The database by way of PgBouncer."""
    return pooler.url


async def claim(ledger: PostgresLedger, number: int, **changes: Any) -> Claim:
    call: dict[str, Any] = {**CALL, "from_state": State.QUOTED, "now": NOW, "lease_seconds": LEASE, **changes}
    return await ledger.claim(f"prv_{number}", claim_id=f"c{number}", **call)


@pytest.mark.requirement("ledger.storage")
async def test_a_ledger_is_made_and_used(proxied: str, quoted: Entry) -> None:
    ledger = await PostgresLedger.open(proxied)
    assert await bring(ledger, quoted, State.CREATED) == expected(quoted, State.CREATED)
    assert await find(ledger) == expected(quoted, State.CREATED)
    assert await ledger.purge(now=NOW + 9000) == 1
    await ledger.close()


@pytest.mark.requirement("ledger.migrations")
@pytest.mark.parametrize("version", [1, 2])
async def test_a_ledger_is_migrated(proxied: str, empty_url: str, version: int) -> None:
    storage = PostgresStorage(empty_url)
    await storage.run(storage.released(version))
    ledger = await PostgresLedger.open(proxied)
    assert (await ledger.find_session("cks_1", owner=OWNER, now=NOW)) is not None
    await ledger.close()


@pytest.mark.requirement("policy.hourly", "once.concurrent")
async def test_calls_of_two_replicas_at_once_keep_every_promise(proxied: str, quoted: Entry) -> None:
    ledgers = [await PostgresLedger.open(proxied) for _ in range(2)]
    await asyncio.gather(*(ledgers[n % 2].add(replace(quoted, preview_id=f"prv_{n}")) for n in range(20)))
    claims = [claim(ledgers[n % 2], n // 2, hourly_limit=7) for n in range(40)]
    question: dict[str, Any] = {"owner": OWNER, "goods": GOODS, "now": NOW, "most": 3}
    questions = [ledgers[n % 2].count_question(f"prv_{n}", **question) for n in range(20)]
    taken, asked = await asyncio.gather(asyncio.gather(*claims), asyncio.gather(*questions))
    assert (taken.count(Claim.TAKEN), asked.count(True)) == (7, 3)
    for ledger in ledgers:
        await ledger.close()


@pytest.mark.requirement("ledger.storage")
async def test_a_pooler_that_comes_between_while_the_server_runs_is_refused(
    pooler: Pooler, empty_url: str, quoted: Entry
) -> None:
    """What was prepared at one of its servers is something else at another."""
    async with unsteady_network(socket_of(empty_url)) as network:
        ledger = await PostgresLedger.open(through(network, empty_url))
        await ledger.add(quoted)
        network.path = pooler.socket
        network.cut_all()
        with pytest.raises(LedgerUnavailable, match="leads to a pooler of connections since this server started"):
            await find(ledger)
        await ledger.close()
