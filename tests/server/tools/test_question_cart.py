"""The cart as a person reads it: every line as it is sent, and a price only where the quote is made with it."""

from typing import Any

import pytest

from orders import CONFIRMED, TWO
from quotes import QUOTES, Change, chained, setting, with_lines


@pytest.mark.requirement("approval.question")
async def test_no_line_hides_behind_others(open_memory_shop: Any, person: Any) -> None:
    cheap, dear = {"product_id": "prod_subscription", "quantity": 1}, {"product_id": "prod_yearly_plan", "quantity": 99}
    order = TWO | {"product_cart": [cheap] * 19 + [dear], "subscription_data": {"trial_period_days": 30}}
    async with open_memory_shop(person=person) as shop:
        preview = await shop.call("preview_checkout", order)
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **CONFIRMED})
    lines = person.questions[0].split("\n")
    assert [line for line in lines if line.startswith("- ")] == [
        f"- {line['quantity']} × “{line['name']}”" for line in preview["lines"]
    ]
    renewals = [line for line in lines if line.startswith("Then: ")]
    assert len(renewals) == 20
    assert renewals[-1].startswith(
        f"Then: {preview['display']['total'][:4]}{preview['recurring'][-1]['display']['total']} "
    )


@pytest.mark.requirement("approval.question")
async def test_credits_of_the_orders_own_are_told(open_memory_shop: Any, person: Any) -> None:
    grants = [{"credit_entitlement_id": "cent_api_calls", "credits_amount": "999999999999"}]
    cart = [{"product_id": "prod_credits", "quantity": 1, "credit_entitlements": grants}]
    async with open_memory_shop(person=person) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO | {"product_cart": cart}), **CONFIRMED}
        await shop.call("create_checkout_session", sale)
        told = "- grants 999999999999 credits (overrides the product's default)"
        assert told in person.questions[0].split("\n")


@pytest.mark.requirement("approval.question")
async def test_the_cart_is_told_as_it_is_sent(open_memory_shop: Any, person: Any) -> None:
    cart = [
        {"product_id": "prod_donation", "quantity": 2, "amount": 700},
        {"product_id": "prod_team_plan", "quantity": 1, "addons": [{"addon_id": "addon_seat", "quantity": 4}]},
        {"product_id": "prod_donation", "quantity": 1, "amount": 900},
    ]
    async with open_memory_shop(person=person) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO | {"product_cart": cart}), **CONFIRMED}
        await shop.call("create_checkout_session", sale)
    assert [line for line in person.questions[0].split("\n") if line.startswith("- ")] == [
        "- 2 × “Donation”, USD 7.00 each",
        "- 1 × “Team plan with add-ons”",
        "- 4 × “Extra seat”",
        "- 1 × “Donation”, USD 9.00 each",
    ]


def line(product_id: str, amount: int, quantity: int = 1) -> dict[str, Any]:
    return {"product_id": product_id, "quantity": quantity, "amount": amount}


def merged(quote: Any) -> Any:
    first, second = quote["product_cart"]
    first.update(quantity=2, og_price=first["og_price"] + second["og_price"])
    return quote | {"product_cart": [first]}


AMOUNTS: dict[str, tuple[list[dict[str, Any]], Change, list[str], bool]] = {
    "of a fixed price": ([line("prod_laptop", 1)], setting(), ["- 1 × “Laptop 14 inch”"], True),
    "of a fixed price, on one of two lines that sum up to it": (
        [line("prod_mouse", 1), line("prod_mouse", 5799)],
        setting(),
        ["- 1 × “Wireless mouse”", "- 1 × “Wireless mouse”"],
        True,
    ),
    "that happens to be the fixed price": (
        [line("prod_mouse", 2900, 2)], setting(), ["- 2 × “Wireless mouse”, USD 29.00 each"], False,
    ),
    "that is chosen on two lines and used on one": (
        [line("prod_donation", 700), line("prod_donation", 700)],
        with_lines({}, {"og_price": 100}),
        ["- 1 × “Donation”, USD 7.00 each", "- 1 × “Donation”"],
        True,
    ),
    "in a currency without decimals": (
        [line("prod_tokyo_guide", 1500)],
        chained(setting(currency="JPY"), with_lines({"currency": "JPY", "og_price": 1500})),
        ["- 1 × “東京ガイド (Tokyo guide)”, JPY 1,500 each"],
        False,
    ),
    "that is converted": (
        [line("prod_donation", 700)],
        chained(setting(currency="EUR"), with_lines({"currency": "EUR"})),
        ["- 1 × “Donation”"],
        False,
    ),
    "of a line whose price is not quoted": (
        [line("prod_donation", 700)], with_lines({"og_price": None}), ["- 1 × “Donation”"], False,
    ),
    "of lines that the quote merges": (
        [line("prod_donation", 700), line("prod_donation", 900)],
        merged,
        ["- 1 × “Donation”", "- 1 × “Donation”"],
        False,
    ),
}  # fmt: skip


@pytest.mark.requirement("quote.caveats")
@pytest.mark.parametrize("case", AMOUNTS)
async def test_an_amount_is_told_as_a_price_only_where_the_quote_is_made_with_it(
    open_memory_shop: Any, person: Any, case: str
) -> None:
    cart, change, lines, is_unused = AMOUNTS[case]
    async with open_memory_shop(person=person) as shop:
        shop.upstream.rewrites[QUOTES] = change
        preview = await shop.call("preview_checkout", TWO | {"product_cart": cart})
        session = await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **CONFIRMED})
    told = person.questions[0].split("\n")
    assert [each for each in told if each.startswith("- ")] == lines
    named = f"“{preview['lines'][0]['name']}”"
    unused = "The amount given for {} is not used; the product is sold at its own price."
    assert (unused.format(named) in told) is is_unused
    for result in (preview, session):
        assert (unused.format(cart[0]["product_id"]) in result.get("warnings", [])) is is_unused


GRANT = {"credit_entitlement_id": "cent_api_calls", "credits_amount": "1"}


@pytest.mark.requirement("approval.question")
@pytest.mark.parametrize("grants", [19, 20])
async def test_of_a_long_cart_the_amount_is_told_first_too(open_memory_shop: Any, person: Any, grants: int) -> None:
    cart = [{"product_id": "prod_credits", "quantity": 1, "credit_entitlements": [GRANT] * grants}]
    async with open_memory_shop(person=person) as shop:
        preview = await shop.call("preview_checkout", TWO | {"product_cart": cart})
        await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **CONFIRMED})
    [question] = person.questions
    first, *rest = question.split("\n")[1:]
    due_now = preview["display"]["total"]
    assert first == (f"21 lines; due now: {due_now}" if grants == 20 else "- 1 × “API credits”")
    assert [each for each in rest if each.lower().startswith("due now")] == [f"Due now: {due_now}"]
