"""A section of the policy holds in every call of whom it is about."""

from dataclasses import replace
from typing import Any

import pytest

from checkout_server.checkout.principal import LOCAL, Principal, Scope
from orders import HOSTED, ORDER

CREATE, PREVIEW, STATUS = "create_checkout_session", "preview_checkout", "get_checkout_session"
AGENT = Principal("7" * 32, frozenset(Scope), "https://auth.example.com", "agent-7")
SELLER = replace(AGENT, id="8" * 32, subject="agent-8", scopes=frozenset({Scope.PREVIEW, Scope.CREATE}))
POLICY = """
confirm = { list_saved_payment_methods = true, list_any_customer = true }
share.license_keys = true
[principal."https://auth.example.com|agent-7"]
limits.max_quantity = 1
confirm = { list_saved_payment_methods = false, ask_above = { USD = 1 } }
preview.ttl_seconds = 60
share.license_keys = false
"""
TWO: dict[str, Any] = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 2}]}


@pytest.mark.requirement("principal.policy")
async def test_a_section_is_held_to_at_the_preview(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=POLICY) as shop:
        assert await shop.call(PREVIEW, TWO)
        shop.desk.principal = AGENT
        error = await shop.refusal(PREVIEW, TWO)
        assert (error["code"], error["problems"][0]["path"]) == ("policy_denied", "product_cart[0].quantity")
        shop.desk.principal = SELLER
        assert await shop.call(PREVIEW, TWO)


@pytest.mark.requirement("principal.policy")
async def test_a_section_is_held_to_at_the_creation(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(policy=POLICY, person=person) as shop:
        shop.desk.principal = AGENT
        preview = await shop.call(PREVIEW, ORDER)
        assert await shop.call(CREATE, {"preview_id": preview["preview_id"], **HOSTED})
        assert len(person.questions) == 1, "a person is asked for any amount"


@pytest.mark.requirement("principal.policy")
async def test_a_tool_that_a_section_does_not_offer_is_refused(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=POLICY) as shop:
        assert await shop.call("list_saved_payment_methods", {"customer_id": "cus_123"})
        shop.upstream.requests.clear()
        shop.desk.principal = AGENT
        error = await shop.refusal("list_saved_payment_methods", {"customer_id": "cus_123"})
        assert (error["code"], error["retry"]) == ("policy_denied", "do_not_retry")
        assert "/customers/cus_123/payment-methods" not in [path for _, path, _ in shop.upstream.requests]


@pytest.mark.requirement("principal.policy")
async def test_a_scopes_section_holds_for_who_has_the_scope(open_memory_shop: Any) -> None:
    policy = '[scope."checkout:create"]\nallow.products = ["prod_ebook_guide"]\n'
    reader = replace(AGENT, scopes=frozenset({Scope.PREVIEW}))
    other = {"product_cart": [{"product_id": "prod_123", "quantity": 1}]}
    async with open_memory_shop(policy=policy) as shop:
        for principal in (SELLER, LOCAL):
            shop.desk.principal = principal
            assert (await shop.refusal(PREVIEW, other))["code"] == "policy_denied"
        shop.desk.principal = reader
        assert await shop.call(PREVIEW, other)


@pytest.mark.requirement("principal.policy")
async def test_the_desk_of_a_call_shares_everything_but_whose_it_is(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=POLICY) as shop:
        serving = shop.desk.serving(AGENT)
        assert (serving.principal, serving.policy.preview.ttl_seconds) == (AGENT, 60)
        assert (shop.desk.principal, shop.desk.policy.preview.ttl_seconds) == (LOCAL, 900)
        shared = set(shop.desk.__slots__) - {"principal"}
        assert {name for name in shared if getattr(serving, name) is not getattr(shop.desk, name)} == set()
        assert (await serving.find_owner()).principal == AGENT.id
