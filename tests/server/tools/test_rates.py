"""The policy's rates: what a principal who goes too fast is told, and what still goes on."""

from dataclasses import replace
from typing import Any

import pytest

from checkout_server.checkout.principal import LOCAL
from orders import CONFIRMED, ORDER

CREATE, PREVIEW, STATUS = "create_checkout_session", "preview_checkout", "get_checkout_session"
ANOTHER = replace(LOCAL, id="f" * 32)


class Clock:
    """The shop's, which stands still until it is set."""

    def __init__(self, shop: Any) -> None:
        self.now = shop.desk.clock()
        shop.desk.clock = lambda: self.now


def too_fast(what: str, seconds: str) -> dict[str, Any]:
    return {
        "code": "rate_limited",
        "message": f"The operator's policy (rates.{what}_per_minute) allows no more {what} this minute. Nothing was "
        f"created by this call; try again in {seconds}.",
        "problems": [],
        "retry": "retry_later",
    }


@pytest.mark.requirement("rate.minute")
async def test_one_preview_too_many_is_not_asked_of_the_api_and_told_when_to_come_back(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy="[rates]\npreviews_per_minute = 2") as shop:
        clock = Clock(shop)
        await shop.call(PREVIEW, ORDER)
        clock.now += 20
        await shop.call(PREVIEW, ORDER)
        asked = len(shop.upstream.requests)
        assert await shop.refusal(PREVIEW, ORDER) == too_fast("previews", "40 seconds")
        clock.now += 39.5
        assert await shop.refusal(PREVIEW, ORDER) == too_fast("previews", "1 second")
        assert len(shop.upstream.requests) == asked
        clock.now += 0.5
        await shop.call(PREVIEW, ORDER)


@pytest.mark.requirement("rate.minute")
async def test_previews_that_the_api_refuses_count_and_those_of_the_policy_do_not(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy='[rates]\npreviews_per_minute = 2\n[allow]\ncountries = ["US"]') as shop:
        Clock(shop)
        us, fr = ({"billing_address": {"country": country}} for country in ("US", "FR"))
        for _ in range(3):
            assert (await shop.refusal(PREVIEW, ORDER | fr))["code"] == "policy_denied"
        unknown = {"product_cart": [{"product_id": "prod_none", "quantity": 1}]} | us
        codes = [(await shop.refusal(PREVIEW, unknown))["code"] for _ in range(3)]
        assert codes == ["gateway_refused", "gateway_refused", "rate_limited"]


@pytest.mark.requirement("rate.minute")
async def test_each_principal_has_a_rate_of_their_own(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy="[rates]\npreviews_per_minute = 1\ncreations_per_minute = 1") as shop:
        Clock(shop)
        for principal in (LOCAL, ANOTHER):
            shop.desk.principal = principal
            await shop.call(CREATE, {"preview_id": await shop.preview_id()})
            assert (await shop.refusal(PREVIEW, ORDER))["code"] == "rate_limited"


@pytest.mark.requirement("rate.minute")
async def test_one_creation_too_many_asks_nobody_claims_nothing_and_succeeds_later(
    open_memory_shop: Any, person: Any
) -> None:
    async with open_memory_shop(policy="[rates]\ncreations_per_minute = 1", person=person) as shop:
        clock = Clock(shop)
        await shop.call(CREATE, {"preview_id": await shop.preview_id()})
        sale = {"preview_id": (await shop.call(PREVIEW, ORDER))["preview_id"], **CONFIRMED}
        clock.now += 15
        assert await shop.refusal(CREATE, sale) == too_fast("creations", "45 seconds")
        assert person.questions == []
        assert len(shop.upstream.created) == 1
        clock.now += 45
        assert await shop.call(CREATE, sale)


@pytest.mark.requirement("rate.minute")
async def test_a_session_is_returned_again_and_looked_at_whatever_the_rate(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy="[rates]\ncreations_per_minute = 1") as shop:
        Clock(shop)
        sale = {"preview_id": await shop.preview_id()}
        await shop.call(CREATE, sale)
        for _ in range(3):
            assert (await shop.call(CREATE, sale))["replayed"] is True
            assert (await shop.call(STATUS, sale))["status"] == "open"


@pytest.mark.requirement("rate.minute")
async def test_a_claim_that_comes_too_late_for_its_minute_says_so(open_memory_shop: Any) -> None:
    """Others claimed after this call had looked."""
    async with open_memory_shop(policy="[rates]\ncreations_per_minute = 1") as shop:
        Clock(shop)
        one, other = await shop.preview_id(), await shop.preview_id()
        ledger = shop.desk.ledger

        class Late:
            def __getattr__(self, name: str) -> Any:
                return getattr(ledger, name)

            async def claim(self, preview_id: str, **call: Any) -> Any:
                await ledger.claim(other, **call | {"claim_id": "another's"})
                return await ledger.claim(preview_id, **call)

        shop.desk.ledger = Late()
        assert await shop.refusal(CREATE, {"preview_id": one}) == too_fast("creations", "60 seconds")
        assert shop.upstream.created == []


@pytest.mark.requirement("rate.minute")
async def test_without_a_policy_nothing_is_counted(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        await shop.call(CREATE, {"preview_id": await shop.preview_id()})
        assert (
            await shop.desk.ledger.count_preview(owner=await shop.desk.find_owner(), now=shop.desk.clock(), most=1)
            is None
        )


@pytest.mark.requirement("privacy.diagnostics")
async def test_the_log_names_the_rate_that_was_reached(open_memory_shop: Any, caplog: pytest.LogCaptureFixture) -> None:
    async with open_memory_shop(policy="[rates]\npreviews_per_minute = 1") as shop:
        await shop.call(PREVIEW, ORDER)
        await shop.refusal(PREVIEW, ORDER)
    lines = [record.line.fields for record in caplog.records if getattr(record, "line", None) is not None]  # pyright: ignore[reportAttributeAccessIssue] - our own records
    [rules] = [fields["rules"] for fields in lines if fields.get("code") == "rate_limited"]
    assert rules == ["rates.previews_per_minute"]
