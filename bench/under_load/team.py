"""A team's server as it is deployed: replicas of ``serve`` with authorization on one PostgreSQL."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

import postgres
from issuers import Issuer
from processes import own_environment
from served import Served, running_serve

KEYS = base64.urlsafe_b64encode(b"k" * 32).decode()
COUNTED = """
SELECT coalesce(sum(calls), 0)::bigint
FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
WHERE datname = current_database() AND query NOT LIKE '%pg_stat_statements%'
"""


@dataclass
class Database:
    """A PostgreSQL that counts the ledger's statements and can be crashed."""

    server: Any

    async def make(self, name: str) -> str:
        """The URL of a new ledger."""
        await postgres.run(self.server.get_uri(), f"CREATE DATABASE {name}")
        url: str = self.server.get_uri(name)
        await postgres.run(url, "CREATE EXTENSION pg_stat_statements")
        return url

    async def statements(self, url: str) -> int:
        """How many were executed in a ledger since its server was started."""
        connection = await postgres.connect(url)
        try:
            return await connection.fetchval(COUNTED)
        finally:
            await connection.close()

    async def crash(self) -> None:
        await asyncio.to_thread(postgres.stop, self.server)

    async def start(self) -> None:
        await asyncio.to_thread(self.server.ensure_postgres_running)


@contextmanager
def running_database() -> Generator[Database]:
    with postgres.start(f"load-{os.getpid()}") as server:  # nobody else's: it is crashed
        server.psql("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements';")
        postgres.stop(server)
        server.ensure_postgres_running()
        yield Database(server)


@dataclass
class Team:
    """Replicas by their numbers, which they keep when they are started again."""

    environment: dict[str, str]
    stack: AsyncExitStack
    replicas: list[Served] = field(default_factory=list[Served])
    killed: list[Served] = field(default_factory=list[Served])

    @property
    def urls(self) -> list[str]:
        return [each.urls["mcp"] for each in self.replicas]

    async def start(self) -> Served:
        return await self.stack.enter_async_context(running_serve(self.environment))

    async def kill(self, number: int) -> None:
        """Without a word to anybody."""
        replica = self.replicas[number]
        replica.process.kill()
        await replica.process.wait()
        self.killed.append(replica)

    async def restart(self, number: int) -> None:
        self.replicas[number] = await self.start()

    def crashes(self) -> list[str]:
        """The events of defects in the logs."""
        lines = (line for each in (*self.replicas, *self.killed) for line in each.lines if line.startswith("{"))
        return [event for event in (json.loads(line)["event"] for line in lines) if event.endswith("crashed")]


def cpu_seconds(processes: list[Served]) -> float:
    """What they have used until now."""
    times = (psutil.Process(each.process.pid).cpu_times() for each in processes)
    return sum(each.user + each.system for each in times)


@asynccontextmanager
async def running_team(count: int, folder: Path, upstream: str, ledger: str, issuer: Issuer) -> AsyncGenerator[Team]:
    """So many replicas that sell through an upstream and trust an issuer."""
    (folder / "policy.toml").write_text("confirm.list_any_customer = true\n")
    environment = own_environment() | issuer.settings | {
        "DODO_PAYMENTS_API_KEY": "bench", "DODO_PAYMENTS_BASE_URL": upstream, "CHECKOUT_LEDGER": ledger,
        "CHECKOUT_SECRET_KEYS": KEYS, "CHECKOUT_LOG_LEVEL": "WARNING",
    }  # fmt: skip
    async with AsyncExitStack() as stack:
        team = Team(environment, stack)
        team.replicas += await asyncio.gather(*(team.start() for _ in range(count)))
        yield team
