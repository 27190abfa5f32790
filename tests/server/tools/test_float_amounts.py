"""An amount that came as a float is taken, and everybody who reads the price reads how it was understood."""

from typing import Any

import pytest

ADDRESS = {"country": "US", "state": "CA", "city": "San Francisco", "street": "1 Main St", "zipcode": "94102"}
CONFIRMED = {"customer": {"email": "jane@example.com"}, "confirm": True}
READ = "250 was read as USD 2.50, in minor units."


def donation(amount: Any, **order: Any) -> dict[str, Any]:
    cart = [{"product_id": "prod_donation", "quantity": 1, "amount": amount}]
    return {"product_cart": cart, "billing_address": ADDRESS} | order


@pytest.mark.requirement("sell.float_amounts")
async def test_the_quote_the_question_and_the_session_say_it_first(open_shop: Any, person: Any) -> None:
    async with open_shop(person=person) as shop:
        preview = await shop.call("preview_checkout", donation(250.0))
        assert shop.upstream.bodies("POST", "/checkouts/preview")[0]["product_cart"][0]["amount"] == 250
        sale = await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **CONFIRMED})
    assert preview["warnings"][0] == READ
    assert person.questions[0].split("\n").count(READ) == 1
    assert READ in sale["warnings"]


@pytest.mark.requirement("sell.float_amounts")
async def test_a_whole_number_needs_no_word(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        preview = await shop.call("preview_checkout", donation(250))
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **CONFIRMED})
    assert "was read as" not in f"{preview} {person.questions}"


@pytest.mark.requirement("sell.float_amounts")
async def test_a_changed_price_keeps_it_in_the_fresh_preview(open_memory_shop: Any, person: Any) -> None:
    def dearer(quote: Any) -> Any:
        quote["current_breakup"]["total_amount"] += 100
        return quote

    async with open_memory_shop(person=person) as shop:
        old = await shop.preview_id(**donation(250.0))
        shop.upstream.rewrites["/checkouts/preview"] = dearer
        changed = await shop.refusal("create_checkout_session", {"preview_id": old, **CONFIRMED})
        fresh = changed["price_change"]["preview_id"]
        await shop.call("create_checkout_session", {"preview_id": fresh, **CONFIRMED})
    assert READ in person.questions[-1].split("\n")


@pytest.mark.requirement("sell.float_amounts")
@pytest.mark.parametrize(
    ("on_demand", "read"),
    [
        ({"product_price": 500.0}, "500 was read as USD 5.00, in minor units."),
        ({"product_price": 500.0, "product_currency": "JPY"}, "500 was read as JPY 500, in minor units."),
    ],
)
async def test_a_first_charge_on_demand_is_read_in_its_currency(
    open_memory_shop: Any, on_demand: dict[str, Any], read: str
) -> None:
    async with open_memory_shop() as shop:
        order = {
            "product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}],
            "subscription_data": {"on_demand": {"mandate_only": False} | on_demand},
            "billing_address": ADDRESS,
        }
        assert (await shop.call("preview_checkout", order))["warnings"][0] == read


@pytest.mark.requirement("sell.float_amounts")
async def test_an_amount_is_read_in_the_products_currency(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        preview = await shop.call("preview_checkout", donation(250.0, billing_currency="EUR"))
        assert (preview["currency"], preview["warnings"][0]) == ("EUR", READ)


@pytest.mark.requirement("sell.float_amounts")
async def test_a_mandate_is_read_where_it_is_given(open_memory_shop: Any, person: Any) -> None:
    read = "1500 was read as INR 15.00, in minor units."
    async with open_memory_shop(person=person) as shop:
        sale = {"preview_id": await shop.preview_id(billing_address=ADDRESS), **CONFIRMED}
        created = await shop.call("create_checkout_session", sale | {"mandate_min_amount_inr_paise": 1500.0})
    assert read in created["warnings"]
    assert read in person.questions[0].split("\n")
