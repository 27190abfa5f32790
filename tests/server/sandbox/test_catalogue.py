"""What the sandbox sells, as the API lists it: documents and examples are written for these prices."""

import httpx2
import pytest

from checkout_server.sandbox.listener import running_sandbox

ONE_TIME = {
    "prod_123": "USD 4900", "prod_ebook_guide": "USD 1900", "prod_laptop": "USD 129900", "prod_mouse": "USD 2900",
    "prod_warranty": "USD 9900", "prod_premium_course": "USD 19900", "prod_consulting_service": "GBP 15000",
    "prod_enterprise_license": "USD 49900", "prod_gaming_chair": "USD 34900", "prod_online_course_hindi": "INR 249900",
    "prod_luxury_watch": "USD 249900", "prod_digital_product": "USD 3900", "prod_donation": "USD 100",
    "prod_tokyo_guide": "JPY 1500", "prod_kuwait_report": "KWD 12500", "prod_tax_inclusive": "EUR 2400",
    "prod_license_bundle": "USD 9900", "prod_credits": "USD 2000", "prod_untrusted_name": "USD 1200",
}  # fmt: skip
RECURRING = {
    "prod_monthly_plan": "USD 2900 / 1 Month", "prod_monthly_subscription": "USD 1500 / 1 Month",
    "prod_premium_plan": "USD 4900 / 1 Month", "prod_subscription": "USD 990 / 1 Month",
    "prod_saas_plan": "USD 7900 / 1 Month", "prod_yearly_plan": "USD 29000 / 1 Year",
    "prod_quarterly_plan": "USD 8100 / 3 Month", "prod_trial_plan": "USD 1900 / 1 Month",
    "prod_paid_trial": "USD 3900 / 1 Month", "prod_team_plan": "USD 4900 / 1 Month",
    "prod_metered_plan": "USD 0 / 1 Month",
}  # fmt: skip
TRIALS = {"prod_trial_plan": (7, None), "prod_paid_trial": (14, 100)}
LICENSED = {"prod_enterprise_license", "prod_digital_product", "prod_license_bundle"}


@pytest.mark.requirement("sandbox.pricing")
async def test_the_list_and_each_product_tell_the_same_prices() -> None:
    listed: dict[str, str] = {}
    async with (
        running_sandbox() as url,
        httpx2.AsyncClient(base_url=url, headers={"Authorization": "Bearer x"}) as http,
    ):
        for row in (await http.get("/products?page_size=100")).json()["items"]:
            product_id, price = row["product_id"], row["price_detail"]
            whole = (await http.get(f"/products/{product_id}")).json()
            listed[product_id] = f"{row['currency']} {row['price']}"
            if row["is_recurring"]:
                listed[product_id] += f" / {price['payment_frequency_count']} {price['payment_frequency_interval']}"
            assert whole["price"] == price
            assert price.get("price", price.get("fixed_price")) == row["price"]
            trial = (price.get("trial_period_days", 0), price.get("trial_amount"))
            assert trial == TRIALS.get(product_id, (0, None)), product_id
            assert whole["license_key_enabled"] is (product_id in LICENSED)
            assert price.get("pay_what_you_want", False) is (product_id == "prod_donation")
            assert row["tax_inclusive"] is price["tax_inclusive"] is (product_id == "prod_tax_inclusive")
            assert whole["addons"] == (["addon_seat", "addon_support"] if product_id == "prod_team_plan" else None)
        donation = (await http.get("/products/prod_donation")).json()["price"]
        metered = (await http.get("/products/prod_metered_plan")).json()["price"]
        addons = (await http.get("/addons")).json()["items"]
    assert listed == ONE_TIME | RECURRING
    assert donation["suggested_price"] == 500
    assert [(each["meter_id"], each["price_per_unit"], each["free_threshold"]) for each in metered["meters"]] == [
        ("mtr_api_calls", "0.25", 1000)
    ]
    assert [(each["id"], each["price"], each["currency"]) for each in addons] == [
        ("addon_seat", 900, "USD"),
        ("addon_support", 2500, "USD"),
    ]


@pytest.mark.requirement("sandbox.pricing")
@pytest.mark.parametrize(
    ("country", "state", "currency", "rate"),
    [
        ("US", None, "USD", 0), ("US", "CA", "USD", 850), ("US", "NY", "USD", 800), ("US", "MA", "USD", 625),
        ("US", "TX", "USD", 825), ("GB", None, "GBP", 2000), ("DE", None, "EUR", 1900), ("FR", None, "EUR", 2000),
        ("IN", None, "INR", 1800), ("JP", None, "JPY", 1000), ("CA", None, "CAD", 500), ("AU", None, "AUD", 1000),
        ("KW", None, "KWD", 0), ("BR", None, "USD", 0),
    ],
)  # fmt: skip
async def test_each_country_has_its_tax_and_its_currency(
    country: str, state: str | None, currency: str, rate: int
) -> None:
    order = {
        "product_cart": [{"product_id": "prod_123", "quantity": 1}],
        "billing_address": {"country": country, "state": state},
    }
    async with (
        running_sandbox() as url,
        httpx2.AsyncClient(base_url=url, headers={"Authorization": "Bearer x"}) as http,
    ):
        document = (await http.post("/checkouts/preview", json=order)).json()
    [line] = document["product_cart"]
    assert (document["currency"], line["tax_rate"]) == (currency, rate)


@pytest.mark.requirement("sandbox.pricing")
@pytest.mark.parametrize(
    ("code", "left"),
    [
        ("SAVE20", 3920), ("WELCOME10", 4410), ("BLACKFRIDAY20", 3920), ("BLACKFRIDAY2024", 3675), ("HALFCENT", 3267),
        ("FREE100", 0), ("FIRST3", 3920),
    ],
)  # fmt: skip
async def test_each_code_takes_its_share(code: str, left: int) -> None:
    order = {"product_cart": [{"product_id": "prod_123", "quantity": 1}], "discount_codes": [code]}
    async with (
        running_sandbox() as url,
        httpx2.AsyncClient(base_url=url, headers={"Authorization": "Bearer x"}) as http,
    ):
        assert (await http.post("/checkouts/preview", json=order)).json()["total_price"] == left
