"""Every amount of a quote, whole: of the order, of each line and of each renewal, with its tax and in words."""

from typing import Any

import pytest

from quotes import QUOTES, Change, setting, with_subscriptions

IN_CALIFORNIA = {"billing_address": {"country": "US", "state": "CA", "zipcode": "94102"}, "discount_codes": ["SAVE20"]}
"""8.5 percent of tax on what is left of the price."""
TEAM = {"product_id": "prod_team_plan", "quantity": 1, "addons": [{"addon_id": "addon_seat", "quantity": 3}]}
DATE = {"next_billing_date": "2030-01-31T12:00:00Z"}
TEST_MODE = {"environment": "test_mode"}


def item(product_id: str, quantity: int = 1) -> dict[str, Any]:
    return {"product_id": product_id, "quantity": quantity}


def line(product_id: str, name: str, quantity: int, display: dict[str, str], **amounts: Any) -> dict[str, Any]:
    return {"product_id": product_id, "name": name, "quantity": quantity, "display": display} | amounts


CASES: dict[str, tuple[dict[str, Any], Change, dict[str, Any]]] = {
    "a subscription with add-ons beside what is bought once": (
        {"product_cart": [item("prod_123", 2), TEAM]} | IN_CALIFORNIA,
        setting(**DATE),
        {
            "currency": "USD",
            "subtotal": 17400,
            "discount": 3480,
            "tax": 1183,
            "total": 15103,
            "display": {
                "subtotal": "USD 174.00",
                "discount": "USD 34.80",
                "tax": "USD 11.83",
                "total": "USD 151.03",
            },
            "lines": [
                line(
                    "prod_123",
                    "Starter kit",
                    2,
                    {"amount": "98.00", "discount": "19.60", "tax": "6.66"},
                    amount=9800,
                    discount=1960,
                    tax=666,
                ),
                line(
                    "prod_team_plan",
                    "Team plan with add-ons",
                    1,
                    {"amount": "49.00", "discount": "9.80", "tax": "3.33"},
                    amount=4900,
                    discount=980,
                    tax=333,
                    kind="subscription",
                ),
                line(
                    "addon_seat",
                    "Extra seat",
                    3,
                    {"amount": "27.00", "discount": "5.40", "tax": "1.84"},
                    amount=2700,
                    discount=540,
                    tax=184,
                    kind="subscription",
                ),
            ],
            "recurring": [
                {
                    "total": 6597,
                    "tax": 517,
                    "interval": "1 month",
                    "next_date": "2030-01-31",
                    "display": {"total": "65.97", "tax": "5.17"},
                }
            ],
        },
    ),
    "several subscriptions, one of them with a trial that is paid": (
        {"product_cart": [item("prod_monthly_plan", 2), item("prod_paid_trial")]} | IN_CALIFORNIA,
        with_subscriptions(DATE, {"next_billing_date": "2030-01-14T12:00:00Z"}),
        {
            "currency": "USD",
            "subtotal": 5900,
            "discount": 1160,
            "tax": 403,
            "total": 5143,
            "display": {"subtotal": "USD 59.00", "discount": "USD 11.60", "tax": "USD 4.03", "total": "USD 51.43"},
            "lines": [
                line(
                    "prod_monthly_plan",
                    "Professional plan",
                    2,
                    {"amount": "58.00", "discount": "11.60", "tax": "3.94"},
                    amount=5800,
                    discount=1160,
                    tax=394,
                ),
                line(
                    "prod_paid_trial",
                    "Plan with a paid trial",
                    1,
                    {"amount": "39.00", "discount": "7.80", "tax": "0.09"},
                    amount=3900,
                    discount=780,
                    tax=9,
                ),
            ],
            "recurring": [
                {
                    "product_id": "prod_monthly_plan",
                    "due_now": 5034,
                    "total": 5034,
                    "tax": 394,
                    "interval": "1 month",
                    "next_date": "2030-01-31",
                    "display": {"due_now": "50.34", "total": "50.34", "tax": "3.94"},
                },
                {
                    "product_id": "prod_paid_trial",
                    "due_now": 109,
                    "total": 3385,
                    "tax": 265,
                    "interval": "1 month",
                    "next_date": "2030-01-14",
                    "trial_days": 14,
                    "display": {"due_now": "1.09", "total": "33.85", "tax": "2.65"},
                },
            ],
            "warnings": [
                "A trial comes first; the total leaves out what is charged after it: USD 33.85.",
                "The buyer needs a card to start the trial.",
                "The lines of subscriptions show their full price, not what is due now.",
            ],
        },
    ),
    "a tax of nothing, which is known": (
        {"product_cart": [item("prod_monthly_plan")], "billing_address": {"country": "KW"}, "billing_currency": "KWD"},
        setting(**DATE),
        {
            "currency": "KWD",
            "subtotal": 8700,
            "tax": 0,
            "total": 8700,
            "display": {"subtotal": "KWD 8.700", "tax": "KWD 0.000", "total": "KWD 8.700"},
            "lines": [
                line(
                    "prod_monthly_plan",
                    "Professional plan",
                    1,
                    {"amount": "8.700", "tax": "0.000"},
                    amount=8700,
                    tax=0,
                )
            ],
            "recurring": [
                {
                    "total": 8700,
                    "tax": 0,
                    "interval": "1 month",
                    "next_date": "2030-01-31",
                    "display": {"total": "8.700", "tax": "0.000"},
                }
            ],
            "warnings": ["Prices listed in USD were converted to KWD."],
        },
    ),
    "a tax that is not known, of the order, of its lines and of its renewals": (
        {"product_cart": [item("prod_monthly_plan")]},
        setting(**DATE),
        {
            "currency": "USD",
            "subtotal": 2900,
            "total": 2900,
            "display": {"subtotal": "USD 29.00", "total": "USD 29.00"},
            "lines": [line("prod_monthly_plan", "Professional plan", 1, {"amount": "29.00"}, amount=2900)],
            "recurring": [
                {"total": 2900, "interval": "1 month", "next_date": "2030-01-31", "display": {"total": "29.00"}}
            ],
            "warnings": [
                "Tax is not included yet: it depends on the billing address.",
                "No billing address was given; the payment API assumed the country US.",
            ],
        },
    ),
}


@pytest.mark.requirement("sell.results")
@pytest.mark.parametrize("case", CASES)
async def test_a_quote_has_each_amount_under_its_own_name(open_memory_shop: Any, case: str) -> None:
    order, change, whole = CASES[case]
    async with open_memory_shop() as shop:
        shop.upstream.rewrites[QUOTES] = change
        preview = await shop.call("preview_checkout", order)
        assert preview.pop("preview_id").startswith("prv_")
        assert "expires_at" in preview
        assert preview | {"expires_at": ""} == TEST_MODE | {"expires_at": ""} | whole
