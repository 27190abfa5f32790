"""The main job, over every transport in both eras."""

from typing import Any

import pytest

from orders import CONFIRMED

ORDER = {
    "product_cart": [{"product_id": "prod_123", "quantity": 1}],
    "billing_address": {"country": "US", "state": "CA", "zipcode": "94102"},
    "discount_codes": ["SAVE20"],
}


@pytest.mark.requirement("sell.main_path")
async def test_a_sale_goes_from_the_list_to_an_open_session(open_shop: Any) -> None:
    async with open_shop() as shop:
        products = await shop.call("list_products", {"query": "prod_123"})
        assert [product["product_id"] for product in products["products"]] == ["prod_123"]

        preview = await shop.call("preview_checkout", ORDER)
        assert preview["total"] == preview["subtotal"] - preview.get("discount", 0) + preview["tax"]
        assert preview["display"]["total"].startswith(preview["currency"])

        session = await shop.call(
            "create_checkout_session",
            {"preview_id": preview["preview_id"], "customer": {"email": "buyer@example.com", "name": "Jane Doe"}},
        )
        assert session["total"] == preview["total"]
        assert "replayed" not in session

        status = await shop.call("get_checkout_session", {"session_id": session["session_id"]})
        assert (status["status"], status["customer_email"], status["customer_name"]) == (
            "open",
            "b***@e***.com",
            "J*** D***",
        )
        assert shop.upstream.created == [
            ORDER
            | {
                "customer": {"email": "buyer@example.com", "name": "Jane Doe"},
                "metadata": {"mcp_preview_id": preview["preview_id"]},
            }
        ]


@pytest.mark.requirement("sell.preview_id_alone")
async def test_a_session_needs_nothing_but_a_preview(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview_id = await shop.preview_id()
        await shop.call("create_checkout_session", {"preview_id": preview_id})
        assert [path for method, path, _ in shop.upstream.requests if method == "POST"] == [
            "/checkouts/preview",
            "/checkouts",
        ]


@pytest.mark.requirement("preview.replay")
async def test_the_same_preview_gives_the_same_session_again(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview_id = await shop.preview_id()
        first = await shop.call("create_checkout_session", {"preview_id": preview_id})
        second = await shop.call("create_checkout_session", {"preview_id": preview_id})
        assert second == first | {"replayed": True}
        assert len(shop.upstream.created) == 1


@pytest.mark.requirement("sell.status")
async def test_a_preview_knows_its_session(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview_id = await shop.preview_id()
        before = await shop.call("get_checkout_session", {"preview_id": preview_id})
        session = await shop.call("create_checkout_session", {"preview_id": preview_id})
        after = await shop.call("get_checkout_session", {"preview_id": preview_id})
        assert before["status"] == "not_created"
        assert (after["session_id"], after["checkout_url"], after["status"]) == (
            session["session_id"],
            session["checkout_url"],
            "open",
        )


@pytest.mark.requirement("approval.cannot_ask")
async def test_charging_without_the_buyers_hand_needs_a_person(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview_id = await shop.preview_id()
        error = await shop.refusal(
            "create_checkout_session",
            {"preview_id": preview_id, **CONFIRMED},
        )
        assert (error["code"], error["retry"]) == ("approval_required", "fix_and_retry")
        assert [problem["path"] for problem in error["problems"]] == ["confirm", "payment_method_id"]
        assert shop.upstream.created == []


@pytest.mark.requirement("preview.required")
async def test_without_a_preview_nothing_is_created(open_shop: Any) -> None:
    async with open_shop() as shop:
        missing = await shop.refusal(
            "create_checkout_session", {"customer": {"email": "no"}, "product_cart": [{"product_id": "prod_123"}]}
        )
        unknown = await shop.refusal("create_checkout_session", {"preview_id": "prv_made_up"})
        assert (missing["code"], missing["retry"]) == ("preview_required", "new_preview")
        assert (unknown["code"], unknown["retry"]) == ("preview_not_found", "new_preview")
        assert shop.upstream.requests == []


@pytest.mark.requirement("error.data_is_data")
async def test_a_products_name_is_shown_as_data(open_shop: Any) -> None:
    async with open_shop() as shop:
        preview = await shop.call(
            "preview_checkout", {"product_cart": [{"product_id": "prod_untrusted_name", "quantity": 1}]}
        )
        name = preview["lines"][0]["name"]
        assert name.isprintable()
        assert not any(0x202A <= ord(character) <= 0x202E or ord(character) == 0x200B for character in name)
