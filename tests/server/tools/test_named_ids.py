"""The payment API says that an id does not exist, and not which: the ids that the call named are told by their path."""

from typing import Any

import pytest

from orders import CONFIRMED

NOBODY = {"customer": {"customer_id": "cus_nobody"}}
CUSTOMER = "customer.customer_id"
METHOD = "payment_method_id"
ONE, SEVERAL = "does not exist at the payment API", "may not exist at the payment API"
EARLIER = "give the customer_id of an earlier sale"
PLAN = {"product_id": "prod_monthly_plan", "quantity": 1}
CREDITS = {"credit_entitlement_id": "cent_nope", "credits_amount": "5"}


def told(error: dict[str, Any]) -> list[tuple[str, ...]]:
    assert (error["code"], error["gateway_code"]) == ("gateway_refused", "NOT_FOUND")
    return [tuple(problem.values()) for problem in error["problems"]]


@pytest.mark.requirement("error.named_ids")
async def test_an_unknown_customer_is_named_at_the_creation(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        preview_id = await shop.preview_id()
        error = await shop.refusal("create_checkout_session", {"preview_id": preview_id, **NOBODY})
        assert (error["retry"], told(error)) == ("fix_and_retry", [(CUSTOMER, ONE, EARLIER)])
        assert shop.upstream.created == []


@pytest.mark.requirement("error.named_ids")
async def test_of_several_ids_each_is_named(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy='[confirm]\nmode = "unattended"') as shop:
        preview_id = await shop.preview_id()
        error = await shop.refusal("create_checkout_session", {"preview_id": preview_id, **CONFIRMED, **NOBODY})
        assert [problem[:2] for problem in told(error)] == [(CUSTOMER, SEVERAL), (METHOD, SEVERAL)]


@pytest.mark.requirement("error.named_ids")
async def test_a_product_that_is_gone_by_the_creation_is_named_instead(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        preview_id = await shop.preview_id(product_cart=[PLAN])
        shop.upstream.statuses |= {"/products/prod_monthly_plan": 404}
        error = await shop.refusal("create_checkout_session", {"preview_id": preview_id, **NOBODY})
        [(path, *_)] = told(error)
        assert (error["retry"], path) == ("new_preview", "product_cart[0].product_id")


@pytest.mark.requirement("error.named_ids")
@pytest.mark.parametrize(
    ("order", "path", "suggestion"),
    [
        (
            {"product_cart": [], "product_collection_id": "pdc_nope"},
            "product_collection_id",
            "name products instead; list_products shows what is sold here",
        ),
        (
            {"product_cart": [PLAN | {"credit_entitlements": [CREDITS]}]},
            "product_cart[0].credit_entitlements[0].credit_entitlement_id",
            "leave credit_entitlements out, or ask the operator for the id",
        ),
    ],
    ids=["a collection", "a credit entitlement"],
)
async def test_an_unknown_part_of_the_order_is_named(
    open_memory_shop: Any, order: dict[str, Any], path: str, suggestion: str
) -> None:
    async with open_memory_shop() as shop:
        error = await shop.refusal("preview_checkout", order)
        assert told(error) == [(path, ONE, suggestion)]


@pytest.mark.requirement("error.named_ids")
async def test_an_unknown_session_is_named(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        error = await shop.refusal("get_checkout_session", {"session_id": "cks_nope"})
        assert [problem[:2] for problem in told(error)] == [("session_id", ONE)]
