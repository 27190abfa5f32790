"""After a decline: both of what the provider documents, each as the sandbox was started."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from browser import needs_browser
from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.sessions import AfterDecline, Sandbox
from hosted_page import ADDRESS, CART, CUSTOMER, NO_FUNDS, visiting

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(120)]

RETURN_URL = "https://shop.example/thanks"
ORDER = {"product_cart": CART, "customer": CUSTOMER, "billing_address": ADDRESS, "return_url": RETURN_URL}
DECLINED = {"card_number": NO_FUNDS}


@asynccontextmanager
async def buying(after_decline: AfterDecline, **order: object) -> AsyncGenerator[tuple[httpx2.AsyncClient, Sandbox]]:
    """A buyer's client at the address of a new session's page."""
    sandbox = Sandbox(after_decline=after_decline)
    session = sandbox.create(ORDER | order)
    async with (
        running_app(create_app(sandbox)) as url,
        httpx2.AsyncClient(base_url=f"{url}/session/{session.id}") as http,
    ):
        yield http, sandbox


@pytest.mark.requirement("sandbox.declines")
async def test_where_a_decline_can_be_retried_the_page_stays_and_takes_another_card() -> None:
    async with buying("retry") as (http, sandbox):
        declined = await http.post("/pay", data=DECLINED)
        assert 'id="checkout"' in declined.text
        assert f"{RETURN_URL}?payment_id={sandbox.payments[0].id}&amp;status=failed" in declined.text
        assert 'id="checkout"' in (await http.get(str(http.base_url).rstrip("/"))).text
        assert (await http.post("/pay")).status_code == 200
        assert [each.status for each in sandbox.payments] == ["failed", "succeeded"]


@pytest.mark.requirement("sandbox.declines")
async def test_where_a_decline_ends_the_session_its_page_has_been_used() -> None:
    async with buying("end") as (http, sandbox):
        declined = await http.post("/pay", data=DECLINED)
        assert "insufficient funds" in declined.text
        assert 'id="checkout"' not in declined.text
        assert f"{RETURN_URL}?payment_id={sandbox.payments[0].id}&amp;status=failed" in declined.text
        page = str(http.base_url).rstrip("/")
        again = [await http.get(page), await http.post("/pay"), await http.post("/challenge")]
        assert [each.status_code for each in again] == [410, 410, 410]
        assert all("already been used" in each.text and RETURN_URL not in each.text for each in again)
        assert [each.status for each in sandbox.payments] == ["failed"]


@pytest.mark.requirement("sandbox.declines")
async def test_only_an_attempt_that_ends_the_session_returns_at_once() -> None:
    flags = {"redirect_immediately": True}
    async with buying("retry", feature_flags=flags) as (http, _sandbox):
        assert (await http.post("/pay", data=DECLINED)).status_code == 200
    async with buying("end", feature_flags=flags) as (http, sandbox):
        answer = await http.post("/pay", data=DECLINED)
        assert answer.status_code == 303
        assert dict(parse_qsl(urlsplit(answer.headers["location"]).query)) == {
            "payment_id": sandbox.payments[0].id,
            "status": "failed",
            "email": CUSTOMER["email"],
        }


@pytest.mark.requirement("sandbox.declines")
async def test_a_rejected_confirmation_ends_the_session_too() -> None:
    async with buying("end") as (http, sandbox):
        await http.post("/challenge")
        await http.post("/fail")
        assert (await http.post("/pay")).status_code == 410
        assert [each.error_code for each in sandbox.payments] == ["AUTHENTICATION_FAILURE"]


@pytest.mark.requirement("sandbox.declines")
@needs_browser
async def test_a_buyer_whose_only_attempt_failed_goes_back_to_the_shop() -> None:
    async with visiting(sandbox=Sandbox(after_decline="end")) as visit:
        await visit.pay(NO_FUNDS)
        await visit.page.click("#continue")
        await visit.page.wait_for_url(f"{visit.shop}/**")
        assert "status=failed" in visit.page.url


@pytest.mark.requirement("sandbox.declines")
@pytest.mark.skipif(os.name != "posix", reason="Windows has no signals to send to another process")
@pytest.mark.parametrize(("option", "status"), [([], 200), (["--after-decline", "end"], 410)])
async def test_the_command_says_what_a_decline_does(option: list[str], status: int) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "checkout_server", "sandbox", "--port", "0", *option, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    url = (await process.stderr.readline()).decode().strip()
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": "Bearer x"}) as http:
        made = (await http.post("/checkouts", json=ORDER)).json()
        await http.post(f"{made['checkout_url']}/pay", data=DECLINED)
        assert (await http.get(made["checkout_url"])).status_code == status
    process.send_signal(signal.SIGTERM)
    await process.communicate()
