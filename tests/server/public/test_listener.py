"""``serve --public-port``: a listener of its own, with nothing else on it, and nothing of it at ``/mcp``'s."""

import json
import os
import re
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client

from checkout_server.sandbox.payments import Event
from checkout_server.settings import SettingsError, load_settings
from fault_cases import call
from faulty_upstream import FaultyUpstream
from orders import ORDER
from processes import own_environment, server_environment
from public_world import KEY, OLD_KEY, document, signed
from served_tools import OFFERED
from shops import http_server

PAID = b'{"type": "payment.succeeded", "data": {}}'


@dataclass
class Served:
    """A server process, and a client of each of its listeners."""

    mcp: str
    public: str
    http: httpx2.AsyncClient
    errors: Path


@asynccontextmanager
async def served(folder: Path, upstream: str | None, **settings: str) -> AsyncGenerator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as free:  # the public URL must be known before the start
        port = free.getsockname()[1]
    public = f"http://127.0.0.1:{port}"
    environment = server_environment(folder / "ledger.db", upstream, CHECKOUT_PUBLIC_URL=public, **settings)
    async with (
        http_server(environment, folder / "errors", "--public-port", str(port)) as mcp,
        httpx2.AsyncClient(trust_env=False) as http,
    ):
        yield Served(mcp, public, http, folder / "errors")


async def post(http: httpx2.AsyncClient, url: str, *, key: str = KEY) -> int:
    return (await http.post(f"{url}/webhooks/dodo", content=PAID, headers=signed(PAID, "msg_1", key=key))).status_code


@pytest.mark.requirement("public.apart")
async def test_each_listener_has_its_own_routes_alone(tmp_path: Path) -> None:
    keys = f"{KEY} {OLD_KEY}"
    async with served(tmp_path, None, DODO_PAYMENTS_WEBHOOK_KEY=keys) as shop, Client(shop.mcp) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == [*OFFERED]
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        accept = {"accept": "application/json, text/event-stream"}
        assert (await shop.http.post(f"{shop.public}/mcp", json=ping, headers=accept)).status_code == 404
        origin = shop.mcp.removesuffix("/mcp")
        assert await post(shop.http, origin) == 404
        assert (await shop.http.get(f"{origin}/checkout/return/{'A' * 22}")).status_code == 404
        assert [await post(shop.http, shop.public, key=key) for key in (KEY, OLD_KEY)] == [204, 204]


@pytest.mark.requirement("public.apart")
async def test_without_a_key_there_is_no_webhook(tmp_path: Path) -> None:
    async with served(tmp_path, None) as shop:
        assert await post(shop.http, shop.public) == 404


@pytest.mark.requirement("return.token", "return.clean", "public.apart")
async def test_a_sale_through_a_real_server_ends_on_the_page_and_its_log_knows_nobody(tmp_path: Path) -> None:
    told: list[Event] = []
    async with FaultyUpstream().running() as upstream:
        upstream.sandbox.on_event.append(told.append)
        async with served(tmp_path, upstream.url, DODO_PAYMENTS_WEBHOOK_KEY=KEY) as shop, Client(shop.mcp) as client:
            quote = await call(client, "preview_checkout", **ORDER)
            customer = {"email": "buyer@example.com", "name": "Bo Buyer"}
            made = await call(client, "create_checkout_session", preview_id=quote["preview_id"], customer=customer)
            paid = await shop.http.post(f"{made['checkout_url']}/pay", data={"email": "buyer@example.com"})
            [back] = re.findall(f'{shop.public}/checkout/return/[^"]+', paid.text)
            page = await shop.http.get(back.replace("&amp;", "&"), follow_redirects=True)
            assert (page.status_code, page.history[0].status_code) == (200, 303)
            assert page.url.query == b""
            assert "Payment received" in page.text
            assert await post(shop.http, shop.public, key=OLD_KEY) == 401
            for number, event in enumerate(told):
                body = json.dumps(document(event)).encode()
                sent = await shop.http.post(
                    f"{shop.public}/webhooks/dodo", content=body, headers=signed(body, f"msg_buyer_{number}")
                )
                assert sent.status_code == 204
        token = urlsplit(back).path.rpartition("/")[2]
        log = shop.errors.read_text()
    events = [json.loads(line)["event"] for line in log.splitlines()[1:]]
    assert {"session.created", "webhook.refused", "webhook.stored", "server.stopped"} <= set(events)
    for secret in (token, "buyer@example.com", "Bo Buyer", "1 Main St", KEY, "msg_buyer"):
        assert secret not in log


@pytest.mark.requirement("cli.settings")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DODO_PAYMENTS_WEBHOOK_KEY", "hunter2!"),
        ("DODO_PAYMENTS_WEBHOOK_KEY", "whsec_"),
        ("DODO_PAYMENTS_WEBHOOK_KEY", f"{KEY},{OLD_KEY}"),
        ("DODO_PAYMENTS_WEBHOOK_KEY", "${WEBHOOK_KEY}"),
        ("CHECKOUT_PUBLIC_URL", "http://hunter2.example"),
        ("CHECKOUT_PUBLIC_URL", "https://user:hunter2@shop.example"),
        ("CHECKOUT_PUBLIC_URL", "https://shop.example/hunter2"),
        ("CHECKOUT_PUBLIC_URL", "https://shop.example?hunter2"),
        ("CHECKOUT_PUBLIC_URL", "shop.example"),
    ],
)
def test_an_unusable_setting_of_the_listener_is_named_without_its_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", own_environment() | {name: value})
    with pytest.raises(SettingsError) as raised:
        load_settings()
    [line] = str(raised.value).splitlines()
    assert line.startswith(f"{name} ")
    assert "hunter2" not in line


@pytest.mark.requirement("cli.settings")
def test_keys_are_separated_by_blanks_and_the_url_is_an_origin() -> None:
    settings = load_settings(
        DODO_PAYMENTS_WEBHOOK_KEY=f" {KEY}  {OLD_KEY}\n", CHECKOUT_PUBLIC_URL="https://shop.example/"
    )
    assert settings.webhook_keys == [KEY, OLD_KEY]
    assert settings.public_url == "https://shop.example"
    assert load_settings(CHECKOUT_PUBLIC_URL="http://localhost:8443").public_url == "http://localhost:8443"
    assert load_settings().webhook_keys == []
