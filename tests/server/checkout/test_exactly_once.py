"""What the model is told, and what the ledger knows, when the answer to a creation goes wrong."""

import asyncio
from typing import Any

import pytest

from faulty_upstream import QUOTES, Fault, FaultyUpstream, answer, drop_before, no_fault, refuse, truncate

CART: dict[str, Any] = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}


async def previewed(client: Any) -> str:
    result = await client.call_tool(
        "preview_checkout", {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
    )
    return result.structured_content["preview_id"]


async def create(client: Any, preview_id: str) -> Any:
    return (await client.call_tool("create_checkout_session", {"preview_id": preview_id})).structured_content


async def status(client: Any, preview_id: str) -> str:
    result = await client.call_tool("get_checkout_session", {"preview_id": preview_id})
    return result.structured_content["status"]


def refusal(status: int) -> Fault:
    return refuse(status, "INVALID_REQUEST_BODY")


OUTCOMES: dict[str, tuple[Fault, str, str, str]] = {
    "422": (refusal(422), "gateway_refused", "fix_and_retry", "refused"),
    "404": (refusal(404), "gateway_refused", "fix_and_retry", "refused"),
    "401": (refusal(401), "not_authorized", "do_not_retry", "refused"),
    "429": (refusal(429), "rate_limited", "retry_later", "refused"),
    "500": (refusal(500), "outcome_unknown", "retry_later", "unknown"),
    "dropped": (drop_before, "outcome_unknown", "retry_later", "unknown"),
    "truncated": (truncate, "outcome_unknown", "retry_later", "unknown"),
    "garbage": (answer(200, b"<html>"), "outcome_unknown", "retry_later", "unknown"),
    "no session_id": (answer(200, {"checkout_url": None}), "outcome_unknown", "retry_later", "unknown"),
}


@pytest.mark.requirement("once.proof")
@pytest.mark.parametrize("fault", OUTCOMES)
async def test_an_outcome_is_what_the_answer_proves(fault: str, sell: Any) -> None:
    answered, code, retry, state = OUTCOMES[fault]
    async with (
        FaultyUpstream(answered).running() as upstream,
        sell(upstream.url) as (client, _desk),
    ):
        preview_id = await previewed(client)
        error = (await create(client, preview_id))["error"]
        assert (error["code"], error["retry"]) == (code, retry)
        assert len(upstream.posts) == 1
        assert await status(client, preview_id) == state
        # Nothing of it can charge, so a second attempt is allowed, and recorded as one.
        upstream.fault = no_fault
        assert {(await create(client, preview_id))["session_id"]} == upstream.sessions_of(preview_id)
        assert len(upstream.posts) == 2


NOWHERE = "http://127.0.0.1:9"
"""Nothing listens on the discard port. Creations alone have connections of their own."""


@pytest.mark.requirement("once.proof")
async def test_a_host_that_is_not_there_refuses(sell: Any) -> None:
    async with FaultyUpstream().running() as upstream, sell(upstream.url) as (client, desk):
        preview_id = await previewed(client)
        desk.gateway._opened.fresh.base_url = NOWHERE
        error = (await create(client, preview_id))["error"]
        assert (error["code"], error["retry"]) == ("gateway_unavailable", "retry_later")
        assert await status(client, preview_id) == "refused"


USED_UP: dict[str, tuple[int, str, str]] = {
    "422": (422, "gateway_refused", "new_preview"),
    "401": (401, "not_authorized", "do_not_retry"),
    "not reached": (0, "gateway_unavailable", "new_preview"),
}


@pytest.mark.requirement("once.proof")
@pytest.mark.parametrize("case", USED_UP)
async def test_a_preview_used_up_by_a_refused_charge_says_so(case: str, sell: Any) -> None:
    status_code, code, retry = USED_UP[case]
    policy = '[confirm]\nmode = "unattended"'
    async with (
        FaultyUpstream(refusal(status_code)).running() as upstream,
        sell(upstream.url, policy=policy) as (client, desk),
    ):
        order = CART | {"billing_address": {"country": "US", "zipcode": "94102"}}
        quoted = await client.call_tool("preview_checkout", order)
        preview_id = quoted.structured_content["preview_id"]
        if not status_code:
            desk.gateway._opened.fresh.base_url = NOWHERE
        sale = {"preview_id": preview_id, "customer": {"email": "jane@example.com"}, "confirm": True}
        sale["minimal_address"] = True
        error = (await client.call_tool("create_checkout_session", sale)).structured_content["error"]
        assert (error["code"], error["retry"]) == (code, retry)
        assert "This preview is used up" in error["message"]
        again = (await client.call_tool("create_checkout_session", sale)).structured_content["error"]
        assert (again["code"], again["retry"]) == ("gateway_refused", "new_preview")
        assert await status(client, preview_id) == "refused"


@pytest.mark.requirement("once.concurrent")
async def test_two_servers_on_one_ledger_make_one_session(sell: Any) -> None:
    async with (
        FaultyUpstream().running() as upstream,
        sell(upstream.url) as (one, _),
        sell(upstream.url) as (two, _),
    ):
        preview_id = await previewed(one)
        results = await asyncio.gather(*(create(client, preview_id) for client in (one, two) * 10))
        assert {result["session_id"] for result in results} == upstream.sessions_of(preview_id)
        assert len(upstream.posts) == 1


@pytest.mark.requirement("preview.expires")
async def test_an_expired_preview_creates_nothing(sell: Any) -> None:
    async with FaultyUpstream().running() as upstream, sell(upstream.url) as (client, desk):
        now = 1_800_000_000.0
        desk.clock = lambda: now
        preview_id = await previewed(client)
        now += 901
        error = (await create(client, preview_id))["error"]
        assert (error["code"], error["retry"]) == ("preview_expired", "new_preview")
        assert upstream.posts == []


@pytest.mark.requirement("preview.replay")
async def test_a_created_session_is_replayed_after_its_preview_expired(sell: Any) -> None:
    async with (
        FaultyUpstream().running() as upstream,
        sell(upstream.url) as (client, desk),
    ):
        preview_id = await previewed(client)
        await create(client, preview_id)
        later = desk.clock() + 3600
        desk.clock = lambda: later
        assert (await create(client, preview_id))["replayed"] is True


@pytest.mark.requirement("gateway.answers")
async def test_unknown_fields_of_the_api_do_not_come_out(sell: Any) -> None:
    url = "https://checkout.example/session/cks_1"
    extra = {"session_id": "cks_1", "checkout_url": url, "client_secret": "hunter2", "surprise": "hunter2"}
    async with (
        FaultyUpstream(answer(200, extra)).running() as upstream,
        sell(upstream.url) as (client, _desk),
    ):
        result = await create(client, await previewed(client))
        assert "hunter2" not in str(result)
        assert result["session_id"] == "cks_1"


@pytest.mark.requirement("error.unexpected")
async def test_a_mistyped_answer_is_an_id_and_not_a_crash(sell: Any) -> None:
    async with (
        FaultyUpstream(faults={QUOTES: answer(200, {"currency": 5})}).running() as upstream,
        sell(upstream.url) as (client, _desk),
    ):
        result = await client.call_tool(
            "preview_checkout", {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
        )
        error = result.structured_content["error"]
        assert (error["code"], error["retry"]) == ("gateway_unavailable", "retry_later")
        assert error["error_id"].startswith("err_")
