"""What one principal sold is nobody else's: its ids are answered as ids that do not exist, in the same way."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.server.transport_security import TransportSecuritySettings

from checkout_server.app import build_server
from checkout_server.checkout.principal import LOCAL
from checkout_server.listening.embedded import EmbeddedServer, embedded_config
from checkout_server.listening.loopback import bound_socket, url_of
from checkout_server.tools.served import TOOLS
from orders import CONFIRMED, HOSTED, ORDER
from shops import Shop

CREATE, STATUS = "create_checkout_session", "get_checkout_session"
ANOTHER = replace(LOCAL, id="f" * 32)
BUYER: dict[str, Any] = {"customer": {"email": "jane.doe@example.com", "name": "Jane Doe"}}
EVERYTHING = """
[confirm]
list_saved_payment_methods = true
[share]
license_keys = true
custom_field_responses = true
invoice_url = true
"""
OUR_IDS = ("preview_id", "session_id")
"""Arguments that name what a principal made here."""


def taking(argument: str) -> list[str]:
    """The tools that take an id of ours."""
    return [each.name for each in TOOLS if argument in each.request.model_fields]


async def quoted(shop: Any) -> dict[str, str]:
    return {"preview_id": await shop.preview_id()}


async def created(shop: Any) -> dict[str, str]:
    preview = await quoted(shop)
    return preview | {"session_id": (await shop.call(CREATE, preview | BUYER))["session_id"]}


async def paid(shop: Any) -> dict[str, str]:
    made = await created(shop)
    async with httpx2.AsyncClient(trust_env=False) as browser:
        await browser.post(f"{shop.upstream.url}/session/{made['session_id']}/pay")
    return made


async def refused(shop: Any) -> dict[str, str]:
    preview = await quoted(shop)
    shop.upstream.statuses["/checkouts"] = 422
    await shop.refusal(CREATE, preview)
    shop.upstream.statuses.clear()
    return preview


async def lost(shop: Any) -> dict[str, str]:
    preview = await quoted(shop)
    shop.upstream.statuses["/checkouts"] = 502
    await shop.refusal(CREATE, preview)
    shop.upstream.statuses.clear()
    return preview


async def charged(shop: Any) -> dict[str, str]:
    preview = {"preview_id": (await shop.call("preview_checkout", ORDER))["preview_id"]}
    return preview | {"session_id": (await shop.call(CREATE, preview | CONFIRMED))["session_id"]}


SOLD: list[Callable[[Any], Awaitable[dict[str, str]]]] = [quoted, created, paid, refused, lost, charged]
INVENTED = {"preview_id": "prv_AbCdEfGhIjKlMnOp", "session_id": "cks_AbCdEfGhIjKlMnOp"}
MORE: list[dict[str, Any]] = [{}, HOSTED, CONFIRMED, {"wait_seconds": 1}, {"return_url": "https://shop.example.com"}]


async def asked(shop: Any, tool: str, arguments: dict[str, Any]) -> tuple[Any, list[str]]:
    """What a call came to, without its own number, and the requests that reached the API."""
    before = len(shop.upstream.requests)
    result = await shop.client.call_tool(tool, arguments)
    told = re.sub(r"err_[0-9a-f]{12}", "err_", result.model_dump_json(exclude={"meta"}))
    sent = [f"{method} {path}" for method, path, _ in shop.upstream.requests[before:]]
    return told, [re.sub(r"cks_[\w-]+", "{id}", each) for each in sent]


@asynccontextmanager
async def over_http(shop: Any) -> AsyncGenerator[Shop]:
    """The same shop over HTTP."""
    unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = build_server(shop.desk).streamable_http_app(transport_security=unchecked)
    listener = bound_socket("127.0.0.1", 0)
    server = EmbeddedServer(embedded_config(app, grace_seconds=1))
    listener.listen()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    async with Client(f"{url_of(listener)}/mcp") as client:
        yield Shop(client, shop.upstream, shop.desk)
    server.stop()
    await serving


@pytest.mark.requirement("preview.owner")
async def test_over_http_two_principals_of_one_server_see_what_is_theirs(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=EVERYTHING) as memory, over_http(memory) as shop:
        made: dict[str, dict[str, str]] = {}
        for principal in (LOCAL, ANOTHER):
            shop.desk.principal = principal
            made[principal.id] = await paid(shop)
        for principal, other in ((LOCAL, ANOTHER), (ANOTHER, LOCAL)):
            shop.desk.principal = principal
            for argument in OUR_IDS:
                its, others = ({argument: made[each.id][argument]} for each in (principal, other))
                assert (await shop.call(STATUS, its))["status"] == "paid"
                assert await asked(shop, STATUS, others) == await asked(shop, STATUS, {argument: INVENTED[argument]})
            error = await shop.refusal(CREATE, {"preview_id": made[other.id]["preview_id"]})
            assert error["code"] == "preview_not_found"


@pytest.mark.requirement("preview.owner")
@pytest.mark.parametrize("sold", SOLD)
async def test_ids_of_another_principal_are_answered_as_ids_that_nobody_has(
    open_memory_shop: Any, person: Any, sold: Callable[[Any], Awaitable[dict[str, str]]]
) -> None:
    """For every tool that takes such an id, in every state of the sale, and whatever else is asked."""
    async with open_memory_shop(policy=EVERYTHING, person=person) as shop:
        made = await sold(shop)
        person.questions.clear()
        shop.desk.principal = ANOTHER
        compared = 0
        for argument in set(made) & set(OUR_IDS):
            for tool in taking(argument):
                fields = next(each for each in TOOLS if each.name == tool).request.model_fields
                for more in (each for each in MORE if each.keys() <= fields.keys()):
                    another = await asked(shop, tool, {argument: made[argument]} | more)
                    assert another == await asked(shop, tool, {argument: INVENTED[argument]} | more)
                    assert '"is_error":true' in another[0]
                    compared += 1
        assert compared >= 5
        assert person.questions == []
        shop.desk.principal = LOCAL
        for argument, its in made.items():
            assert await shop.call(STATUS, {argument: its})


class Failing(dict[str, int]):
    """Statuses of an API at which no session can be looked at."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status

    def get(self, path: str, default: Any = None) -> Any:
        return self.status if path.startswith("/checkouts/") else default


@pytest.mark.requirement("preview.owner")
@pytest.mark.parametrize("status", [403, 429, 500, 503])
async def test_failures_of_the_api_tell_no_difference_either(open_memory_shop: Any, status: int) -> None:
    async with open_memory_shop() as shop:
        made = await created(shop)
        shop.desk.principal = ANOTHER
        shop.upstream.statuses = Failing(status)
        another = await asked(shop, STATUS, {"session_id": made["session_id"]})
        assert another == await asked(shop, STATUS, {"session_id": INVENTED["session_id"]})


@pytest.mark.requirement("preview.owner")
async def test_nothing_about_anothers_session_is_asked_of_the_api(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        made = await created(shop)
        shop.desk.principal = ANOTHER
        before = len(shop.upstream.requests)
        error = await shop.refusal(STATUS, {"session_id": made["session_id"]})
        assert (error["code"], error["gateway_code"]) == ("gateway_refused", "NOT_FOUND")
        paths = [path for _, path, _ in shop.upstream.requests[before:]]
        assert len(paths) == 1
        assert made["session_id"] not in paths[0]


@pytest.mark.requirement("session.elsewhere")
async def test_of_a_session_that_nobody_here_made_the_status_is_told_and_no_more(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=EVERYTHING) as shop, httpx2.AsyncClient(trust_env=False) as http:
        body = {"product_cart": [{"product_id": "prod_license_bundle", "quantity": 1}], **BUYER}
        key = {"Authorization": "Bearer test_key"}
        made = (await http.post(f"{shop.upstream.url}/checkouts", json=body, headers=key)).json()["session_id"]
        told = await shop.call(STATUS, {"session_id": made})
        assert told.keys() == {"environment", "status", "next_step"}
        assert told["status"] == "open"
        assert (await http.post(f"{shop.upstream.url}/session/{made}/pay")).status_code == 200
        assert await shop.call(STATUS, {"session_id": made}) == {
            "environment": "test_mode",
            "status": "paid",
            "next_step": "Paid. Nothing is left to do.",
        }


@pytest.mark.requirement("outcome.unread", "session.elsewhere")
async def test_what_cannot_be_read_of_a_session_that_nobody_here_made_is_said(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop, httpx2.AsyncClient(trust_env=False) as http:
        body = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}], **BUYER}
        key = {"Authorization": "Bearer test_key"}
        made = (await http.post(f"{shop.upstream.url}/checkouts", json=body, headers=key)).json()["session_id"]
        await http.post(f"{shop.upstream.url}/session/{made}/pay")
        [payment] = shop.upstream.sandbox.payments
        shop.upstream.statuses[f"/payments/{payment.id}"] = 403
        told = await shop.call(STATUS, {"session_id": made})
        assert (told["status"], told["warnings"]) == ("paid", ["The API key may not read the payment."])


@pytest.mark.requirement("preview.owner")
async def test_the_repeat_of_an_order_is_the_affair_of_its_principal(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        await charged(shop)
        shop.desk.principal = ANOTHER
        await charged(shop)
        assert [("within the last hour" in each) for each in person.questions] == [False, False]
        await charged(shop)
        assert "within the last hour" in person.questions[-1]


@pytest.mark.requirement("policy.hourly")
async def test_an_hour_is_counted_for_each_principal(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy="[limits]\ncreations_per_hour = 1") as shop:
        await created(shop)
        assert (await shop.refusal(CREATE, await quoted(shop)))["code"] == "policy_denied"
        shop.desk.principal = ANOTHER
        await created(shop)


@pytest.mark.requirement("approval.few_questions")
async def test_a_persons_refusals_to_one_principal_do_not_silence_another(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        person.answer = "refuse"
        for _ in range(4):
            preview = await shop.call("preview_checkout", ORDER)
            await shop.refusal(CREATE, {"preview_id": preview["preview_id"], **CONFIRMED})
        assert len(person.questions) == 3
        shop.desk.principal, person.answer = ANOTHER, "accept"
        await charged(shop)
        assert len(person.questions) == 4


@pytest.mark.requirement("wait.limits")
async def test_places_to_wait_are_counted_for_each_principal(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        with shop.desk.watches.place(LOCAL.id), shop.desk.watches.place(LOCAL.id):
            made = await created(shop)
            answered = await shop.call(STATUS, {"session_id": made["session_id"], "wait_seconds": 1})
            assert any("too many calls wait" in each for each in answered["warnings"])
            shop.desk.principal = ANOTHER
            made = await created(shop)
            assert "warnings" not in await shop.call(STATUS, {"session_id": made["session_id"], "wait_seconds": 1})
