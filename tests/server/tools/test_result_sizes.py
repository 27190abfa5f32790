"""What results cost a model to read, in o200k tokens of their structured content."""

import itertools
import json
import statistics
from typing import Any

import pytest

ONE: dict[str, Any] = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}
PLAN: dict[str, Any] = {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}]}
ADDRESS: dict[str, Any] = {"billing_address": {"country": "US", "state": "CA", "zipcode": "94102"}}


def tokens(*results: dict[str, Any]) -> int:
    """Of results as they go over the wire, whole."""
    import bpe_openai  # loads its vocabularies, which takes a second

    wire = [json.dumps(each, separators=(",", ":"), ensure_ascii=False) for each in results]
    encoding = bpe_openai.get_encoding("o200k_base")
    return sum(len(list(encoding.encode(text))) for text in wire)


async def sold(shop: Any, order: dict[str, Any]) -> list[dict[str, Any]]:
    """The results of a sale and of one look at the open page."""
    preview = await shop.call("preview_checkout", order)
    session = await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})
    status = await shop.call("get_checkout_session", {"session_id": session["session_id"]})
    assert status["status"] == "open"
    return [preview, session, status]


@pytest.mark.requirement("sell.result_tokens")
@pytest.mark.parametrize(
    ("order", "most"),
    [(ONE, 340), (ONE | ADDRESS, 340), (PLAN | ADDRESS, 400)],
    ids=["one product", "one product with its tax", "a taxed subscription"],
)
async def test_a_sale_fits_its_budget(open_memory_shop: Any, order: dict[str, Any], most: int) -> None:
    async with open_memory_shop() as shop:
        sales = [await sold(shop, order) for _ in range(9)]  # random ids cost a sale 5 tokens more, or fewer
        for each in itertools.chain(*sales):  # warnings are as many as the order needs
            each.pop("warnings", None)
        assert statistics.median(tokens(*results) for results in sales) <= most


@pytest.mark.requirement("sell.result_tokens")
async def test_a_page_of_products_fits_its_budget(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        page = await shop.call("list_products", {})
        assert len(page["products"]) == 20
        assert tokens(page) <= 720


@pytest.mark.requirement("sell.result_tokens")
async def test_nothing_is_repeated_that_the_caller_sent_and_nothing_is_zero(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        preview, session, status = await sold(shop, ONE)
        assert preview["preview_id"] not in json.dumps([session, status])
        assert session["session_id"] not in [value for name, value in status.items() if name != "checkout_url"]
        assert "discount" not in json.dumps(preview)
        assert "replayed" not in session
        by_preview = await shop.call("get_checkout_session", {"preview_id": preview["preview_id"]})
        assert by_preview["session_id"] == session["session_id"]
