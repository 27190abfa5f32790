"""Another spelling, clock, client or language makes no other order, buyer or question."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from forms import approving
from orders import TWO
from shops import open_shop_over

CREATE, PREVIEW = "create_checkout_session", "/checkouts/preview"
JANE: dict[str, Any] = {"customer": {"email": "jane@example.com"}, "confirm": True}

Variant = Callable[[int], dict[str, Any]]


def split(number: int) -> dict[str, Any]:
    """The same units over other lines."""
    sizes = ([2, 3, 5], [3, 2, 5], [5, 5], [10])[number]
    return {"product_cart": [{"product_id": "prod_premium_plan", "quantity": size} for size in sizes]}


def reordered(number: int) -> dict[str, Any]:
    names = ["prod_premium_plan", "prod_saas_plan", "prod_monthly_plan", "prod_yearly_plan"]
    return {"product_cart": [{"product_id": each, "quantity": 1} for each in names[number:] + names[:number]]}


def ignored_amount(number: int) -> dict[str, Any]:
    """The API takes no price of a product that is not pay-what-you-want."""
    return {"product_cart": [{"product_id": "prod_premium_plan", "quantity": 1, "amount": number + 1}]}


def described(number: int) -> dict[str, Any]:
    on_demand = {"mandate_only": True, "product_description": f"plan {number}"}
    return {
        "product_cart": [{"product_id": "prod_premium_plan", "quantity": 1}],
        "subscription_data": {"on_demand": on_demand},
    }


VARIANTS: dict[str, Variant] = {
    "units split over lines": split,
    "lines in another order": reordered,
    "an amount that is ignored": ignored_amount,
    "a description": described,
}


@pytest.mark.requirement("approval.few_questions")
@pytest.mark.parametrize("case", VARIANTS)
async def test_the_same_goods_in_other_words_are_the_same_goods(open_memory_shop: Any, person: Any, case: str) -> None:
    person.answer = "decline"
    async with open_memory_shop(person=person) as shop:
        for number in range(4):
            order = TWO | VARIANTS[case](number)
            await shop.refusal(CREATE, {"preview_id": await shop.preview_id(**order), **JANE})
        assert len(person.questions) == 3


SAME_BUYER: dict[str, list[str]] = {
    "composed or not": ["re\u0301my@example.com", "r\u00e9my@example.com"],
    "full width": ["jane@example.com", "jane@ｅxample.com"],
    "a host in punycode": ["jane@b\u00fccher.example", "jane@xn--bcher-kva.example"],
}


@pytest.mark.requirement("approval.repeats")
@pytest.mark.parametrize("case", SAME_BUYER)
async def test_the_same_address_in_another_unicode_form_is_the_same_buyer(open_memory_shop: Any, case: str) -> None:
    async with open_memory_shop() as shop:
        told: list[bool] = []
        for email in SAME_BUYER[case]:
            sale = {"preview_id": await shop.preview_id(**TWO), "customer": {"email": email}}
            told.append("already created" in str((await shop.call(CREATE, sale)).get("warnings")))
        assert told == [False, True]


@pytest.mark.requirement("approval.few_questions")
async def test_a_client_that_cannot_show_the_question_is_not_a_person_who_refused(tmp_path: Path) -> None:
    broken = [True]

    async def people(_context: Any, params: Any) -> Any:
        from mcp.shared.exceptions import MCPError

        if broken[0]:
            raise MCPError(-32603, "no window")
        return approving(params)

    async with open_shop_over("memory", "2025", tmp_path, person=people) as shop:
        for _ in range(3):
            error = await shop.refusal(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE})
            assert error["code"] == "approval_required"
        broken[0] = False
        result = await shop.client.call_tool(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE})
        assert not result.is_error, result.structured_content["error"]["message"]


@pytest.mark.requirement("approval.few_questions")
async def test_a_clock_that_was_ahead_locks_nobody_out_for_a_day(open_memory_shop: Any, person: Any) -> None:
    person.answer = "decline"
    async with open_memory_shop(person=person) as shop:
        now = time.time()
        shop.desk.clock = lambda: now
        now += 24 * 3600
        for _ in range(3):
            await shop.refusal(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE})
        now -= 20 * 3600
        person.answer = "accept"
        result = await shop.client.call_tool(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE})
        assert not result.is_error, result.structured_content["error"]["message"]


@pytest.mark.requirement("approval.question")
async def test_the_price_is_asked_for_again_in_the_buyers_language(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy="[preview]\nrequote_after_seconds = 0") as shop:
        asked: list[str | None] = []
        ask = shop.desk.gateway.preview

        async def listening(body: Any, *, locale: str | None = None) -> Any:
            asked.append(locale)
            return await ask(body, locale=locale)

        shop.desk.gateway.preview = listening
        await shop.call(CREATE, {"preview_id": await shop.preview_id(locale="fr")})
        assert asked == ["fr", "fr"]
