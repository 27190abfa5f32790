"""What comes of a session, as the official client reads it: attempts, refunds, disputes, keys."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from warnings import catch_warnings, simplefilter

import httpx2
import pytest
from dodopayments import AsyncDodoPayments, NotFoundError, UnprocessableEntityError, types
from pydantic import TypeAdapter

from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.payments import DECLINES, DisputeStatus, SubscriptionStatus
from checkout_server.sandbox.sessions import Sandbox

BUYER = {"email": "buyer@example.com", "name": "Ada"}
SIZE: dict[str, Any] = {"key": "size", "label": "Size", "field_type": "dropdown", "options": ["S", "L"]}


@dataclass
class Shop:
    """The official client, which validates nothing itself, a buyer's browser, and the sandbox behind them."""

    client: Any
    browser: httpx2.AsyncClient
    sandbox: Sandbox

    async def open(self, *product_ids: str, **order: Any) -> str:
        """The path of a new session's page."""
        cart = [{"product_id": each, "quantity": 1} for each in product_ids or ("prod_123",)]
        made = await self.client.checkout_sessions.create(product_cart=cart, **({"customer": BUYER} | order))
        return f"/session/{made.session_id}"

    async def payment(self, number: int = -1) -> types.Payment:
        return await self.valid(types.Payment, self.client.payments.retrieve(self.sandbox.payments[number].id))

    async def license_keys(self, **filters: str) -> list[types.LicenseKey]:
        with catch_warnings():
            simplefilter("ignore", DeprecationWarning)  # the client's: grants of entitlements are newer
            rows = (await self.client.license_keys.list(**filters)).items
        return TypeAdapter(list[types.LicenseKey]).validate_python([each.to_dict() for each in rows])

    async def valid(self, shape: Any, answer: Any) -> Any:
        return TypeAdapter(shape).validate_python((await answer).to_dict())


@asynccontextmanager
async def selling() -> AsyncGenerator[Shop]:
    sandbox = Sandbox()
    async with (
        running_app(create_app(sandbox)) as url,
        AsyncDodoPayments(bearer_token="any", base_url=url, max_retries=0) as client,
        httpx2.AsyncClient(base_url=url) as browser,
    ):
        yield Shop(client, browser, sandbox)


@pytest.mark.requirement("sandbox.after_sale")
async def test_a_failed_attempt_and_the_paid_one_after_it_are_two_payments_of_a_session() -> None:
    async with selling() as shop:
        page = await shop.open("prod_license_bundle", "prod_monthly_plan")
        await shop.browser.post(f"{page}/fail", data={"reason": "INSUFFICIENT_FUNDS"})
        await shop.browser.post(f"{page}/pay")
        failed, paid = await shop.payment(0), await shop.payment(1)
        assert (failed.status, failed.error_code, failed.retry_attempt) == ("failed", "INSUFFICIENT_FUNDS", 0)
        assert (bool(failed.error_message), failed.invoice_url) == (True, None)
        assert (paid.status, paid.error_code, paid.error_message) == ("succeeded", None, None)
        assert failed.checkout_session_id == paid.checkout_session_id == page.rpartition("/")[2]
        assert paid.updated_at is not None
        assert (paid.settlement_amount, paid.settlement_currency, paid.charge_type) == (12800, "USD", "new")
        rows = (await shop.client.payments.list()).items
        assert [(row.status, row.has_license_key) for row in rows] == [("succeeded", True), ("failed", False)]
        TypeAdapter(list[types.PaymentListResponse]).validate_python([row.to_dict() for row in rows])
        status = await shop.client.checkout_sessions.retrieve(paid.checkout_session_id)
        assert (status.payment_id, status.payment_status) == (paid.payment_id, "succeeded")


@pytest.mark.requirement("sandbox.after_sale")
async def test_a_payment_is_declined_for_any_documented_reason() -> None:
    async with selling() as shop:
        page = await shop.open()
        for reason in DECLINES:
            await shop.browser.post(f"{page}/fail", data={"reason": reason})
        assert [each.error_code for each in shop.sandbox.payments] == list(DECLINES)
        assert (await shop.payment()).error_code == DECLINES[-1]


@pytest.mark.requirement("sandbox.after_sale")
async def test_a_reason_that_does_not_exist_is_refused() -> None:
    async with selling() as shop:
        answer = await shop.browser.post(f"{await shop.open()}/fail", data={"reason": "BORED"})
        assert (answer.status_code, shop.sandbox.payments) == (422, [])


@pytest.mark.requirement("sandbox.after_sale")
@pytest.mark.parametrize(("button", "status"), [("pay", "succeeded"), ("fail", "failed")])
async def test_a_bank_that_asks_for_a_confirmation_gets_it_or_not(button: str, status: str) -> None:
    async with selling() as shop:
        page = await shop.open()
        await shop.browser.post(f"{page}/challenge")
        assert (await shop.payment()).status == "requires_customer_action"
        await shop.browser.post(f"{page}/{button}")
        [payment] = [await shop.payment(number) for number in range(len(shop.sandbox.payments))]
        expected = ("authenticated", None) if button == "pay" else ("failed", "AUTHENTICATION_FAILURE")
        assert payment.status == status
        assert (payment.three_ds_status, payment.error_code) == expected


@pytest.mark.requirement("sandbox.after_sale")
async def test_what_the_buyer_typed_is_in_the_payment_and_in_the_subscription() -> None:
    async with selling() as shop:
        page = await shop.open("prod_monthly_plan", customer=None, custom_fields=[SIZE | {"required": True}])
        form = {"email": "typed@example.com", "name": "Typed", "custom_size": "L"}
        await shop.browser.post(f"{page}/pay", data=form)
        payment = await shop.payment()
        [subscription_id] = payment.subscription_ids
        subscription = await shop.valid(types.Subscription, shop.client.subscriptions.retrieve(subscription_id))
        customer = await shop.valid(types.Customer, shop.client.customers.retrieve(payment.customer.customer_id))
        for each in (payment, subscription):
            assert (each.customer.email, each.customer.name) == ("typed@example.com", "Typed")
            assert [(answer.key, answer.value) for answer in each.custom_field_responses or []] == [("size", "L")]
        assert (customer.email, customer.name) == ("typed@example.com", "Typed")
        assert (subscription.status, subscription.recurring_pre_tax_amount) == ("active", 2900)
        methods = await shop.client.customers.retrieve_payment_methods(customer.customer_id)
        assert methods.items == []


WRONG: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "a required field is empty": (SIZE | {"required": True}, {"custom_size": " "}),
    "a choice that there is not": (SIZE, {"custom_size": "XXL"}),
    "a word for a number": ({"key": "n", "label": "N", "field_type": "number"}, {"custom_n": "many"}),
    "a day that there is not": ({"key": "d", "label": "D", "field_type": "date"}, {"custom_d": "2026-02-30"}),
    "a box that has to be ticked": ({"key": "b", "label": "B", "field_type": "boolean", "required": True}, {}),
    "no address": (SIZE, {"email": ""}),
    "a code that there is not": (SIZE, {"discount_code": "NOPE"}),
}


@pytest.mark.requirement("sandbox.after_sale")
@pytest.mark.parametrize("case", WRONG)
async def test_a_form_that_is_not_filled_in_pays_nothing(case: str) -> None:
    field, form = WRONG[case]
    async with selling() as shop:
        page = await shop.open(custom_fields=[field])
        answer = await shop.browser.post(f"{page}/pay", data=form)
        assert (answer.status_code, shop.sandbox.payments) == (422, [])
        assert re.search('id="problem"[^>]*>[^<]', answer.text)


@pytest.mark.requirement("sandbox.after_sale")
async def test_a_code_and_a_country_that_the_buyer_enters_change_what_is_paid() -> None:
    async with selling() as shop:
        page = await shop.open()
        await shop.browser.post(f"{page}/pay", data={"discount_code": "save20", "country": "DE"})
        payment = await shop.payment()
        assert (payment.total_amount, payment.tax, payment.currency) == (4198, 670, "EUR")
        assert payment.billing.country == "DE"


@pytest.mark.requirement("sandbox.after_sale")
async def test_an_order_that_allows_no_code_takes_none() -> None:
    async with selling() as shop:
        page = await shop.open(feature_flags={"allow_discount_code": False})
        await shop.browser.post(f"{page}/pay", data={"discount_code": "SAVE20"})
        assert (await shop.payment()).total_amount == 4900


@pytest.mark.requirement("sandbox.after_sale")
async def test_license_keys_are_listed_by_customer_and_product_and_name_their_payment() -> None:
    async with selling() as shop:
        for product in ("prod_license_bundle", "prod_digital_product", "prod_license_bundle"):
            await shop.browser.post(f"{await shop.open(product)}/pay")
        payment = await shop.payment(0)
        keys = await shop.license_keys(customer_id=payment.customer.customer_id, product_id="prod_license_bundle")
        assert len(keys) == 6
        assert sum(each.payment_id == payment.payment_id for each in keys) == 3
        assert await shop.license_keys(customer_id="cus_123") == await shop.license_keys(status="expired") == []


@pytest.mark.requirement("sandbox.after_sale")
async def test_an_unpaid_order_has_no_license_key() -> None:
    async with selling() as shop:
        await shop.browser.post(f"{await shop.open('prod_license_bundle')}/fail")
        assert await shop.license_keys() == []


@pytest.mark.requirement("sandbox.after_sale")
async def test_a_payment_is_refunded_in_part_and_then_wholly() -> None:
    async with selling() as shop:
        page = await shop.open()
        await shop.browser.post(f"{page}/pay")
        before = await shop.payment()
        shop.sandbox.clock = lambda: datetime.now(UTC) + timedelta(minutes=1)
        await shop.browser.post(f"{page}/refund", data={"amount": "900"})
        part = await shop.payment()
        whole = await shop.valid(types.Refund, shop.client.refunds.create(payment_id=part.payment_id, reason="late"))
        after = await shop.payment()
        assert (part.refund_status, after.refund_status) == ("partial", "full")
        assert [each.amount for each in after.refunds] == [900, 4000]
        assert before.updated_at is not None
        assert part.updated_at is not None
        assert before.updated_at < part.updated_at
        assert await shop.client.refunds.retrieve(whole.refund_id) == whole
        with pytest.raises(UnprocessableEntityError):
            await shop.client.refunds.create(payment_id=part.payment_id)
        assert (await shop.browser.post(f"{page}/refund", data={"amount": "1"})).status_code == 422


@pytest.mark.requirement("sandbox.after_sale")
async def test_an_item_is_refunded_by_the_client() -> None:
    async with selling() as shop:
        await shop.browser.post(f"{await shop.open('prod_mouse', 'prod_123')}/pay")
        payment_id = shop.sandbox.payments[0].id
        made = await shop.client.refunds.create(payment_id=payment_id, items=[{"item_id": "prod_mouse"}])
        assert (made.amount, made.is_partial) == (2900, True)


@pytest.mark.requirement("sandbox.after_sale")
async def test_a_dispute_is_opened_and_ends() -> None:
    async with selling() as shop:
        page = await shop.open()
        await shop.browser.post(f"{page}/pay")
        await shop.browser.post(f"{page}/dispute")
        [opened] = (await shop.payment()).disputes
        await shop.browser.post(f"{page}/dispute", data={"status": "dispute_lost"})
        [lost] = (await shop.payment()).disputes
        assert (opened.dispute_id, opened.dispute_status, opened.amount) == (lost.dispute_id, "dispute_opened", "4900")
        assert lost.dispute_status == "dispute_lost"
        [row] = (await shop.client.payments.list()).items
        assert row.dispute_status == "dispute_lost"
        await shop.valid(types.GetDispute, shop.client.disputes.retrieve(lost.dispute_id))


@pytest.mark.requirement("sandbox.after_sale")
async def test_nothing_is_refunded_or_disputed_before_it_is_paid() -> None:
    async with selling() as shop:
        page = await shop.open()
        await shop.browser.post(f"{page}/fail")
        for action in ("refund", "dispute"):
            await shop.browser.post(f"{page}/{action}")
        payment = await shop.payment()
        assert (payment.refunds, payment.disputes) == ([], [])
        with pytest.raises(UnprocessableEntityError):
            await shop.client.refunds.create(payment_id=payment.payment_id)


@pytest.mark.requirement("sandbox.after_sale")
async def test_the_invoice_opens_without_a_key_once_it_is_paid() -> None:
    async with selling() as shop:
        await shop.browser.post(f"{await shop.open()}/pay")
        payment = await shop.payment()
        invoice = await shop.browser.get(payment.invoice_url or "")
        assert "buyer@example.com" in invoice.text
        assert (await shop.browser.get("/invoices/payments/pay_none")).status_code == 404


@pytest.mark.requirement("sandbox.after_sale")
async def test_several_subscriptions_of_a_payment_have_ids_of_their_own() -> None:
    async with selling() as shop:
        await shop.browser.post(f"{await shop.open('prod_monthly_plan', 'prod_yearly_plan')}/pay")
        payment = await shop.payment()
        assert (payment.is_multi_subscription, payment.subscription_id) == (True, None)
        found = [
            await shop.valid(types.Subscription, shop.client.subscriptions.retrieve(each))
            for each in payment.subscription_ids
        ]
        assert [each.product_id for each in found] == ["prod_monthly_plan", "prod_yearly_plan"]
        assert [each.next_billing_date for each in found] == [each.ends_at for each in payment.service_periods]


@pytest.mark.requirement("sandbox.after_sale")
async def test_a_session_ends_with_its_time_and_takes_no_money_then() -> None:
    async with selling() as shop:
        page = await shop.open()
        shop.sandbox.clock = lambda: datetime.now(UTC) + timedelta(hours=24)
        answers = [await shop.browser.get(page), await shop.browser.post(f"{page}/pay")]
        assert [each.status_code for each in answers] == [410, 410]
        assert shop.sandbox.payments == []


@pytest.mark.requirement("sandbox.after_sale")
async def test_an_address_is_of_one_customer_unless_the_order_says_otherwise() -> None:
    async with selling() as shop:
        for flags in ({}, {}, {"always_create_new_customer": True}):
            await shop.browser.post(f"{await shop.open(feature_flags=flags)}/pay")
        first, second, third = (each.customer.id for each in shop.sandbox.payments)
        assert first == second != third
        with pytest.raises(NotFoundError):
            await shop.client.customers.retrieve("cus_none")


@pytest.mark.requirement("sandbox.after_sale")
def test_the_words_for_states_are_the_official_clients() -> None:
    assert set(get_args(DisputeStatus)) == set(get_args(types.DisputeStatus))
    assert set(get_args(SubscriptionStatus)) == set(get_args(types.SubscriptionStatus))
