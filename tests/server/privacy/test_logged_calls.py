"""The event of a call: which preview it was about, and nothing that was only typed."""

import json
from typing import Any

import pytest

from checkout_server.checkout.policy.document import Section
from checkout_server.privacy.vocabulary.fields import PolicyRule, words
from orders import CONFIRMED, ORDER

TYPED = "prv_jane-doe-1980-01"
"""In the form of an id."""


def finished(written: Any) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in written.getvalue().decode().splitlines()]
    return [event for event in events if event["event"] == "tool.finished"]


@pytest.mark.requirement("privacy.events")
@pytest.mark.parametrize("tool", ["create_checkout_session", "get_checkout_session"])
@pytest.mark.parametrize("refused_last", [403, 503])
async def test_a_preview_that_was_not_looked_for_is_not_logged(
    open_memory_shop: Any, written: Any, tool: str, refused_last: int
) -> None:
    """The account is asked for first, of two lists; either failure can be the one that is raised."""
    async with open_memory_shop() as shop:
        shop.upstream.statuses |= {"/brands": 503, "/products": refused_last}
        error = await shop.refusal(tool, {"preview_id": TYPED})
    [event] = finished(written)
    assert (error["code"], event["code"]) == ("gateway_unavailable", "gateway_unavailable")
    assert "preview_id" not in event


@pytest.mark.requirement("privacy.events")
async def test_a_preview_that_was_found_is_logged_though_the_api_fails_then(
    open_memory_shop: Any, written: Any
) -> None:
    async with open_memory_shop(policy="[preview]\nrequote_after_seconds = 0") as shop:
        preview_id = await shop.preview_id()
        shop.upstream.statuses["/checkouts/preview"] = 503
        await shop.refusal("create_checkout_session", {"preview_id": preview_id})
    *_, event = finished(written)
    assert (event["code"], event["preview_id"]) == ("gateway_unavailable", preview_id)


def row(product_id: str, quantity: int = 1) -> dict[str, Any]:
    return {"product_id": product_id, "quantity": quantity}


@pytest.mark.requirement("privacy.events")
async def test_a_refused_call_says_which_fields_were_wrong_and_nothing_that_was_typed(
    open_memory_shop: Any, written: Any
) -> None:
    order = {
        "product_cart": [row("prod_ebook_guide"), row("prod_123", -1), row("jane@example.com"), row("prod_4155550123")],
        "billing_address": {"country": "Jane", "jane_doe": 1},
        "metadata": {"jane": "Doe"},
        "jane": "Doe",
    }
    async with open_memory_shop() as shop:
        error = await shop.refusal("preview_checkout", order)
    [event] = finished(written)
    assert (event["code"], event["count"]) == ("invalid_request", len(error["problems"]))
    assert {"product_cart[1].quantity", "billing_address.country", "billing_address"} <= set(event["paths"])
    assert event["product_ids"] == ["prod_ebook_guide", "prod_123"]
    assert "jane" not in written.getvalue().decode().lower()


POLICY = """
[limits]
max_quantity = 2
max_total = { EUR = 100 }
[allow]
products = ["prod_ebook_guide"]
countries = ["DE"]
discount_codes = []
[confirm]
mode = "never"
"""


@pytest.mark.requirement("privacy.events")
async def test_a_denied_call_says_which_rules_denied_it(open_memory_shop: Any, written: Any) -> None:
    order = {
        "product_cart": [row("prod_123", 3)],
        "billing_address": {"country": "US"},
        "discount_codes": ["WELCOME10"],
    }
    async with open_memory_shop(policy=POLICY) as shop:
        await shop.refusal("preview_checkout", order)
        await shop.refusal(
            "preview_checkout", {"product_cart": [row("prod_ebook_guide")], "billing_address": {"country": "DE"}}
        )
    by_list, by_amount = finished(written)
    assert by_list["rules"] == ["allow.products", "limits.max_quantity", "allow.discount_codes", "allow.countries"]
    assert by_list["paths"] == [
        "product_cart[0].product_id", "product_cart[0].quantity", "discount_codes[0]", "billing_address.country",
    ]  # fmt: skip
    assert by_list["product_ids"] == ["prod_123"]
    assert by_amount["rules"] == ["limits.max_total"]


@pytest.mark.requirement("privacy.events")
@pytest.mark.parametrize(
    ("policy", "sale", "rules"),
    [
        ("[limits]\ncreations_per_hour = 0", {}, ["limits.creations_per_hour"]),
        ('[allow]\nreturn_hosts = ["a.example"]', {"return_url": "https://b.example"}, ["allow.return_hosts"]),
        ("[allow]", {"return_url": "myapp://back"}, ["allow.return_schemes"]),
        ('[confirm]\nmode = "never"', {**CONFIRMED}, ["confirm.mode"]),
        ("[confirm]\nsaved_payment_methods = false", {**CONFIRMED}, ["confirm.saved_payment_methods"]),
    ],
)
async def test_a_denied_sale_says_which_rule_denied_it(
    open_memory_shop: Any, written: Any, person: Any, policy: str, sale: dict[str, Any], rules: list[str]
) -> None:
    async with open_memory_shop(policy=policy, person=person) as shop:
        preview = await shop.call("preview_checkout", ORDER)
        await shop.refusal("create_checkout_session", {"preview_id": preview["preview_id"], **sale})
    assert finished(written)[-1]["rules"] == rules


@pytest.mark.requirement("privacy.events")
async def test_no_preview_gets_an_id_that_the_log_takes_for_a_phone_number(
    open_memory_shop: Any, written: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["9vrjbgC1t2759985", "62329120h7FvuSk5", "AbCdEfGhIjKlMnOp"])
    async with open_memory_shop() as shop:
        monkeypatch.setattr("checkout_server.checkout.quote.preview.secrets.token_urlsafe", lambda _length: next(drawn))
        preview = await shop.call("preview_checkout", ORDER)
    assert preview["preview_id"] == "prv_AbCdEfGhIjKlMnOp"
    [event] = finished(written)
    assert (event["preview_id"], event.get("dropped")) == ("prv_AbCdEfGhIjKlMnOp", None)


@pytest.mark.requirement("privacy.events")
async def test_an_accepted_call_says_its_products_and_its_amount(open_memory_shop: Any, written: Any) -> None:
    async with open_memory_shop() as shop:
        preview = await shop.call("preview_checkout", ORDER)
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})
    quoted, sold = finished(written)
    amounts = {"currency": preview["currency"], "total": preview["total"]}
    assert {name: quoted[name] for name in ("product_ids", *amounts)} == {
        "product_ids": ["prod_premium_plan"],
        **amounts,
    }
    assert {name: sold[name] for name in amounts} == amounts


@pytest.mark.requirement("privacy.events")
def test_every_rule_is_a_key_of_the_policy() -> None:
    keys = {f"{name}.{key}" for name, table in Section() for key in type(table).model_fields}
    assert words(PolicyRule) <= keys
