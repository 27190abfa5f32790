"""The ways to pay on the hosted page: those that the order allows and that suit it, each with what it comes to."""

from typing import Any

import pytest

from hosted_form import asking
from hosted_page import CUSTOMER

pytestmark = pytest.mark.thorough

WATCH = [{"product_id": "prod_luxury_watch", "quantity": 1}]
INDIA: dict[str, Any] = {"billing_address": {"country": "IN"}, "billing_currency": "INR"}
WAYS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unsaid": ({}, ["card", "google_pay", "paypal"]),
    "cards only": ({"allowed_payment_method_types": ["credit", "debit"]}, ["card"]),
    "no cards": ({"allowed_payment_method_types": ["paypal"]}, ["paypal"]),
    "too little for later": ({"allowed_payment_method_types": ["klarna", "credit"]}, ["card"]),
    "enough for later": (
        {"allowed_payment_method_types": ["klarna", "credit"], "product_cart": WATCH},
        ["card", "klarna"],
    ),
    "UPI in India": ({"allowed_payment_method_types": ["upi_collect", "credit"]} | INDIA, ["card", "upi_collect"]),
    "UPI elsewhere": ({"allowed_payment_method_types": ["upi_collect", "credit"]}, ["card"]),
    "saved ones": (
        {"customer": {"customer_id": "cus_123"}, "show_saved_payment_methods": True},
        ["pm_abc123", "card", "google_pay", "paypal"],
    ),
    "saved ones in their currency": (
        {
            "customer": {"customer_id": "cus_123"},
            "show_saved_payment_methods": True,
            "billing_currency": "EUR",
            "allowed_payment_method_types": ["credit"],
        },
        ["pm_abc123", "pm_euro", "card"],
    ),
    "saved ones that nobody asked for": ({"customer": {"customer_id": "cus_123"}}, ["card", "google_pay", "paypal"]),
}


@pytest.mark.requirement("sandbox.methods")
@pytest.mark.parametrize("case", WAYS)
async def test_the_ways_to_pay_are_those_that_the_order_allows_and_that_suit_it(case: str) -> None:
    order, ways = WAYS[case]
    async with asking(**{"product_cart": [{"product_id": "prod_mouse", "quantity": 1}]} | order) as page:
        assert (await page.fields()).ways == ways


@pytest.mark.requirement("sandbox.methods")
async def test_the_saved_methods_are_of_whom_the_order_names_and_not_of_an_address_that_is_typed() -> None:
    known = "returning.customer@example.com"
    async with asking(customer={"email": known}, show_saved_payment_methods=True) as page:
        assert "pm_abc123" in (await page.fields()).ways
    async with asking(show_saved_payment_methods=True) as page:
        await page.pay(email=known, reason="CARD_DECLINED")
        assert "pm_abc123" not in (await page.fields(email=known)).ways
        assert (await page.http.post("/pay", data={"email": known, "method": "pm_abc123"})).status_code == 422


@pytest.mark.requirement("sandbox.methods")
async def test_a_way_that_is_not_offered_is_refused() -> None:
    async with asking(customer=CUSTOMER, allowed_payment_method_types=["paypal"]) as page:
        assert await page.refuses(method="klarna")
        assert await page.refuses(card_number="4242424242424242")


PAID: dict[str, tuple[dict[str, str], str, tuple[str, str]]] = {
    "a wallet asks first": ({"method": "paypal"}, "requires_customer_action", ("wallet", "paypal")),
    "UPI pays": ({"method": "upi_collect", "upi_id": "success@upi"}, "succeeded", ("upi", "upi_collect")),
    "UPI fails": ({"method": "upi_collect", "upi_id": "failure@upi"}, "failed", ("upi", "upi_collect")),
    "a saved method pays": ({"method": "pm_abc123"}, "succeeded", ("card", "credit")),
}


@pytest.mark.requirement("sandbox.methods")
@pytest.mark.parametrize("case", PAID)
async def test_each_way_comes_to_what_it_is_for(case: str) -> None:
    form, status, way = PAID[case]
    order: dict[str, Any] = {"customer": {"customer_id": "cus_123"}, "show_saved_payment_methods": True}
    order |= {"allowed_payment_method_types": ["paypal", "upi_collect", "credit"]}
    async with asking(**order | INDIA) as page:
        payment = await page.pay(**form)
        assert (payment.status, (payment.paid_by.kind, payment.paid_by.type)) == (status, way)


@pytest.mark.requirement("sandbox.methods")
async def test_an_approval_elsewhere_names_who_asks_and_is_no_3d_secure() -> None:
    async with asking(customer=CUSTOMER, allowed_payment_method_types=["paypal"]) as page:
        asked = await page.http.post("/pay", data={"method": "paypal"})
        assert "PayPal asks you to approve this payment." in asked.text
        payment = await page.pay()
        assert (payment.status, payment.three_ds) == ("succeeded", None)
