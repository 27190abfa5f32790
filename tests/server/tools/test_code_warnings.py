"""What a seller and a person read of codes, currencies and tax ids that came to nothing."""

from typing import Any

import pytest

from orders import CONFIRMED, TWO

CODES = "The discount codes do not lower this price."
CURRENCY = "The billing_currency is not available; amounts are in another currency."
TAX_ID = "The tax id was not accepted; tax is quoted without it."
MONTHLY = {"product_cart": [{"product_id": "prod_monthly_plan", "quantity": 1}]}


def without_tax_id(quote: Any) -> Any:
    return quote | {"tax_id_err_msg": "jane.doe@example.com is no tax id"}


CASES: dict[str, tuple[dict[str, Any], Any, str]] = {
    "a code of another product": ({"discount_codes": ["SAVE20"]}, "no discount", CODES),
    "the old code": ({"discount_code": "SAVE20"}, "no discount", CODES),
    "a currency that was not taken": ({"billing_currency": "EUR"}, lambda quote: quote | {"currency": "USD"}, CURRENCY),
    "a tax id that was not taken": ({"tax_id": "US123456"}, without_tax_id, TAX_ID),
}


def undiscounted(quote: Any) -> Any:
    for each in (quote["current_breakup"], quote["recurring_breakup"]):
        each["discount"] = 0
    return quote


@pytest.mark.requirement("quote.caveats")
@pytest.mark.parametrize("case", CASES)
async def test_what_came_to_nothing_is_told_to_seller_and_person(open_memory_shop: Any, person: Any, case: str) -> None:
    order, change, sentence = CASES[case]
    async with open_memory_shop(person=person) as shop:
        shop.upstream.rewrites["/checkouts/preview"] = undiscounted if change == "no discount" else change
        preview = await shop.call("preview_checkout", TWO | order)
        session = await shop.call("create_checkout_session", {"preview_id": preview["preview_id"], **CONFIRMED})
        assert sentence in preview["warnings"]
        assert sentence in person.questions[0].split("\n")
        assert sentence in session["warnings"]
        assert "jane" not in str([preview, session, person.questions])


@pytest.mark.requirement("quote.caveats")
@pytest.mark.parametrize("more", [{}, {"subscription_data": {"trial_period_days": 14}}], ids=["now", "after a trial"])
async def test_a_code_that_lowers_a_charge_is_not_warned_about(open_memory_shop: Any, more: dict[str, Any]) -> None:
    async with open_memory_shop() as shop:
        preview = await shop.call("preview_checkout", MONTHLY | {"discount_codes": ["SAVE20"]} | more)
        assert CODES not in preview.get("warnings", [])
