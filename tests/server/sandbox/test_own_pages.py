"""Who reaches the sandbox: loopback names, and for the cart no page but its own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx2
import pytest

from browser import browsing, needs_browser
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.sessions import Sandbox

pytestmark = pytest.mark.timeout(120)


@asynccontextmanager
async def serving() -> AsyncGenerator[tuple[Sandbox, str]]:
    sandbox = Sandbox()
    async with running_app(create_app(sandbox)) as url:
        yield sandbox, url


@pytest.mark.requirement("sandbox.own_pages")
@needs_browser
async def test_a_page_of_another_site_opens_no_checkout() -> None:
    async with serving() as (sandbox, url), serving() as (_other, elsewhere), browsing() as page:
        await page.goto(f"{elsewhere}/products")
        async with page.expect_navigation():
            await page.evaluate(
                """url => {
                    document.body.innerHTML = `<form method=post action="${url}"><input name=prod_123 value=1></form>`;
                    document.forms[0].submit();
                }""",
                f"{url}/sandbox/checkouts",
            )
        assert "Only this page may open a checkout" in await page.inner_text("#problem")
        assert sandbox.sessions == {}


@pytest.mark.requirement("sandbox.own_pages")
@pytest.mark.parametrize("origin", ["null", "https://shop.example", "http://127.0.0.1:1", ""])
async def test_an_origin_that_is_not_its_own_opens_no_checkout(origin: str) -> None:
    async with serving() as (sandbox, url), httpx2.AsyncClient(base_url=url) as http:
        answer = await http.post("/sandbox/checkouts", data={"prod_123": "1"}, headers={"origin": origin})
        assert (answer.status_code, sandbox.sessions) == (403, {})


@pytest.mark.requirement("sandbox.own_pages")
@pytest.mark.parametrize("path", ["/", "/products", "/payments", "/session/cks_1", "/sandbox"])
async def test_a_name_that_was_made_to_lead_here_reaches_nothing(path: str) -> None:
    async with serving() as (_sandbox, url), httpx2.AsyncClient(base_url=url) as http:
        port = urlsplit(url).port
        for name in (
            "shop.example",
            f"shop.example:{port}",
            "127.0.0.1.shop.example",
            "128.0.0.1",
            "localhost.example",
        ):
            answer = await http.get(path, headers={"host": name, "authorization": "Bearer x"})
            assert (answer.status_code, answer.json()["code"]) == (421, "MISDIRECTED"), name
        for name in (f"127.0.0.1:{port}", f"LOCALHOST:{port}", "[::1]", "127.0.0.2"):
            answer = await http.get(path, headers={"host": name, "authorization": "Bearer x"})
            assert answer.status_code != 421, name
