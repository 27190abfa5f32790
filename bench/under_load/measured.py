"""What a sale costs a team's server, beside a bare SDK server with the same check of tokens and the same requests.

The requests are those of the official client, recorded once and sent again as bytes, so that the clients cost next to
nothing. Whoever is measured takes turns with the others in one run.
"""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from issuers import Issuer
from processes import own_environment
from served import Served, running_serve
from throughput import MODES, POSTING, exchange, record_call
from under_load.agents import CREATE, PREVIEW, PRINCIPALS
from under_load.team import Database, cpu_seconds, running_team
from upstream import ORDER

PREVIEW_ID = re.compile(rb"prv_[\w-]{16}")
_BARE_SERVER = """
import asyncio, os, sys
import httpx2, jwt, uvicorn
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.mcpserver import MCPServer
from checkout_server.listening.loop import new_event_loop
from checkout_server.listening.loopback import bound_socket, url_of

ISSUER, AUDIENCE = os.environ["CHECKOUT_AUTH_ISSUER"], os.environ["CHECKOUT_AUTH_AUDIENCE"]
keys = jwt.PyJWKClient(os.environ["CHECKOUT_AUTH_JWKS_URL"])


class Verifier:
    async def verify_token(self, token):
        key = keys.get_signing_key_from_jwt(token)
        claims = jwt.decode(
            token, key.key, algorithms=["ES256"], issuer=ISSUER, audience=AUDIENCE, leeway=30,
            options={"require": ["iss", "aud", "exp", "sub"]},
        )
        return AccessToken(
            token=token, client_id="", scopes=claims["scope"].split(), subject=claims["sub"], claims=claims
        )


server = MCPServer(
    "bare", log_level="WARNING", token_verifier=Verifier(),
    auth=AuthSettings(
        issuer_url=ISSUER, resource_server_url=AUDIENCE, required_scopes=["checkout:create"],
        validate_token_resource=False,
    ),
)
"""
BARE = f"{_BARE_SERVER}{POSTING}"


class Calls(NamedTuple):
    """The two requests of a sale at one server."""

    url: str
    preview: bytes
    create: bytes

    async def sell_until(self, end: float, *, first: float, interval: float) -> int:
        """How many sales one client makes, one after the other, until a moment of the monotonic clock: the first and
        all others not before their moments."""
        parts, count, due = urlsplit(self.url), 0, first
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while max(time.monotonic(), due) < end:
            await asyncio.sleep(max(due - time.monotonic(), 0))
            due += interval
            quoted = PREVIEW_ID.search(await exchange(reader, writer, self.preview))
            # Of our own server; each buyer is another one, by their address.
            create = PREVIEW_ID.sub(quoted[0], self.create) if quoted else self.create
            await exchange(reader, writer, create)
            count += 1
        writer.close()
        return count


@dataclass
class Turns:
    """What a server did in its turns."""

    rates: list[float] = field(default_factory=list[float])
    """Sales a second."""
    sales: int = 0
    cpu_seconds: float = 0.0
    statements: int = 0

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def cpu_of_a_sale(self) -> float:
        return self.cpu_seconds / self.sales

    @property
    def statements_of_a_sale(self) -> float:
        return self.statements / self.sales


@dataclass
class Measured:
    """One server: the turns in which it sells as fast as it can, and those at a given rate."""

    processes: list[Served]
    ledger: str | None = None
    clients: list[Calls] = field(default_factory=list[Calls])
    fast: Turns = field(default_factory=Turns)
    paced: Turns = field(default_factory=Turns)

    async def take_turn(self, database: Database, seconds: float, turns: Turns, *, rate: float | None = None) -> None:
        """Sell for some seconds, at so many sales a second at most."""
        interval = 0.0 if rate is None else len(self.clients) / rate
        before = await self._spent(database)
        started = time.monotonic()
        end = started + seconds
        selling = [
            each.sell_until(end, first=started + interval * number / len(self.clients), interval=interval)
            for number, each in enumerate(self.clients)
        ]
        sold = sum(await asyncio.gather(*selling))
        lasted = time.monotonic() - started
        after = await self._spent(database)
        turns.rates.append(sold / lasted)
        turns.sales += sold
        turns.cpu_seconds += after[0] - before[0]
        turns.statements += after[1] - before[1]

    async def _spent(self, database: Database) -> tuple[float, int]:
        return cpu_seconds(self.processes), await database.statements(self.ledger) if self.ledger else 0


@asynccontextmanager
async def prepared(
    database: Database, folder: Path, upstream: str, issuer: Issuer, clients: int
) -> AsyncGenerator[dict[str, Measured]]:
    """A bare server, ours as one replica, and ours as two, each with as many clients."""
    async with AsyncExitStack() as stack:
        tokens = [issuer.token(sub=f"agent-{number}@example.com") for number in range(PRINCIPALS)]
        environment = own_environment() | issuer.settings | {"UPSTREAM": upstream}
        process = await stack.enter_async_context(running_serve(environment, program=(sys.executable, "-c", BARE)))
        bare = process.urls["mcp"]
        order = {"path": "/checkouts/preview", "body": ORDER}
        sale = {"path": "/checkouts", "body": ORDER | {"metadata": {"mcp_preview_id": "none"}}}

        async def record(url: str, number: int, *calls: tuple[str, dict[str, Any]]) -> list[bytes]:
            headers = {"authorization": f"Bearer {tokens[number % PRINCIPALS]}"}
            return [await record_call(stack, url, MODES[number % len(MODES)], call, headers) for call in calls]

        servers = {"bare": Measured([process])}
        for number in range(clients):
            requests = await record(bare, number, ("post", order), ("post", sale))
            servers["bare"].clients.append(Calls(bare, *requests))
        for count, name in ((1, "one replica"), (2, "two replicas")):
            ledger = await database.make(f"replicas_{count}")
            team = await stack.enter_async_context(running_team(count, folder, upstream, ledger, issuer))
            ours = servers[name] = Measured(team.replicas, ledger)
            for number in range(clients):
                url = team.urls[number // len(MODES) % count]
                [preview] = await record(url, number, (PREVIEW, ORDER))
                quoted = await record_preview_id(preview, url)
                buyer = {"customer": {"email": f"{quoted}@example.com", "name": "Buyer"}}
                [create] = await record(url, number, (CREATE, {"preview_id": quoted, **buyer}))
                ours.clients.append(Calls(url, preview, create))
        yield servers


async def record_preview_id(preview: bytes, url: str) -> str:
    """The id that a request for a preview is answered with."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    found = PREVIEW_ID.search(await exchange(reader, writer, preview))
    writer.close()
    assert found is not None
    return found[0].decode()
