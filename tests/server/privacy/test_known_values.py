"""What the tripwire is told of: keys for life, arguments in flight, and what the API said of a buyer."""

import base64
import json
from typing import Any

import pytest

from checkout_server.privacy.personal_values.arguments import texts_of
from checkout_server.privacy.personal_values.tripwire import Registry, in_flight

pytestmark = pytest.mark.requirement("privacy.tripwire")


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
