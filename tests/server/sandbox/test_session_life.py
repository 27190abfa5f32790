"""How long a session lives, and what its payment and its subscriptions become."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from dodopayments import AsyncDodoPayments, NotFoundError, types
from pydantic import TypeAdapter

from checkout_server.sandbox.app import create_app
from checkout_server.sandbox.listener import running_app
from checkout_server.sandbox.sessions import Sandbox

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
ADDRESS = {"street": "1 Main St", "city": "Boston", "state": "MA", "country": "US", "zipcode": "02134"}
BUYER = {"customer": {"email": "a@b.co", "name": "Ada"}, "billing_address": ADDRESS}
SAVED = {"customer": {"customer_id": "cus_123"}, "payment_method_id": "pm_abc123", "confirm": True}


@asynccontextmanager
async def selling() -> AsyncGenerator[tuple[Any, Sandbox, str]]:
    sandbox = Sandbox(clock=lambda: NOON)
    async with (
        running_app(create_app(sandbox)) as url,
        AsyncDodoPayments(bearer_token="any", base_url=url, max_retries=0) as client,
    ):
        yield client, sandbox, url


def cart(*product_ids: str, **item: Any) -> Any:
    return [{"product_id": each, "quantity": 1} | item for each in product_ids]


@pytest.mark.requirement("sandbox.session_life")
@pytest.mark.parametrize(
    ("order", "life"), [({}, timedelta(hours=24)), (BUYER | {"confirm": True}, timedelta(minutes=15))]
)
async def test_a_page_opens_until_the_session_ends_and_not_a_second_longer(
    order: dict[str, Any], life: timedelta
) -> None:
    async with selling() as (client, sandbox, _url), httpx2.AsyncClient() as browser:
        made = await client.checkout_sessions.create(product_cart=cart("prod_123"), **order)
        sandbox.clock = lambda: NOON + life - timedelta(seconds=1)
        assert (await browser.get(made.checkout_url)).status_code == 200
        sandbox.clock = lambda: NOON + life
        assert (await browser.get(made.checkout_url)).status_code == 410
        status = await client.checkout_sessions.retrieve(made.session_id)
        assert (status.created_at, status.payment_status) == (NOON, "requires_payment_method" if order else None)


@pytest.mark.requirement("sandbox.session_life")
async def test_the_answer_to_a_creation_says_where_to_pay_or_what_was_paid() -> None:
    async with selling() as (client, sandbox, url):
        plain = await client.checkout_sessions.create(product_cart=cart("prod_123"))
        short = await client.checkout_sessions.create(product_cart=cart("prod_123"), short_link=True)
        confirmed = await client.checkout_sessions.create(product_cart=cart("prod_123"), confirm=True, **BUYER)
        saved = await client.checkout_sessions.create(product_cart=cart("prod_123"), **SAVED)
    assert plain.checkout_url == confirmed.checkout_url.replace(confirmed.session_id, plain.session_id)
    assert plain.checkout_url == f"{url}/session/{plain.session_id}"
    assert short.checkout_url == f"{url}/buy/{sandbox.sessions[short.session_id].short}"
    assert len(sandbox.sessions[short.session_id].short or "") == 7
    assert (plain.payment_id, plain.client_secret, plain.publishable_key) == (None, None, None)
    assert [each.id for each in sandbox.payments] == [confirmed.payment_id, saved.payment_id]
    for each in (confirmed, saved):
        assert each.client_secret.startswith(f"{each.payment_id}_secret_")
        assert each.publishable_key
    assert saved.checkout_url is None
    assert [each.status for each in sandbox.payments] == ["requires_payment_method", "succeeded"]
    assert [len(each.session_id.removeprefix("cks_")) for each in (plain, short)] == [21, 21]


@pytest.mark.requirement("sandbox.session_life")
async def test_a_status_tells_the_buyer_that_is_known() -> None:
    async with selling() as (client, _sandbox, _url):
        for order, told in (
            ({}, (None, None)),
            (BUYER, ("a@b.co", "Ada")),
            ({"customer": {"email": "c@d.ef"}}, ("c@d.ef", None)),
        ):
            made = await client.checkout_sessions.create(product_cart=cart("prod_123"), **order)
            status = await client.checkout_sessions.retrieve(made.session_id)
            assert TypeAdapter(types.CheckoutSessionStatus).validate_python(status.to_dict())
            assert (status.id, status.customer_email, status.customer_name) == (made.session_id, *told)
        with pytest.raises(NotFoundError):
            await client.checkout_sessions.retrieve("cks_none")


@pytest.mark.requirement("sandbox.session_life")
async def test_a_paid_session_stays_paid_and_a_failed_one_takes_another_attempt() -> None:
    sandbox = Sandbox(clock=lambda: NOON)
    session = sandbox.create({"product_cart": cart("prod_monthly_plan")})
    for status in ("failed", "cancelled", "processing", "succeeded", "failed"):
        sandbox.pay(session, status, error_code="LOST_CARD")
    told = [(each.status, each.error_code, each.subscriptions[0].status) for each in session.payments]
    assert told == [("failed", "LOST_CARD", "failed"), ("cancelled", None, "failed"), ("succeeded", None, "active")]
    assert sandbox.payments == session.payments


@pytest.mark.requirement("sandbox.session_life")
def test_an_address_in_other_letters_is_of_the_same_customer_under_their_present_name() -> None:
    sandbox = Sandbox()
    for email, name in (("ada@b.co", "Ada"), ("ADA@B.CO", ""), ("Ada@b.co", "Ada L."), ("bob@b.co", "")):
        sandbox.create({"product_cart": cart("prod_123"), "customer": {"email": email, "name": name}})
    told = [each.customer for each in sandbox.sessions.values() if each.customer]
    assert len({each.id for each in told}) == 2
    assert [each.name for each in told] == ["Ada", "Ada", "Ada L.", ""]


@pytest.mark.requirement("sandbox.session_life")
@pytest.mark.parametrize(
    ("status", "events"),
    [
        ("requires_payment_method", []),
        ("requires_customer_action", []),
        ("processing", ["payment.processing"]),
        ("failed", ["payment.failed", "subscription.failed"]),
        ("cancelled", ["payment.cancelled", "subscription.failed"]),
        ("succeeded", ["payment.succeeded", "subscription.active", "license_key.created"]),
    ],
)
def test_each_status_is_told_by_the_events_of_the_provider(status: str, events: list[str]) -> None:
    sandbox, told = Sandbox(), list[str]()
    sandbox.on_event.append(lambda event: told.append(event.type))
    sandbox.pay(sandbox.create({"product_cart": cart("prod_monthly_plan", "prod_digital_product")}), status)
    assert told == events


@pytest.mark.requirement("sandbox.session_life")
async def test_a_subscription_has_the_terms_of_its_order() -> None:
    async with selling() as (client, sandbox, _url):
        made = await client.checkout_sessions.create(
            product_cart=cart(
                "prod_team_plan", quantity=2, addons=[{"addon_id": "addon_seat", "quantity": 3}]
            ) + cart("prod_123"),
            subscription_data={"trial_period_days": 5},
            discount_codes=["WELCOME10"],
            metadata={"order": "o-1"},
            tax_id="US1234567",
            **BUYER,
        )  # fmt: skip
        session = sandbox.sessions[made.session_id]
        for status, state, has_method in (
            ("processing", "pending", False),
            ("failed", "failed", False),
            ("succeeded", "active", True),
        ):
            [of] = sandbox.pay(session, status).subscriptions
            answer = await client.subscriptions.retrieve(of.id)
            assert TypeAdapter(types.Subscription).validate_python(answer.to_dict())
            assert (answer.status, answer.has_payment_method) == (state, has_method)
        told = answer.to_dict()
        assert {name: told[name] for name in TERMS} == TERMS
        assert told["billing"] == ADDRESS
        payment = await client.payments.retrieve(session.payments[-1].id)
        assert [(each.product_id, each.quantity) for each in payment.product_cart] == [("prod_123", 1)]
        assert payment.subscription_id == answer.subscription_id
        [period] = payment.service_periods
        assert (period.starts_at, period.ends_at, period.proration_factor) == (NOON, NOON + timedelta(days=5), "1")


TERMS: dict[str, Any] = {
    "product_id": "prod_team_plan",
    "quantity": 2,
    "addons": [{"addon_id": "addon_seat", "quantity": 3}],
    "currency": "USD",
    "recurring_pre_tax_amount": 11250,
    "payment_frequency_count": 1,
    "payment_frequency_interval": "Month",
    "next_billing_date": NOON + timedelta(days=5),
    "previous_billing_date": NOON,
    "trial_period_days": 5,
    "on_demand": False,
    "tax_id": "US1234567",
    "tax_inclusive": False,
    "metadata": {"order": "o-1"},
    "cancel_at_next_billing_date": False,
}


@pytest.mark.requirement("sandbox.session_life")
async def test_on_demand_and_usage_are_told_of_a_subscription() -> None:
    async with selling() as (client, sandbox, _url):
        terms = {"subscription_data": {"on_demand": {"mandate_only": True}}}
        for product, order, is_on_demand, meters in (
            ("prod_quarterly_plan", terms, True, []),
            ("prod_metered_plan", {}, False, ["mtr_api_calls"]),
        ):
            payment = sandbox.pay(sandbox.create({"product_cart": cart(product)} | order), "succeeded")
            answer = await client.subscriptions.retrieve(payment.subscriptions[0].id)
            assert (answer.on_demand, [each.meter_id for each in answer.meters]) == (is_on_demand, meters)
        assert (
            await client.subscriptions.retrieve(sandbox.payments[0].subscriptions[0].id)
        ).payment_frequency_count == 3
        with pytest.raises(NotFoundError):
            await client.subscriptions.retrieve("sub_none")
