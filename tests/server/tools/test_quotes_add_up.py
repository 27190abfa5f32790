"""A quote that is read out adds up, in the result and on the hosted page, or a sentence says why it does not."""

import asyncio
import re
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkout_server.sandbox.catalogue import ADDONS, DISCOUNTS, PRODUCTS, RATES, TAX_RATES, US_STATE_TAX_RATES
from examples import examples
from quotes import QUOTES, Change, with_lines

FULL_PRICE = "The lines of subscriptions show their full price, not what is due now."
UNEXPLAINED = "The lines do not add up to the order's amounts; only its total is charged."
SHARES = {"amount": "subtotal", "discount": "discount", "tax": "tax"}

_countries = st.sampled_from(sorted(TAX_RATES))
_states = st.sampled_from(sorted(US_STATE_TAX_RATES))
_codes = sorted(code for code, each in DISCOUNTS.items() if not (each.expired or each.used_up or each.products))
_trials = st.none() | st.integers(0, 40)
_SOLD = [each for each in PRODUCTS.values() if not each.archived]
_SPECIAL = [
    each
    for each in _SOLD
    if each.addons
    or each.pay_what_you_want
    or each.tax_inclusive
    or each.meters
    or (each.cycle and each.cycle.trial_days)
]
_PLAIN = [each for each in _SOLD if each not in _SPECIAL]


@st.composite
def _items(draw: st.DrawFn) -> dict[str, Any]:
    product = draw(st.sampled_from(_PLAIN) | st.sampled_from(_SPECIAL))
    item: dict[str, Any] = {"product_id": product.id, "quantity": draw(st.integers(1, 9))}
    if product.pay_what_you_want and draw(st.booleans()):
        item["amount"] = draw(st.integers(product.price, 99_999))
    if product.addons:
        addons = draw(st.lists(st.sampled_from(sorted(ADDONS)), unique=True))
        item["addons"] = [{"addon_id": each, "quantity": draw(st.integers(1, 5))} for each in addons]
    return item


@st.composite
def _orders(draw: st.DrawFn) -> dict[str, Any]:
    order: dict[str, Any] = {"product_cart": draw(st.lists(_items(), min_size=1, max_size=5))}
    if draw(st.booleans()):
        country = draw(_countries)
        order["billing_address"] = {"country": country} | ({"state": draw(_states)} if country == "US" else {})
    if draw(st.booleans()):
        order["billing_currency"] = draw(st.sampled_from(sorted(RATES)))
    if codes := draw(st.lists(st.sampled_from(_codes), unique=True, max_size=3)):
        order["discount_codes"] = codes
    if (days := draw(_trials)) is not None:
        order["subscription_data"] = {"trial_period_days": days}
    return order


def gaps(preview: dict[str, Any]) -> list[str]:
    """The sums that do not hold."""
    found = [
        total
        for share, total in SHARES.items()
        if sum(line.get(share, 0) for line in preview["lines"]) != preview.get(total, 0)
    ]
    charged = preview["subtotal"] - preview.get("discount", 0) + preview.get("tax", 0)
    return found + (["total"] if charged != preview["total"] else [])


def has_trial(preview: dict[str, Any]) -> bool:
    return any("trial_days" in each for each in preview.get("recurring", ()))


def is_explained(gap: str, preview: dict[str, Any]) -> bool:
    warnings = preview.get("warnings", [])
    if gap == "total":
        return any("includes the tax shown" in each for each in warnings)
    return FULL_PRICE in warnings and has_trial(preview)


_SUM = r'<td data-sum="(subtotal|discount|total)">(.*?)</td>'


def on_page(html: str) -> tuple[list[int], dict[str, int]]:
    """The prices of the lines of a hosted page, and its sums, in the digits that it shows, without signs."""
    lines, sums = html.partition('<table id="lines">')[2].split("</table>")[:2]
    prices = [_digits(price) for price in re.findall(r"<td>(.*?)</td>", lines)]
    return prices, {name: _digits(amount) for name, amount in re.findall(_SUM, sums)}


def _digits(text: str) -> int:
    return int(re.sub(r"[^0-9-]", "", text.rpartition("\N{NO-BREAK SPACE}")[2]))


@pytest.mark.requirement("quote.adds_up")
@pytest.mark.hypothesis
@pytest.mark.timeout(300)
async def test_every_cart_adds_up_or_says_why_not(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop, httpx2.AsyncClient() as browser:
        loop = asyncio.get_running_loop()

        async def sell(order: dict[str, Any]) -> None:
            preview = await shop.call("preview_checkout", order)
            assert [gap for gap in gaps(preview) if not is_explained(gap, preview)] == []
            assert UNEXPLAINED not in preview.get("warnings", [])
            session = await shop.call("create_checkout_session", {"preview_id": preview["preview_id"]})
            page = (await browser.get(session["checkout_url"])).text
            prices, sums = on_page(page)
            assert sum(prices) == sums["subtotal"] == preview["subtotal"]
            assert (sums.get("discount", 0), sums["total"]) == (preview.get("discount", 0), preview["total"])
            if FULL_PRICE not in preview.get("warnings", []):  # a trial stands on the page at what is due for it
                assert prices == [line["amount"] for line in preview["lines"]]

        @settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
        @given(_orders())
        def check(order: dict[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(sell(order), loop).result(30)

        # hypothesis is synchronous: it drives from a thread, the client stays in this loop.
        await asyncio.to_thread(check)


GERMAN: dict[str, Any] = {
    "product_cart": [{"product_id": "prod_123", "quantity": 2}, {"product_id": "prod_mouse", "quantity": 1}],
    "billing_address": {"country": "DE"},
    "discount_codes": ["SAVE20"],
}


def charging(**more: int) -> Change:
    """Amounts of the whole order that are larger than the API's own."""

    def changed(quote: Any) -> Any:
        for name, amount in more.items():
            quote["current_breakup"][name] += amount
        return quote

    return changed


ODD: dict[str, Change] = {
    "a line with more tax": with_lines({"tax": 9999}, {}),
    "a line without its tax": with_lines({"tax": None}, {}),
    "a line with another price": with_lines({"discounted_price": 1}, {}),
    "lines without a price before discounts": with_lines({"og_price": None}, {"og_price": None}),
    "prices before discounts in the listed currency": with_lines({"og_price": 9800}, {"og_price": 2900}),
    "a line in another currency": with_lines({"currency": "USD"}, {}),
    "another subtotal": charging(subtotal=1),
    "another discount": charging(discount=1),
    "another tax": charging(tax=1),
    "another total": charging(total_amount=1),
}


@pytest.mark.requirement("quote.adds_up")
@pytest.mark.parametrize("case", ODD)
async def test_a_table_that_does_not_add_up_for_no_known_reason_says_so(open_memory_shop: Any, case: str) -> None:
    async with open_memory_shop() as shop:
        shop.upstream.rewrites[QUOTES] = ODD[case]
        preview = await shop.call("preview_checkout", GERMAN)
        assert gaps(preview) != []
        assert UNEXPLAINED in preview["warnings"]


@pytest.mark.requirement("quote.adds_up")
async def test_prices_that_were_not_converted_are_not_shown_as_if_they_were(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        order = {name: value for name, value in GERMAN.items() if name != "discount_codes"}
        expected = await shop.call("preview_checkout", order)
        shop.upstream.rewrites[QUOTES] = with_lines({"og_price": 9800}, {"og_price": 2900})
        preview = await shop.call("preview_checkout", order)
        assert (preview["lines"], gaps(preview)) == (expected["lines"], [])
        assert preview["warnings"] == ["Prices listed in USD were converted to EUR."]


@pytest.mark.requirement("quote.adds_up")
async def test_a_tax_that_is_not_known_is_no_lines_either(open_memory_shop: Any) -> None:
    def unknown(quote: Any) -> Any:
        quote["current_breakup"] |= {"tax": None, "total_amount": quote["total_price"] - quote["total_tax"]}
        return quote

    async with open_memory_shop() as shop:
        shop.upstream.rewrites[QUOTES] = unknown
        preview = await shop.call("preview_checkout", GERMAN)
        assert [line for line in preview["lines"] if "tax" in line] == []
        assert UNEXPLAINED not in preview["warnings"]


@pytest.mark.requirement("quote.adds_up")
async def test_amounts_have_thousands_separators_and_their_currency_once(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        preview = await shop.call(
            "preview_checkout",
            {
                "product_cart": [{"product_id": "prod_laptop", "quantity": 1}],
                "billing_address": {"country": "US", "state": "CA", "zipcode": "94102"},
            },
        )
        assert preview["display"] == {"subtotal": "USD 1,299.00", "tax": "USD 110.42", "total": "USD 1,409.42"}
        assert [line["display"] for line in preview["lines"]] == [{"amount": "1,299.00", "tax": "110.42"}]
