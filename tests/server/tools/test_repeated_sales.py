"""The same order for the same buyer, sold or left unknown a moment ago: the person and the seller are told."""

import time
import uuid
from typing import Any

import pytest

from orders import CONFIRMED, TWO

CREATE = "create_checkout_session"
SOLD = "A session for the same order and buyer was already created within the last hour."
UNKNOWN = "Within the last hour the same order for this buyer was sent, and how that ended is not known."
JANE: dict[str, Any] = {"customer": {"email": "jane@example.com"}}


@pytest.mark.requirement("approval.repeats")
async def test_a_repeat_is_told_over_every_transport(open_shop: Any, person: Any) -> None:
    buyer = {"customer": {"email": f"{uuid.uuid4().hex}@example.com"}, "confirm": True}
    async with open_shop(person=person) as shop:
        for repeated in (False, True):
            session = await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **buyer})
            assert (SOLD in person.questions[-1].split("\n")) is repeated
            assert (SOLD in session.get("warnings", [])) is repeated


@pytest.mark.requirement("approval.repeats")
async def test_a_second_sale_of_the_same_goods_to_the_same_buyer_is_told(open_memory_shop: Any, person: Any) -> None:
    """Whatever the preview, the code and the way of paying."""
    async with open_memory_shop(person=person) as shop:
        now = time.time()
        shop.desk.clock = lambda: now
        first = await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE, "confirm": True})
        assert SOLD not in person.questions[0]
        assert SOLD not in first.get("warnings", [])

        again = TWO | {"discount_codes": ["SAVE20"]}
        jane = {"customer": {"email": "Jane@Example.com"}}
        second = await shop.call(CREATE, {"preview_id": await shop.preview_id(**again), **jane, "confirm": True})
        assert SOLD in person.questions[1].split("\n")
        assert second["warnings"][0] == SOLD

        hosted = await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE})
        assert hosted["warnings"][0] == SOLD

        now += 3601
        later = await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE, "confirm": True})
        assert SOLD not in person.questions[2]
        assert SOLD not in later.get("warnings", [])


@pytest.mark.requirement("approval.repeats")
async def test_a_sale_whose_outcome_is_unknown_is_told(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        shop.upstream.rewrites["/checkouts"] = lambda _answer: "lost"
        await shop.refusal(CREATE, {"preview_id": await shop.preview_id(**TWO), **CONFIRMED})
        shop.upstream.rewrites.clear()
        await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **CONFIRMED})
        assert UNKNOWN in person.questions[1].split("\n")


SAME: dict[str, list[dict[str, Any]]] = {
    "its quantity on two lines": [{"product_id": "prod_premium_plan", "quantity": 1}] * 2,
    "with an amount that is unset": [{"product_id": "prod_premium_plan", "quantity": 2, "amount": None, "addons": []}],
}


@pytest.mark.requirement("approval.repeats")
@pytest.mark.parametrize("cart", SAME.values(), ids=SAME)
async def test_the_same_order_written_in_another_way_is_a_repeat(
    open_memory_shop: Any, cart: list[dict[str, Any]]
) -> None:
    async with open_memory_shop() as shop:
        await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE})
        again = await shop.preview_id(**TWO | {"product_cart": cart})
        assert (await shop.call(CREATE, {"preview_id": again, **JANE}))["warnings"][0] == SOLD


@pytest.mark.requirement("approval.repeats")
async def test_the_order_of_a_cart_makes_no_other_order(open_memory_shop: Any) -> None:
    cart = [
        {"product_id": "prod_ebook_guide", "quantity": 1},
        {
            "product_id": "prod_team_plan",
            "quantity": 1,
            "addons": [{"addon_id": "addon_seat", "quantity": 2}, {"addon_id": "addon_support", "quantity": 1}],
        },
    ]
    turned = [cart[1] | {"addons": cart[1]["addons"][::-1]}, cart[0]]  # pyright: ignore[reportArgumentType,reportIndexIssue,reportOperatorIssue] - plain JSON
    async with open_memory_shop() as shop:
        await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO | {"product_cart": cart}), **JANE})
        again = await shop.preview_id(**TWO | {"product_cart": turned})
        assert (await shop.call(CREATE, {"preview_id": again, **JANE}))["warnings"][0] == SOLD


OTHERS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "another buyer": ({}, {"customer": {"email": "john@example.com"}}),
    "another product": ({"product_cart": [{"product_id": "prod_saas_plan", "quantity": 2}]}, JANE),
    "another quantity": ({"product_cart": [{"product_id": "prod_premium_plan", "quantity": 3}]}, JANE),
    "a collection besides": ({"product_collection_id": "pdc_starters"}, JANE),
}


@pytest.mark.requirement("approval.repeats")
@pytest.mark.parametrize("case", OTHERS)
async def test_another_sale_is_no_repeat(open_memory_shop: Any, case: str) -> None:
    order, buyer = OTHERS[case]
    async with open_memory_shop() as shop:
        await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE})
        session = await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO | order), **buyer})
        assert SOLD not in session.get("warnings", [])


TERMS: dict[str, list[dict[str, Any]]] = {
    "the trial": [{"trial_period_days": 7}, {"trial_period_days": 14}],
    "the price of the first charge": [
        {"on_demand": {"mandate_only": False, "product_price": price}} for price in (100, 200)
    ],
}


@pytest.mark.requirement("approval.repeats")
@pytest.mark.parametrize("case", TERMS)
async def test_a_sale_on_other_terms_is_no_repeat(open_memory_shop: Any, case: str) -> None:
    subscription = {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}]}
    async with open_memory_shop() as shop:
        for terms in TERMS[case]:
            order = TWO | subscription | {"subscription_data": terms}
            session = await shop.call(CREATE, {"preview_id": await shop.preview_id(**order), **JANE})
            assert SOLD not in session.get("warnings", [])


@pytest.mark.requirement("approval.repeats")
async def test_buyers_who_are_not_named_are_not_taken_for_one(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        for _ in range(2):
            session = await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO)})
            assert SOLD not in session.get("warnings", [])


@pytest.mark.requirement("approval.repeats")
async def test_a_refused_sale_is_no_repeat(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        shop.upstream.statuses["/checkouts"] = 422
        await shop.refusal(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE})
        shop.upstream.statuses.clear()
        session = await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE})
        assert SOLD not in session.get("warnings", [])
