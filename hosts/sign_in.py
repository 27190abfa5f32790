"""A whole sign-in: a real authorization server, our server behind it, a person's browser, and where a client is
described."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from authorities import Authority, make_authority, tls_in_front_of
from environments import OIDC_PROVIDER, environment_variables, installed
from processes import server_environment
from shops import Upstream, http_server, running_upstream

SUBJECT = "jane@example.com"
CALLBACK = "http://127.0.0.1:33418/callback"
"""Nobody listens there: the browser stops before it."""


@dataclass
class SignIn:
    """What a client meets."""

    url: str
    """Of our server's endpoint."""
    issuer: str
    upstream: Upstream
    authority: Authority
    asked: list[dict[str, Any]] = field(default_factory=list)
    """What the authorization server was asked, in order."""

    def paths(self) -> list[str]:
        return [f"{each['method']} {each['path']}" for each in self.asked]

    def authorizations(self) -> list[dict[str, str]]:
        return [each["query"] for each in self.asked if each["path"] == "/auth"]


@asynccontextmanager
async def signing_in(folder: Path, **settings: str) -> AsyncGenerator[SignIn]:
    """Our server, which trusts the authorization server alone."""
    port = _free_port()
    resource = f"http://127.0.0.1:{port}/mcp"
    authority = make_authority(folder / "authority")
    async with running_upstream() as upstream, _authorization_server(resource, authority) as (issuer, asked):
        environment = server_environment(
            folder / "ledger.db",
            upstream.url,
            CHECKOUT_AUTH_ISSUER=issuer,
            CHECKOUT_AUTH_JWKS_URL=f"{issuer}/jwks",
            CHECKOUT_AUTH_AUDIENCE=resource,
            **settings,
        )
        async with http_server(environment, folder / "server.log", "--port", str(port)) as url:
            yield SignIn(url, issuer, upstream, authority, asked)


@asynccontextmanager
async def _authorization_server(
    resource: str, authority: Authority
) -> AsyncGenerator[tuple[str, list[dict[str, Any]]]]:
    command = OIDC_PROVIDER.command(await installed(OIDC_PROVIDER), "authorization_server.mjs")
    process = await asyncio.create_subprocess_exec(
        *command, resource, SUBJECT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env=environment_variables() | {"NODE_EXTRA_CA_CERTS": str(authority.certificate)},
    )  # fmt: skip
    assert process.stdout is not None
    asked: list[dict[str, Any]] = []

    async def listen() -> None:
        async for line in process.stdout or ():
            asked.append(json.loads(line))

    issuer = (await process.stdout.readline()).decode().strip()
    listening = asyncio.create_task(listen())
    try:
        yield issuer, asked
    finally:
        process.kill()
        await process.wait()
        await listening


@asynccontextmanager
async def client_document(authority: Authority, **fields: Any) -> AsyncGenerator[str]:
    """The URL of a client's own description, which is its id (a client metadata document)."""
    described: dict[str, Any] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps(described).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        writer.write(f"{head}connection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    plain = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with tls_in_front_of(plain, authority) as secure:
        url = f"{secure}/client.json"
        described |= {"client_id": url, "token_endpoint_auth_method": "none", "redirect_uris": [CALLBACK]} | fields
        try:
            yield url
        finally:
            server.close()


async def browse(address: str) -> str:
    """The address that a person's browser ends at, who signs in and agrees: the client's own."""
    async with httpx2.AsyncClient(trust_env=False) as browser:
        while not address.startswith(CALLBACK):
            page = await browser.get(address)
            assert page.is_redirect, page.text
            address = str(page.url.join(page.headers["location"]))
    return address


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
