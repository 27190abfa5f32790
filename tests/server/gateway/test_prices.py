"""What prices, taxes and dates of the API become."""

from datetime import UTC, datetime

import pytest

from checkout_server.gateway import answers


@pytest.mark.requirement("gateway.answers")
async def test_a_listed_product_and_a_single_one_come_out_alike(api, gateway, call, documents):
    api.script = [api.http(200, documents["list_products"]), api.http(200, documents["get_product"])]
    expected = answers.WholeProduct.model_construct(
        product_id="prod_1", name="Plan", description="A plan.", is_recurring=True, price=2900, currency="USD",
        pay_what_you_want=False, payment_frequency_count=3, payment_frequency_interval="Month",
        tax_inclusive=False, trial_period_days=7, trial_amount=100, is_usage_based=False, addons=["addon_seat"],
    )  # fmt: skip
    assert [row.model_dump() for row in (await call(gateway, "list_products")).items] == [
        expected.model_dump(exclude={"addons"})
    ]
    assert await call(gateway, "get_product") == expected


@pytest.mark.requirement("gateway.answers")
@pytest.mark.parametrize("odd", ["addon_seat", [7], ["addon seat"], {"id": "addon_seat"}], ids=repr)
async def test_odd_addons_do_not_hide_the_price_of_their_product(api, gateway, call, documents, odd):
    api.answers(200, documents["get_product"] | {"addons": odd})
    product = await call(gateway, "get_product")
    assert (product.price, product.addons) == (2900, None)


@pytest.mark.requirement("gateway.answers")
@pytest.mark.parametrize(
    ("price", "expected"),
    [
        (
            {"type": "one_time_price", "currency": "JPY", "price": 1500, "pay_what_you_want": True},
            {"price": 1500, "currency": "JPY", "pay_what_you_want": True, "is_recurring": False,
             "is_usage_based": False},
        ),
        (
            {
                "type": "usage_based_price", "currency": "USD", "fixed_price": 990, "payment_frequency_count": 1,
                "payment_frequency_interval": "Year", "pay_what_you_want": None,
            },
            {
                "price": 990, "currency": "USD", "is_recurring": True, "payment_frequency_count": 1,
                "payment_frequency_interval": "Year", "is_usage_based": True,
            },
        ),
    ],
    ids=["one-time", "usage-based"],
)  # fmt: skip
async def test_each_kind_of_price_is_read(api, gateway, call, price, expected):
    bare = {"product_id": "prod_1", "is_recurring": expected["is_recurring"]}
    api.script = [
        api.http(200, bare | {"price": price}),
        api.http(200, {"items": [bare | {"price": None, "price_detail": price}]}),
    ]
    single, [listed] = await call(gateway, "get_product"), (await call(gateway, "list_products")).items
    assert single.model_dump(exclude={"addons"}) == listed.model_dump()
    assert single.model_dump(exclude_unset=True) == {"product_id": "prod_1"} | expected


@pytest.mark.requirement("sell.unknown_tax")
async def test_a_tax_that_is_not_known_is_not_zero(api, gateway, call, documents):
    documents["preview"]["current_breakup"]["tax"] = None
    api.answers(200, documents["preview"])
    assert (await call(gateway, "preview")).current_breakup.tax is None


@pytest.mark.requirement("gateway.answers")
@pytest.mark.parametrize(
    "text",
    ["2026-11-23T10:00:00Z", "2026-11-23T10:00:00.000000000+00:00", "2026-11-23T15:30:00+05:30", "2026-11-23T10:00"],
)
async def test_dates_come_out_as_moments_in_utc_unless_they_name_a_zone(api, gateway, call, documents, text):
    api.answers(200, documents["preview"] | {"next_billing_date": text})
    moment = (await call(gateway, "preview")).next_billing_date
    assert (moment, moment.tzinfo is None) == (datetime(2026, 11, 23, 10, tzinfo=UTC), False)
