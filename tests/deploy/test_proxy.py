"""The Caddyfile in a real Caddy, in front of two replicas."""

import asyncio
import re
import shutil
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from deployed import text_of
from evals.upstream import running_upstream
from issuers import Issuer, running_issuer
from orders import CONFIRMED, TWO
from processes import server_environment
from replicas import OLD
from served import Served, running_serve
from shops import ERAS, Person

CADDY = shutil.which("caddy")
NO_CADDY = "no caddy: uv sync --group lint"
pytestmark = [pytest.mark.thorough, pytest.mark.skipif(CADDY is None, reason=NO_CADDY)]
CALLERS, MOST_CALLERS = 6, 40
"""So many at least, and then until one has come to each replica: all of the most at one of them is no chance."""


@dataclass
class Site:
    """Two replicas behind Caddy."""

    url: str
    issuer: Issuer
    replicas: list[Served]
    upstream: Any

    @asynccontextmanager
    async def caller(self, subject: str, era: str, person: Any) -> AsyncGenerator[Client]:
        headers = {"authorization": f"Bearer {self.issuer.token(sub=subject)}"}
        async with (
            httpx2.AsyncClient(headers=headers, trust_env=False, timeout=30) as http,
            Client(
                streamable_http_client(f"{self.url}/mcp", http_client=http),
                mode=ERAS[era],
                elicitation_callback=person,
            ) as client,
        ):
            yield client


@asynccontextmanager
async def site(folder: Path) -> AsyncGenerator[Site]:
    async with running_issuer() as issuer, running_upstream() as upstream, AsyncExitStack() as stack:
        port = _free_port()
        environment = server_environment(
            folder / "ledger.db", upstream.url, CHECKOUT_SECRET_KEYS=OLD, CHECKOUT_TRUSTED_PROXIES="127.0.0.1",
            CHECKOUT_ALLOWED_HOSTS=f"localhost:{port}", **issuer.settings,
        )  # fmt: skip
        starts = [stack.enter_async_context(running_serve(environment)) for _ in range(2)]
        replicas = list(await asyncio.gather(*starts))
        url = await stack.enter_async_context(_running_caddy(folder, port, replicas))
        yield Site(url, issuer, replicas, upstream)


@asynccontextmanager
async def _running_caddy(folder: Path, port: int, replicas: list[Served]) -> AsyncGenerator[str]:
    """With the names of the example in place of Compose's; ready when it answers."""
    text = text_of("Caddyfile")
    for number, replica in enumerate(replicas, 1):
        text = text.replace(f"checkout-{number}:8000", replica.urls["mcp"].removeprefix("http://").removesuffix("/mcp"))
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text)
    homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    url = f"http://localhost:{port}"
    process = await asyncio.create_subprocess_exec(
        str(CADDY), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile",
        env=homes | {"CHECKOUT_HOST": url}, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    lines: list[str] = []
    async for line in process.stderr:
        lines.append(line.decode())
        if "serving initial configuration" in lines[-1]:
            break
    else:
        raise AssertionError(lines)

    async def drain() -> None:
        async for _ in process.stderr or ():
            pass

    draining = asyncio.create_task(drain())
    try:
        yield url
    finally:
        process.terminate()
        await process.wait()
        await draining


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.mark.requirement("deploy.proxy")
@pytest.mark.parametrize("era", ERAS)
async def test_every_caller_is_asked_and_answers_whichever_replica_they_are_led_to(tmp_path: Path, era: str) -> None:
    async with site(tmp_path) as behind:
        callers = 0
        # Callers are spread by their tokens, which are random.
        while callers < CALLERS or (callers < MOST_CALLERS and not all(map(has_sold, behind.replicas))):
            person = Person()
            async with behind.caller(f"agent-{callers}", era, person) as client:
                quoted = (await client.call_tool("preview_checkout", TWO)).structured_content or {}
                result = await client.call_tool(
                    "create_checkout_session", {"preview_id": quoted["preview_id"], **CONFIRMED}
                )
            assert not result.is_error, result.structured_content
            assert len(person.questions) == 1
            callers += 1
        assert len(behind.upstream.created) == callers
    assert all(map(has_sold, behind.replicas))


def has_sold(replica: Served) -> bool:
    return any("session.created" in line for line in replica.lines)


@pytest.mark.requirement("deploy.proxy")
async def test_what_is_not_for_clients_is_not_served(tmp_path: Path) -> None:
    async with site(tmp_path) as behind, httpx2.AsyncClient(base_url=behind.url, trust_env=False) as http:
        metadata = "/.well-known/oauth-protected-resource/mcp"
        statuses = {path: (await http.get(path)).status_code for path in ("/mcp", metadata, "/readyz", "/healthz", "/")}
    assert statuses == {"/mcp": 401, metadata: 200, "/readyz": 404, "/healthz": 404, "/": 404}


@pytest.mark.requirement("deploy.proxy")
def test_the_replicas_of_both_policies_are_the_same() -> None:
    upstreams = re.findall(r"reverse_proxy (.*) \{", text_of("Caddyfile"))
    assert len(upstreams) == 2
    assert len(set(upstreams)) == 1
