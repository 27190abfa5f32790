"""What tools give fits what they publish: hosts validate refusals too, and throw away what does not fit."""

import typing
from typing import Any

import pytest

from checkout_schemas.errors import ErrorBody, ErrorCode, PriceChange, PricedAt, Problem
from checkout_schemas.published import definition
from checkout_server.tools.definition import failed
from checkout_server.tools.served import TOOLS
from published_outputs import misfits

NAMES = [tool.name for tool in TOOLS]


def nodes(schema: dict[str, Any]) -> list[dict[str, Any]]:
    below = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return [schema, *(node for child in below for node in nodes(child))]


@pytest.mark.requirement("schema.refusals_fit")
@pytest.mark.parametrize("tool", NAMES)
def test_an_output_schema_demands_nothing_that_a_refusal_lacks(tool: str) -> None:
    schema = definition(tool)["outputSchema"]
    assert [node for node in nodes(schema) if node.keys() & {"required", "enum", "additionalProperties"}] == []
    assert schema["properties"]["error"] == {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("code", "message", "retry")},
    }


@pytest.mark.requirement("schema.refusals_fit")
@pytest.mark.parametrize("tool", NAMES)
@pytest.mark.parametrize("code", typing.get_args(ErrorCode))
def test_every_refusal_fits_the_schema_of_every_tool(tool: str, code: ErrorCode) -> None:
    price = PricedAt(currency="USD", total=1900, recurring=2900, display={"total": "USD 19.00"})
    error = ErrorBody(
        code=code,
        message="A sentence.",
        problems=[Problem(path="product_cart[0].quantity", problem="is wrong", suggestion="mend it")],
        retry="new_preview",
        gateway_code="INVALID_DISCOUNT_CODE",
        price_change=PriceChange(preview_id="prv_1", old=price, new=price),
        error_id="err_1",
    )
    refusal = failed(error).structured_content
    assert refusal is not None
    assert (refusal["error"]["code"], misfits(tool, refusal)) == (code, [])


@pytest.mark.requirement("schema.refusals_fit")
@pytest.mark.parametrize("tool", NAMES)
def test_what_is_of_another_type_does_not_fit(tool: str) -> None:
    """Otherwise the tests above, and those that call a shop, would prove nothing."""
    wrong = {"environment": 1, "error": {"code": 2, "message": "", "retry": ""}}
    assert sorted(misfits(tool, wrong)) == ["$.environment", "$.error.code"]


@pytest.mark.requirement("schema.refusals_fit")
async def test_every_tool_gives_results_that_fit(open_memory_shop: Any) -> None:
    """The shop checks each result and refusal that a test asks for, here and everywhere else."""
    order = {
        "product_cart": [{"product_id": "prod_team_plan", "quantity": 1}, {"product_id": "prod_123", "quantity": 2}],
        "billing_address": {"country": "DE"},
        "discount_codes": ["WELCOME10"],
    }
    policy = "[confirm]\nlist_saved_payment_methods = true\nlist_any_customer = true\n"
    async with open_memory_shop(policy=policy) as shop:
        preview = await shop.call("preview_checkout", order)
        created = await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})
        given = {
            "list_products": await shop.call("list_products", {}),
            "preview_checkout": preview,
            "list_saved_payment_methods": await shop.call("list_saved_payment_methods", {"customer_id": "cus_123"}),
            "create_checkout_session": created,
            "get_checkout_session": await shop.call("get_checkout_session", {"session_id": created["session_id"]}),
        }
    assert list(given) == NAMES
    assert [tool for tool in NAMES if "error" in given[tool]] == []
    assert preview["recurring"][0]["total"] > 0
    assert given["get_checkout_session"]["status"] == "open"
