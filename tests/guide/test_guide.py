"""Every example of the provider's guide, through the tools, split by the field table."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_server.cli.schemas import definitions

EXAMPLES = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
CREATIONS = [example for example in EXAMPLES if example["operation"] == "create"]
CHARGED_AT_ONCE = {"4 pre-confirmed checkout", "11 instant checkout with a saved method"}

SCHEMAS = {name.removesuffix(".json"): json.loads(text)["inputSchema"] for name, text in definitions().items()}


def split(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments of preview_checkout, and the rest."""
    order = {name: value for name, value in request.items() if name in PreviewCheckout.model_fields}
    return order, {name: value for name, value in request.items() if name not in order}


def as_published(value: Any, schema: dict[str, Any]) -> Any:
    """The arguments as a model sends them that follows the schema: a free object is JSON text."""
    if not isinstance(value, dict):
        return value
    if schema["type"] == "string":
        return json.dumps(value)
    return {name: as_published(each, schema["properties"].get(name, {"type": ""})) for name, each in value.items()}


@pytest.mark.requirement("sell.guide_examples")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["title"])
def test_an_example_validates_against_the_published_schemas(example: dict[str, Any]) -> None:
    order, rest = split(example["request"])
    for tool, arguments in (("preview_checkout", order), ("create_checkout_session", rest | {"preview_id": "prv_x"})):
        Draft202012Validator(SCHEMAS[tool]).validate(as_published(arguments, SCHEMAS[tool]))


@pytest.mark.requirement("sell.guide_examples")
async def test_what_reaches_the_api_is_the_example(open_shop: Any, person: Any, subtests: pytest.Subtests) -> None:
    async with open_shop(person=person) as shop:
        for example in CREATIONS:
            with subtests.test(example["title"]):
                shop.upstream.requests.clear()
                person.questions.clear()
                await assert_sold(example, shop, person)


async def assert_sold(example: dict[str, Any], shop: Any, person: Any) -> None:
    order, rest = split(example["request"])
    preview = await shop.call("preview_checkout", order)
    assert shop.upstream.bodies("POST", "/checkouts/preview") == [order]
    sale = rest | {"preview_id": preview["preview_id"]}
    session = await shop.call("create_checkout_session", sale)
    [body] = shop.upstream.created
    assert body["metadata"].pop("mcp_preview_id") == preview["preview_id"]
    assert body == example["request"] | {"metadata": example["request"].get("metadata", {})}
    assert len(person.questions) == (example["title"] in CHARGED_AT_ONCE)
    if "payment_method_id" in rest:
        assert "checkout_url" not in session
        assert session["payment_id"].startswith("pay_")
        return
    page = "buy" if rest.get("short_link") else "session"
    assert session["checkout_url"].startswith(f"{shop.upstream.url}/{page}/")


@pytest.mark.requirement("sell.guide_examples")
async def test_the_preview_example_gives_what_the_guide_prints(open_shop: Any) -> None:
    [example] = [each for each in EXAMPLES if each["operation"] == "preview"]
    async with open_shop() as shop:
        preview = await shop.call("preview_checkout", example["request"])
    amounts = {name: preview[name] for name in ("currency", "subtotal", "discount", "tax", "total")}
    assert amounts == {"currency": "USD", "subtotal": 4900, "discount": 980, "tax": 333, "total": 4253}
    assert preview["display"] == {
        "subtotal": "USD 49.00",
        "discount": "USD 9.80",
        "tax": "USD 3.33",
        "total": "USD 42.53",
    }
