"""What the tripwire is told of: keys for life, arguments in flight, and what the API said of a buyer."""

import base64
import json
from typing import Any

import pytest

from checkout_server.app import open_desk
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.privacy.personal_values.arguments import texts_of
from checkout_server.privacy.personal_values.tripwire import Registry, in_flight
from checkout_server.settings import load_settings


@pytest.mark.requirement("privacy.tripwire")
@pytest.mark.parametrize("open_memory_shop", ["memory-2026"], indirect=True)
async def test_keys_arguments_and_answers_are_known(open_memory_shop: Any) -> None:
    settings = {"DODO_PAYMENTS_API_KEY": "dodo_key_of_this_test", "CHECKOUT_SECRET_KEYS": f"{'ab' * 32},{'cd' * 32}"}
    async with open_memory_shop(**settings) as shop:
        assert in_flight.holds("Bearer dodo_key_of_this_test")
        assert in_flight.holds("ab" * 32)
        assert in_flight.holds(base64.b64encode(bytes.fromhex("cd" * 32)).decode())
        sale = {"preview_id": await shop.preview_id(), "customer": {"customer_id": "cus_123"}}
        session = await shop.call("create_checkout_session", sale)
        shop.upstream.rewrites[f"/checkouts/{session['session_id']}"] = lambda status: (
            status
            | {
                "customer_email": "wilhelmina@example.net",
                "customer_name": "Wilhelmina Quackenbush",
            }
        )
        assert not in_flight.holds("wilhelmina@example.net")
        await shop.call("get_checkout_session", {"session_id": session["session_id"]})
        assert in_flight.holds("to wilhelmina@example.net")
        assert in_flight.holds("for Wilhelmina%20Quackenbush")


@pytest.mark.requirement("privacy.tripwire")
@pytest.mark.parametrize("open_memory_shop", ["memory-2026"], indirect=True)
async def test_what_a_paid_sale_shares_is_known(open_memory_shop: Any) -> None:
    policy = "[share]\nlicense_keys = true\ncustom_field_responses = true\ninvoice_url = true"
    async with open_memory_shop(policy=policy) as shop:
        sale = {"preview_id": await shop.preview_id("prod_license_bundle"), "customer": {"customer_id": "cus_123"}}
        session_id = (await shop.call("create_checkout_session", sale))["session_id"]
        sandbox = shop.upstream.sandbox
        payment = sandbox.pay(sandbox.sessions[session_id], "succeeded")
        payment.answers = {"pet": "Wilhelmina the Third"}
        shared = (await shop.call("get_checkout_session", {"session_id": session_id}))["shared"]
        for value in ("Wilhelmina the Third", shared["invoice_url"], *shared["license_keys"]):
            assert in_flight.holds(f"said {value}")


@pytest.mark.requirement("privacy.tripwire")
@pytest.mark.parametrize("open_memory_shop", ["memory-2025"], indirect=True)
async def test_arguments_are_known_while_their_call_is_handled(open_memory_shop: Any) -> None:
    seen: list[bool] = []

    async with open_memory_shop() as shop:
        gateway, preview = shop.desk.gateway, shop.desk.gateway.preview

        async def looking(body: Any, **parameters: Any) -> Any:
            seen.append(in_flight.holds("Zoë Ødegård of 221b Baker Street"))
            return await preview(body, **parameters)

        gateway.preview = looking
        await shop.preview_id(customer_business_name="Zoë Ødegård")
        with pytest.raises(Exception, match="Unknown prompt"):
            await shop.client.get_prompt("none", {"x": "y"})
    assert seen == [True]


CUSTOMER = {"name": "Jo Smith", "phone_number": "+1 415-555 0123"}
"""Short enough to be no part of a longer piece."""


@pytest.mark.requirement("privacy.tripwire")
@pytest.mark.parametrize(
    "text",
    [
        json.dumps(CUSTOMER),
        f"\n  {json.dumps(CUSTOMER, indent=2)}",
        f"\ufeff{json.dumps(CUSTOMER)}",
        json.dumps(json.dumps(CUSTOMER)),
    ],
)
def test_values_in_json_text_are_known_however_it_came(text: str) -> None:
    registry = Registry()
    with registry.request(texts_of({"customer": text})):
        assert registry.holds("said Jo Smith")
        assert registry.holds("dialled +14155550123")


@pytest.mark.requirement("privacy.tripwire")
@pytest.mark.parametrize("number", ["4155550", "415-5550", "(030) 90182", "0151 2345678", "020/7946 0958", 4155550])
def test_a_phone_number_of_few_digits_is_known_however_it_is_grouped(number: str | int) -> None:
    digits = "".join(filter(str.isdigit, str(number)))
    registry = Registry()
    with registry.request(texts_of({"customer": {"phone_number": number}})):
        for said in (str(number), digits, f"{digits[:3]}-{digits[3:]}", f"+49 {digits.lstrip('0')}", f"%2B1{digits}"):
            assert registry.holds(f"no such phone: {said}"), said


@pytest.mark.requirement("privacy.tripwire")
def test_an_id_or_an_amount_with_the_digits_of_a_number_is_not_withheld() -> None:
    registry = Registry()
    with registry.request(texts_of({"phone_number": "415-5550", "amount": 1250000})):
        for line in ("prod_4155550x", "cks_x4155550", "24155550 ms", "41555501", "id 3461250000", "at 12:50:00.001"):
            assert not registry.holds(line), line


@pytest.mark.requirement("privacy.tripwire")
@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.com/?name=Jane+Doe",
        "https://shop.example.com/?a=1;name=Jane%20Doe",
        "https://shop.example.com/?Jane+Doe=1",
        "https://shop.example.com/?Jane+Doe",
        "https://shop.example.com/#name=Jane+Doe",
        "https://shop.example.com/?to=https%3A%2F%2Felse.example%2F%3Fname%3DJane%2BDoe",
        "shop.example.com/?name=Jane+Doe",
        "name=Jane+Doe&page=1",
    ],
)
def test_a_name_in_a_query_is_known_and_the_fields_names_are_not(url: str) -> None:
    registry = Registry()
    with registry.request(texts_of({"return_url": url})):
        assert registry.holds("a card of Jane Doe")
        assert not registry.holds("name, page and product")


@pytest.mark.requirement("privacy.tripwire")
@pytest.mark.parametrize("open_memory_shop", ["memory-2026"], indirect=True)
async def test_the_secrets_of_a_confirmed_session_are_known(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        seen: list[str] = []

        def remember(answer: Any) -> Any:
            answer |= {"client_secret": "Quokka of the session", "publishable_key": "Ptarmigan of the merchant"}
            seen.extend((answer["client_secret"], answer["publishable_key"]))
            return answer

        shop.upstream.rewrites["/checkouts"] = remember
        address = {"country": "US", "state": "CA", "city": "Berkeley", "street": "1 Way", "zipcode": "94704"}
        sale = {"preview_id": await shop.preview_id(billing_address=address), "customer": {"customer_id": "cus_123"}}
        await shop.call("create_checkout_session", sale | {"confirm": True})
        assert len(seen) == 2
        assert [secret for secret in seen if not in_flight.holds(f"said {secret}")] == []


@pytest.mark.requirement("privacy.tripwire")
def test_a_client_secret_is_known_by_its_form_and_names_of_fields_are_not() -> None:
    assert Registry().holds("POST /confirm?client_secret=pay_3Quokka_secret_9fKqW2x1")
    assert not Registry().holds("client_secret_expires_at, webhook_secret_key, CHECKOUT_SECRET_KEYS")


@pytest.mark.requirement("privacy.tripwire")
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://seller:correct-horse@127.0.0.1:9/db",
        "postgresql://seller:correct%2Dhorse@127.0.0.1:9/db",
        "postgresql://seller@127.0.0.1:9/db?password=correct-horse",
        "postgresql://seller@127.0.0.1:9/db?application_name=x&password=correct%2Dhorse",
        "postgresql://seller@127.0.0.1:9/db?sslpassword=correct-horse",
    ],
)
async def test_the_password_of_the_ledgers_url_is_known_wherever_it_stands(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Registry()
    monkeypatch.setattr("checkout_server.app.desk.in_flight", known)
    with pytest.raises(LedgerUnavailable):
        async with open_desk(load_settings(CHECKOUT_LEDGER=url, CHECKOUT_SECRET_KEYS="ab" * 32)):
            pass
    assert known.holds("cannot sign in with correct-horse")
    assert known.holds("?password=correct%2Dhorse&")
    assert not known.holds("seller@127.0.0.1:9/db?application_name=x")
