"""What the hosted page asks of a buyer: as much as the order says, and the server takes no more than it asked for."""

from typing import Any

import pytest

from checkout_schemas.requests.create_checkout_session import FeatureFlags
from checkout_server.sandbox.catalogue import UNSUPPORTED_COUNTRIES
from checkout_server.sandbox.hosted.asked import COUNTRIES
from checkout_server.sandbox.validation import ADDRESS as ADDRESS_PARTS
from hosted_form import asking
from hosted_page import ADDRESS, CUSTOMER

pytestmark = pytest.mark.thorough


FLAGGED: dict[str, tuple[str, bool]] = {
    "allow_currency_selection": ("currency", True),
    "allow_discount_code": ("discount_code", True),
    "allow_editing_addons": ("addon_0_addon_seat", False),
    "allow_phone_number_collection": ("phone", True),
    "allow_tax_id": ("tax_id", True),
    "require_cardholder_name": ("cardholder", False),
}
"""Flag → the field that it shows, and whether it is shown by default."""
EDITABLE = {"email", "name", "country", "street", "city", "state", "zipcode", "tax_id"}
ELSEWHERE = {
    "always_create_new_customer", "redirect_immediately", "single_page", "require_phone_number", "require_tax_id",
    "allow_customer_editing_business_name",
}  # fmt: skip
"""Of a test of their own, here or of the sandbox's sessions."""


@pytest.mark.requirement("sandbox.flags")
def test_every_flag_of_the_contract_has_a_test() -> None:
    editing = {f"allow_customer_editing_{name}" for name in EDITABLE}
    assert set(FLAGGED) | editing | ELSEWHERE == set(FeatureFlags.model_fields)


@pytest.mark.requirement("sandbox.flags")
@pytest.mark.parametrize("flag", FLAGGED)
async def test_a_flag_shows_its_field_or_hides_it(flag: str) -> None:
    field, default = FLAGGED[flag]
    for value, is_shown in ((None, default), (True, True), (False, False)):
        async with asking(feature_flags={flag: value}) as page:
            assert (field in (await page.fields()).found) is is_shown, value


@pytest.mark.requirement("sandbox.flags")
async def test_a_currency_that_the_buyer_may_not_choose_is_not_chosen() -> None:
    for allowed, currency in ((False, "USD"), (True, "GBP")):
        async with asking(customer=CUSTOMER, feature_flags={"allow_currency_selection": allowed}) as page:
            assert (await page.pay(currency="GBP")).currency == currency


@pytest.mark.requirement("sandbox.flags")
@pytest.mark.parametrize("name", sorted(EDITABLE))
async def test_what_the_order_gives_is_fixed_where_its_flag_says_so(name: str) -> None:
    order: dict[str, Any] = {"customer": CUSTOMER, "billing_address": ADDRESS | {"state": "Berlin"}}
    order |= {"tax_id": "DE123456789"}
    other = {"email": "other@example.com", "country": "FR", "tax_id": "DE987654321"}.get(name, "Other")
    flags = {f"allow_customer_editing_{name}": False}
    for given, is_fixed in ((flags, True), ({}, False)):
        async with asking(**order, feature_flags=given) as page:
            fields = await page.fields()
            assert (name in fields.fixed()) is is_fixed
            payment = await page.pay(**({name: other, "business": "on"} if name == "tax_id" else {name: other}))
            after = payment.order["billing_address"] | {"tax_id": payment.order["tax_id"]}
            after |= {"email": payment.customer.email, "name": payment.customer.name}
            assert (after[name] == other) is not is_fixed


@pytest.mark.requirement("sandbox.flags")
async def test_a_business_that_says_it_is_none_loses_its_tax_id() -> None:
    async with asking(customer=CUSTOMER, billing_address=ADDRESS, tax_id="DE123456789") as page:
        assert "checked" in (await page.fields()).found["business"]
        assert "checked" not in (await page.fields(tax_id="DE123456789")).found["business"]
        assert (await page.pay(tax_id="DE123456789")).order["tax_id"] is None


@pytest.mark.requirement("sandbox.flags")
async def test_what_nobody_has_given_can_be_filled_in_whatever_the_flags_say() -> None:
    flags = {f"allow_customer_editing_{name}": False for name in EDITABLE}
    async with asking(feature_flags=flags) as page:
        assert (await page.fields()).fixed() == set()
        payment = await page.pay(email="ada@example.com", name="Ada", country="DE")
        assert (payment.customer.email, payment.order["billing_address"]) == ("ada@example.com", {"country": "DE"})


@pytest.mark.requirement("sandbox.flags")
@pytest.mark.parametrize(
    ("order", "country", "asked", "required"),
    [
        ({}, "DE", {"country", "street", "city", "state", "zipcode"}, {"country", "street", "city", "zipcode"}),
        ({}, "US", set(ADDRESS_PARTS), set(ADDRESS_PARTS)),
        ({}, "KW", {"country", "street", "city", "state", "zipcode"}, {"country", "street", "city"}),
        ({"minimal_address": True}, "DE", {"country"}, {"country"}),
        ({"minimal_address": True}, "US", {"country", "zipcode"}, {"country", "zipcode"}),
        ({"feature_flags": {"single_page": True}}, "DE", {"country"}, {"country"}),
        (
            {"feature_flags": {"single_page": True}, "minimal_address": False},
            "DE",
            {"country", "street", "city", "state", "zipcode"},
            {"country", "street", "city", "zipcode"},
        ),
    ],
)
async def test_the_address_is_asked_for_as_far_as_the_order_and_the_country_need_it(
    order: dict[str, Any], country: str, asked: set[str], required: set[str]
) -> None:
    async with asking(customer=CUSTOMER, **order) as page:
        fields = await page.fields(country=country)
        assert set(fields.found) & set(ADDRESS_PARTS) == asked
        assert fields.required() & set(ADDRESS_PARTS) == required
        for name in required - {"country"}:
            assert await page.refuses(country=country, **{name: " "}), name


@pytest.mark.requirement("sandbox.flags")
def test_the_countries_are_ones_that_the_api_takes() -> None:
    assert UNSUPPORTED_COUNTRIES.isdisjoint(COUNTRIES)


@pytest.mark.requirement("sandbox.flags")
async def test_a_telephone_number_is_required_where_the_order_says_so_and_reaches_the_merchant() -> None:
    async with asking(customer=CUSTOMER, feature_flags={"require_phone_number": True}) as page:
        assert "phone" in (await page.fields()).required()
        assert await page.refuses(phone="")
        assert await page.refuses(phone="0301234")
        assert (await page.pay(phone="+49 30 1234")).customer.phone == "+49301234"


@pytest.mark.requirement("sandbox.flags")
async def test_a_business_needs_its_tax_id_where_the_order_says_so_and_anybody_else_does_not() -> None:
    async with asking(customer=CUSTOMER, billing_address=ADDRESS, feature_flags={"require_tax_id": True}) as page:
        assert await page.refuses(business="on", tax_id="")
        assert await page.refuses(business="on", tax_id="?")
        payment = await page.pay(business="on", tax_id="DE123456789", business_name="ACME")
        assert (payment.order["tax_id"], payment.order["customer_business_name"]) == ("DE123456789", "ACME")
    async with asking(customer=CUSTOMER, billing_address=ADDRESS, feature_flags={"require_tax_id": True}) as page:
        assert "tax_id" not in (await page.pay(tax_id="")).order


@pytest.mark.requirement("sandbox.flags")
@pytest.mark.parametrize(
    ("flags", "shown"),
    [
        ({"allow_tax_id": False}, set[str]()),
        ({"allow_tax_id": False, "allow_customer_editing_tax_id": True}, {"tax_id"}),
        (
            {
                "allow_tax_id": False,
                "allow_customer_editing_tax_id": True,
                "allow_customer_editing_business_name": True,
            },
            {"tax_id", "business_name"},
        ),
        ({}, {"tax_id", "business_name"}),
    ],
)
async def test_a_business_is_asked_for_its_id_and_its_name_by_flags_of_their_own(
    flags: dict[str, bool], shown: set[str]
) -> None:
    async with asking(feature_flags=flags) as page:
        assert {"tax_id", "business_name"} & set((await page.fields()).found) == shown


@pytest.mark.requirement("sandbox.flags")
async def test_addons_that_the_buyer_changes_are_what_is_sold() -> None:
    async with asking(customer=CUSTOMER, feature_flags={"allow_editing_addons": True}) as page:
        assert (await page.fields()).found["addon_0_addon_seat"]["value"] == "2"
        assert await page.refuses(addon_0_addon_seat="-1")
        payment = await page.pay(addon_0_addon_seat="0", addon_0_addon_support="1")
        assert payment.order["product_cart"][0]["addons"] == [{"addon_id": "addon_support", "quantity": 1}]
        assert payment.total == 4900 + 2500
        assert payment.subscriptions[0].item == payment.order["product_cart"][0]
    async with asking(customer=CUSTOMER) as page:
        assert (await page.pay(addon_0_addon_seat="0")).total == 4900 + 2 * 900


@pytest.mark.requirement("sandbox.flags")
async def test_the_name_on_the_card_is_required_where_the_order_says_so() -> None:
    async with asking(customer=CUSTOMER, feature_flags={"require_cardholder_name": True}) as page:
        assert await page.refuses(card_number="4242424242424242", cardholder=" ")
        assert (await page.pay(card_number="4242424242424242", cardholder="Jane")).status == "succeeded"
