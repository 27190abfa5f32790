"""Who may speak to the server over HTTP: whoever asks for it by a loopback name, and pages of this machine."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client
from starlette.responses import PlainTextResponse

from checkout_server.transports.own_names import only_for_own_names
from processes import server_environment
from served_tools import OFFERED
from shops import http_server

NOT_OURS = (
    "Invalid Host header: this server is reached by its loopback names with its port, and by those that "
    "CHECKOUT_ALLOWED_HOSTS lists."
)
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPT = {"accept": "application/json, text/event-stream"}
INSPECTOR = "http://localhost:6274"


async def status_for(url: str, **headers: str) -> int:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return (await client.post(url, json=PING, headers=ACCEPT | headers)).status_code


@pytest.mark.requirement("transport.loopback")
async def test_a_page_whose_name_was_made_to_lead_here_is_refused(tmp_path: Path) -> None:
    async with http_server(server_environment(tmp_path / "ledger.db", None), tmp_path / "errors") as url:
        port = urlsplit(url).port
        for name in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
            assert await status_for(url, host=f"{name}:{port}", origin=f"http://localhost:{port}") not in {421, 403}
        for name in ("shop.example", "127.0.0.1.shop.example", "0.0.0.0", "shop.localhost"):
            assert await status_for(url, host=f"{name}:{port}") == 421, name
        assert await status_for(url, origin="https://shop.example") == 403
        assert await status_for(url, origin="null") == 403


@pytest.mark.requirement("transport.loopback")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has more loopback addresses than 127.0.0.1 by itself")
async def test_another_loopback_address_is_served_by_its_name(tmp_path: Path) -> None:
    settings = server_environment(tmp_path / "ledger.db", None)
    async with http_server(settings, tmp_path / "errors", "--host", "127.0.0.2") as url, Client(url) as client:
        assert url.startswith("http://127.0.0.2:")
        assert [tool.name for tool in (await client.list_tools()).tools] == [*OFFERED]


@asynccontextmanager
async def asked(port: int) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of an app that is served on a port of 127.0.0.1."""
    app = only_for_own_names(PlainTextResponse("sold"), "127.0.0.1", port)
    transport = httpx2.ASGITransport(app)  # pyright: ignore[reportArgumentType] - an app by another name
    async with httpx2.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{port}") as client:
        yield client


@pytest.mark.requirement("transport.loopback")
@pytest.mark.parametrize(
    ("port", "host", "status"),
    [
        (8000, "127.0.0.1:8000", 200),
        (8000, "localhost:8000", 200),
        (8000, "[::1]:8000", 200),
        (8000, "127.0.0.1:8000.evil.example", 421),
        (8000, "127.0.0.1:80001", 421),
        (8000, "127.0.0.1:8001", 421),
        (8000, "127.0.0.1:", 421),
        (8000, "127.0.0.1", 421),
        (8000, "", 421),
        (80, "127.0.0.1", 200),
        (80, "localhost", 200),
        (80, "127.0.0.1:80", 200),
        (80, "127.0.0.1:8000", 421),
        (80, "shop.example", 421),
    ],
)
async def test_a_host_is_compared_as_a_whole(port: int, host: str, status: int) -> None:
    async with asked(port) as client:
        answer = await client.get("/mcp", headers={"host": host})
    assert answer.status_code == status
    if status == 421:
        assert answer.text == NOT_OURS


@pytest.mark.requirement("transport.loopback")
async def test_two_hosts_are_none() -> None:
    async with asked(8000) as client:
        both = [("host", "127.0.0.1:8000"), ("host", "shop.example")]
        assert (await client.get("/mcp", headers=both)).status_code == 421
        assert (await client.get("/mcp", headers=both[::-1])).status_code == 421


@pytest.mark.requirement("transport.loopback")
@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (INSPECTOR, 200),
        ("http://localhost", 200),
        ("http://127.0.0.1:3000", 200),
        ("http://[::1]:3000", 200),
        ("http://localhost:6274.evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("http://localhost:6274@evil.example", 403),
        ("http://evil.example:6274", 403),
        ("http://127x0x0x1", 403),
        ("https://localhost:6274", 403),
        ("http://localhost:", 403),
        ("null", 403),
        ("", 403),
    ],
)
async def test_an_origin_is_compared_as_a_whole_with_any_port(origin: str, status: int) -> None:
    async with asked(8000) as client:
        assert (await client.get("/mcp", headers={"origin": origin})).status_code == status


PREFLIGHT = {
    "origin": INSPECTOR,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,mcp-protocol-version,mcp-method,authorization",
}


@pytest.mark.requirement("transport.browser")
async def test_a_browser_may_ask_from_a_page_of_this_machine(tmp_path: Path) -> None:
    async with (
        http_server(server_environment(tmp_path / "ledger.db", None), tmp_path / "errors") as url,
        httpx2.AsyncClient(trust_env=False) as client,
    ):
        preflight = await client.options(url, headers=PREFLIGHT)
        answer = await client.post(url, json=PING, headers=ACCEPT | {"origin": INSPECTOR})
        evil = await client.options(url, headers=PREFLIGHT | {"origin": "http://localhost:6274.evil.example"})
        rebound = await client.options(url, headers=PREFLIGHT | {"host": "evil.example"})
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == INSPECTOR
    assert {"GET", "POST", "DELETE"} <= set(preflight.headers["access-control-allow-methods"].split(", "))
    allowed = preflight.headers["access-control-allow-headers"].split(",")
    assert set(PREFLIGHT["access-control-request-headers"].split(",")) <= {each.strip() for each in allowed}
    assert answer.headers["access-control-allow-origin"] == INSPECTOR
    assert answer.headers["access-control-expose-headers"].lower() == "mcp-session-id, www-authenticate"
    for refused, status in ((evil, 403), (rebound, 421)):
        assert refused.status_code == status
        assert not [name for name in refused.headers if name.startswith("access-control")]
