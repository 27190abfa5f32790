"""The hosted page, in a real browser: pay, fail, cancel, and where the buyer ends up."""

from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from browser import needs_browser
from hosted_page import ASKS_BANK, NO_FUNDS, visiting

pytestmark = [needs_browser, pytest.mark.timeout(120)]

TRIAL = [{"product_id": "prod_trial_plan", "quantity": 1}]


def query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query)


@pytest.mark.requirement("sandbox.page")
async def test_paying_gives_a_receipt_and_returns_with_the_guides_parameters() -> None:
    async with visiting() as visit:
        assert "no money moves" in await visit.page.inner_text("header")
        assert await visit.page.inner_text("#total") == await visit.page.inner_text("[data-sum=total]")
        await visit.pay()
        await visit.page.wait_for_selector("#receipt")
        [payment] = visit.sandbox.payments
        receipt = await visit.page.inner_text("#receipt")
        assert payment.id in receipt
        assert await visit.page.inner_text("#amount") == f"USD\u00a0{payment.total / 100:.2f}"
        assert await visit.page.inner_text("#keys") == payment.license_keys[0].key
        await visit.page.click("#continue")
        await visit.page.wait_for_url(f"{visit.shop}/**")
        assert payment.status == "succeeded"
        assert query(visit.page.url) == [
            ("kept", "1"),
            ("payment_id", payment.id),
            ("status", "succeeded"),
            ("license_key", payment.license_keys[0].key),
            ("email", "customer@example.com"),
        ]
        assert [each for each in visit.complaints if "favicon" not in each and "404" not in each] == []


@pytest.mark.requirement("sandbox.page")
async def test_a_subscription_says_how_it_renews_and_returns_active() -> None:
    cart, flags = [{"product_id": "prod_monthly_plan", "quantity": 1}], {"redirect_immediately": True}
    async with visiting(product_cart=cart, feature_flags=flags) as visit:
        [term] = await visit.page.locator("#terms p").all_inner_texts()
        assert term.startswith("Then USD\u00a034.51 every month, from 20")
        await visit.pay()
        await visit.page.wait_for_url(f"{visit.shop}/**")
        [payment] = visit.sandbox.payments
        assert query(visit.page.url) == [
            ("kept", "1"),
            ("subscription_id", payment.subscriptions[0].id),
            ("status", "active"),
            ("email", "customer@example.com"),
        ]


@pytest.mark.requirement("sandbox.page")
async def test_a_trial_is_started_and_not_paid() -> None:
    async with visiting(product_cart=TRIAL) as visit:
        assert await visit.page.inner_text("#pay") == "Start free trial"
        assert "every month, from" in await visit.page.inner_text("#terms")
        await visit.pay()
        await visit.page.wait_for_selector("#receipt")
        assert await visit.page.inner_text("h1") == "Order confirmed"
        assert "every month" in await visit.page.inner_text(".renewal")


@pytest.mark.requirement("sandbox.page")
async def test_several_license_keys_are_joined_with_commas() -> None:
    cart, flags = [{"product_id": "prod_license_bundle", "quantity": 1}], {"redirect_immediately": True}
    async with visiting(product_cart=cart, feature_flags=flags) as visit:
        await visit.pay()
        await visit.page.wait_for_url(f"{visit.shop}/**")
        keys = [each.key for each in visit.sandbox.payments[0].license_keys]
        assert dict(query(visit.page.url))["license_key"].split(",") == keys
        assert len(keys) == 3


@pytest.mark.requirement("sandbox.page")
async def test_the_bank_asks_for_a_confirmation_and_what_was_typed_is_kept() -> None:
    fields = [{"key": "team", "label": "Team", "field_type": "text", "required": True}]
    async with visiting(customer=None, custom_fields=fields) as visit:
        for name, text in {"email": "ada@example.com", "name": "Ada", "custom_team": "blue"}.items():
            await visit.page.fill(f"[name={name}]", text)
        await visit.pay(ASKS_BANK)
        await visit.page.wait_for_selector("#confirm")
        [payment] = visit.sandbox.payments
        assert (await visit.page.inner_text("h1"), payment.status) == (
            "Confirm the payment",
            "requires_customer_action",
        )
        await visit.page.reload()
        await visit.page.click("#confirm")
        await visit.page.wait_for_selector("#receipt")
        assert (payment.status, payment.three_ds) == ("succeeded", "authenticated")
        assert (payment.customer.email, payment.answers) == ("ada@example.com", {"team": "blue"})


@pytest.mark.requirement("sandbox.page")
async def test_a_confirmation_that_is_rejected_can_be_tried_again_with_another_card() -> None:
    async with visiting() as visit:
        await visit.pay(ASKS_BANK)
        await visit.page.click("#reject")
        assert await visit.page.inner_text("#problem") == "The payment was not confirmed. Please try again."
        await visit.pay()
        await visit.page.wait_for_selector("#receipt")
        assert [(each.status, each.error_code) for each in visit.sandbox.payments] == [
            ("failed", "AUTHENTICATION_FAILURE"),
            ("succeeded", None),
        ]


@pytest.mark.requirement("sandbox.page")
async def test_an_order_that_forces_3ds_asks_the_bank_for_any_card() -> None:
    async with visiting(force_3ds=True) as visit:
        await visit.pay()
        await visit.page.click("#confirm")
        await visit.page.wait_for_selector("#receipt")
        assert visit.sandbox.payments[0].three_ds == "authenticated"


@pytest.mark.requirement("sandbox.page")
async def test_a_declined_buyer_reads_why_and_keeps_what_they_typed_but_not_the_card() -> None:
    async with visiting(customer=None) as visit:
        await visit.page.fill("#email", "ada@example.com")
        await visit.page.fill("#name", "Ada")
        await visit.pay(NO_FUNDS)
        await visit.page.wait_for_selector("#continue")
        assert await visit.page.inner_text("#problem") == "Your card has insufficient funds. Please use another card."
        assert ("status", "failed") in query(await visit.page.get_attribute("#continue", "href"))
        assert await visit.page.input_value("#email") == "ada@example.com"
        assert await visit.page.input_value("#card_number") == ""


@pytest.mark.requirement("sandbox.page")
async def test_the_merchant_and_the_bank_are_played_on_the_page() -> None:
    async with visiting() as visit:
        await visit.pay()
        for button in ("#refund", "#dispute"):
            await visit.page.click("summary")
            await visit.page.click(button)
        [payment] = visit.sandbox.payments
        assert (payment.refund_status, [each.status for each in payment.disputes]) == ("full", ["dispute_opened"])


@pytest.mark.requirement("sandbox.page")
async def test_cancelling_goes_to_cancel_url_untouched() -> None:
    async with visiting() as visit:
        await visit.page.click("#cancel")
        await visit.page.wait_for_url(f"{visit.shop}/cart")
        assert visit.sandbox.payments == []


@pytest.mark.requirement("sandbox.page")
async def test_without_cancel_url_there_is_no_way_back() -> None:
    async with visiting(cancel_url=None) as visit:
        assert await visit.page.locator("#cancel").count() == 0


@pytest.mark.requirement("sandbox.page")
async def test_what_is_required_is_marked_and_must_be_filled_in() -> None:
    fields = [
        {"key": "size", "label": "Team size", "field_type": "dropdown", "required": True, "options": ["1-10", "11-50"]}
    ]
    async with visiting(custom_fields=fields) as visit:
        marked = [each.partition(" *") for each in await visit.page.locator("label:has(.mark)").all_inner_texts()]
        assert [name for name, _, _ in marked] == [
            *("E-mail", "Full name", "Country", "Street and number", "City", "Postal code", "Team size"),
            *("Card number", "Expiry date (MM/YY)", "Security code"),
        ]
        await visit.pay()
        assert visit.sandbox.payments == []
        await visit.page.select_option("[name=custom_size]", "11-50")
        await visit.page.click("#pay")
        await visit.page.wait_for_selector("#receipt")
        assert visit.sandbox.payments[0].answers == {"size": "11-50"}


@pytest.mark.requirement("sandbox.page")
async def test_paying_twice_is_one_payment_and_the_address_alone_shows_neither_key_nor_way_back() -> None:
    async with visiting() as visit:
        address = visit.page.url
        await visit.pay()
        await visit.page.wait_for_selector("#receipt")
        await visit.page.goto(address)
        assert await visit.page.inner_text("h1") == "Payment received"
        content = await visit.page.content()
        assert not any(each in content for each in (visit.sandbox.payments[0].license_keys[0].key, "/return?"))
        async with httpx2.AsyncClient() as http:
            await http.post(f"{address}/pay")
            await http.post(f"{address}/fail")
        assert [payment.status for payment in visit.sandbox.payments] == ["succeeded"]


@pytest.mark.requirement("sandbox.page")
async def test_text_from_the_order_is_shown_as_text() -> None:
    cart = [{"product_id": "prod_untrusted_name", "quantity": 1}]
    fields = [{"key": "k", "label": "<b id=injected>x</b>", "field_type": "text", "placeholder": '"><b id=injected>'}]
    look = {"theme_config": {"pay_button_text": "<b id=injected>Buy</b>"}}
    async with visiting(product_cart=cart, custom_fields=fields, customization=look) as visit:
        assert await visit.page.locator("#injected").count() == 0
        assert await visit.page.inner_text("#pay") == "<b id=injected>Buy</b>"
        content = await visit.page.inner_text("main")
        assert not any(character in content for character in "\u202e\u200b\x07")
