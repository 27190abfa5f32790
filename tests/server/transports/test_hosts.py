"""Who may speak to the server over HTTP: whoever asks for it by a loopback name of its own."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client

from processes import server_environment
from shops import http_server

pytestmark = pytest.mark.requirement("transport.loopback")

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPT = {"accept": "application/json, text/event-stream"}


async def status_for(url: str, **headers: str) -> int:
    async with httpx2.AsyncClient(trust_env=False) as client:
        return (await client.post(url, json=PING, headers=ACCEPT | headers)).status_code


async def test_a_page_whose_name_was_made_to_lead_here_is_refused(tmp_path: Path) -> None:
    async with http_server(server_environment(tmp_path / "ledger.db", None), tmp_path / "errors") as url:
        port = urlsplit(url).port
        for name in ("127.0.0.1", "localhost", "[::1]"):
            assert await status_for(url, host=f"{name}:{port}", origin=f"http://{name}:{port}") not in {421, 403}, name
        for name in ("shop.example", "127.0.0.1.shop.example", "0.0.0.0", "shop.localhost"):
            assert await status_for(url, host=f"{name}:{port}") == 421, name
        assert await status_for(url, origin="https://shop.example") == 403
        assert await status_for(url, origin="null") == 403


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has more loopback addresses than 127.0.0.1 by itself")
async def test_another_loopback_address_is_served_by_its_name(tmp_path: Path) -> None:
    settings = server_environment(tmp_path / "ledger.db", None)
    async with http_server(settings, tmp_path / "errors", "--host", "127.0.0.2") as url, Client(url) as client:
        assert url.startswith("http://127.0.0.2:")
        assert len((await client.list_tools()).tools) == 4
