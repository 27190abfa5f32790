"""By which names a server for a team is reached, from which pages, and through whom."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from checkout_server.settings import Settings, load_settings
from checkout_server.transports.own_names import only_for_own_names
from checkout_server.transports.proxies import ForwardedNames
from issuers import running_issuer
from processes import server_environment
from shops import http_server

ALLOWED = {
    "CHECKOUT_ALLOWED_HOSTS": "MCP.example.com, internal:8443,",
    "CHECKOUT_ALLOWED_ORIGINS": "https://app.example.com/,https://dev.example.com:5173",
}
HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


async def told(scope: Any, receive: Any, send: Any) -> None:
    url = Request(scope).url
    await PlainTextResponse(f"{url.scheme}://{url.netloc}")(scope, receive, send)


@asynccontextmanager
async def asked(settings: Settings, peer: str = "192.0.2.7") -> AsyncGenerator[httpx2.AsyncClient]:
    """A client with an address, of an app that answers how it was reached."""
    names = {"hosts": settings.server_names, "origins": settings.allowed_origins}
    app = ForwardedNames(only_for_own_names(told, "0.0.0.0", 8000, **names), settings.trusted_proxies)
    transport = httpx2.ASGITransport(app, client=(peer, 50000))  # pyright: ignore[reportArgumentType] - an app by another name
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.mark.requirement("transport.names")
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("mcp.example.com", 200),
        ("MCP.example.com", 200),
        ("mcp.example.com:443", 200),
        ("internal:8443", 200),
        ("127.0.0.1:8000", 200),
        ("internal", 421),
        ("internal:8444", 421),
        ("127.0.0.1:8001", 421),
        ("shop.mcp.example.com", 421),
        ("mcp.example.com.evil.example", 421),
        ("mcp.example.com:", 421),
        ("mcp.example.com:443.evil.example", 421),
        ("evil.example", 421),
    ],
)
async def test_a_server_is_reached_by_its_names_alone_and_says_which_setting_has_more(host: str, status: int) -> None:
    async with asked(load_settings(**ALLOWED)) as client:
        answer = await client.get("/mcp", headers={"host": host})
    assert answer.status_code == status
    if status == 421:
        assert "CHECKOUT_ALLOWED_HOSTS" in answer.text
        assert "example" not in answer.text


@pytest.mark.requirement("transport.names")
@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://app.example.com", 200),
        ("https://dev.example.com:5173", 200),
        ("http://localhost:6274", 200),
        ("http://app.example.com", 403),
        ("https://app.example.com:8443", 403),
        ("https://appxexample.com", 403),
        ("https://app.example.com.evil.example", 403),
        ("null", 403),
    ],
)
async def test_a_page_asks_from_a_listed_origin_alone_and_hears_which_setting_has_more(
    origin: str, status: int
) -> None:
    preflight = {"origin": origin, "access-control-request-method": "POST"}
    async with asked(load_settings(**ALLOWED)) as client:
        answer = await client.get("/mcp", headers={"origin": origin})
        allowed = await client.options("/mcp", headers=preflight)
    assert (answer.status_code, allowed.status_code) == (status, status)
    assert allowed.headers.get("access-control-allow-origin") == (origin if status == 200 else None)
    if status == 403:
        assert "CHECKOUT_ALLOWED_ORIGINS" in answer.text
        assert "example" not in answer.text


@pytest.mark.requirement("transport.names")
async def test_the_name_that_tokens_have_for_the_server_need_not_be_listed() -> None:
    url = "https://id.example"
    sign_in = {"CHECKOUT_AUTH_ISSUER": url, "CHECKOUT_AUTH_JWKS_URL": url, "CHECKOUT_AUTH_AUDIENCE": f"{url}/mcp"}
    async with asked(load_settings(**sign_in)) as client:
        assert (await client.get("/mcp", headers={"host": "id.example"})).status_code == 200
        assert (await client.get("/mcp", headers={"host": "mcp.example.com"})).status_code == 421


FORWARDED = {"host": "10.1.2.3:8000", "x-forwarded-host": "evil.example, mcp.example.com", "x-forwarded-proto": "https"}
PROXIES = {"CHECKOUT_TRUSTED_PROXIES": "10.0.0.0/8, 192.0.2.1, fd00::/8"}


@pytest.mark.requirement("transport.proxies")
@pytest.mark.parametrize("peer", ["10.9.8.7", "192.0.2.1", "fd00::5", "::ffff:10.9.8.7"])
async def test_a_trusted_proxy_says_how_the_client_reached_it(peer: str) -> None:
    async with asked(load_settings(**ALLOWED, **PROXIES), peer) as client:
        answer = await client.get("/mcp", headers=FORWARDED)
        odd = await client.get("/mcp", headers={"x-forwarded-proto": "javascript"})
        elsewhere = await client.get("/mcp", headers=FORWARDED | {"x-forwarded-host": "mcp.example.com, evil.example"})
    assert (answer.status_code, answer.text) == (200, "https://mcp.example.com")
    assert (odd.status_code, odd.text) == (200, "http://127.0.0.1:8000")
    assert elsewhere.status_code == 421


@pytest.mark.requirement("transport.proxies")
@pytest.mark.parametrize("peer", ["11.0.0.1", "192.0.2.2", "127.0.0.1", "fe80::1", "::ffff:11.0.0.1"])
async def test_what_anybody_else_says_of_forwarding_counts_for_nothing(peer: str) -> None:
    async with asked(load_settings(**ALLOWED, **PROXIES), peer) as client:
        refused = await client.get("/mcp", headers=FORWARDED)
        answer = await client.get("/mcp", headers=FORWARDED | {"host": "mcp.example.com"})
    assert refused.status_code == 421
    assert (answer.status_code, answer.text) == (200, "http://mcp.example.com")


@pytest.mark.requirement("transport.names")
def test_a_network_is_read_as_it_is_written() -> None:
    assert load_settings(**PROXIES).trusted_proxies == tuple(map(ip_network, ("10.0.0.0/8", "192.0.2.1", "fd00::/8")))


@pytest.mark.requirement("transport.proxies")
async def test_a_process_behind_a_proxy_leads_back_to_where_its_client_came_from(tmp_path: Path) -> None:
    settings = ALLOWED | {"CHECKOUT_TRUSTED_PROXIES": "127.0.0.1"}
    async with running_issuer() as issuer:
        environment = server_environment(tmp_path / "ledger.db", None, **settings, **issuer.settings)
        bearer = {"authorization": f"Bearer {issuer.token()}"}
        async with (
            http_server(environment, tmp_path / "errors") as url,
            httpx2.AsyncClient(trust_env=False, headers=HEADERS | bearer) as client,
        ):
            answer = await client.get(f"{url}/", headers=FORWARDED)
            for name in ("mcp.example.com", "checkout.example"):
                assert (await client.get(url, headers={"host": name})).status_code not in {421, 403}, name
            elsewhere = await client.get(url, headers={"host": "evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (307, "https://mcp.example.com/mcp")
    assert elsewhere.status_code == 421
