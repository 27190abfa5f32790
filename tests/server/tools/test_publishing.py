"""What a policy takes out of the published tools, and how long a client may keep the lists."""

import json
from typing import Any

import pytest

from checkout_schemas.published import definition
from orders import CONFIRMED, ORDER

NEVER = '[confirm]\nmode = "never"\nlist_saved_payment_methods = true\n'
NONE_SAVED = "[confirm]\nsaved_payment_methods = false\nlist_saved_payment_methods = true\n"


async def create_fields(shop: Any) -> set[str]:
    [tool] = [each for each in (await shop.client.list_tools()).tools if each.name == "create_checkout_session"]
    return set(tool.input_schema["properties"])


async def published(shop: Any) -> str:
    """All that a model reads of the server before it calls anything."""
    tools = (await shop.client.list_tools()).tools
    return (shop.client.instructions or "") + json.dumps([(each.description, each.input_schema) for each in tools])


ALL = set(definition("create_checkout_session")["inputSchema"]["properties"])


@pytest.mark.requirement("schema.offered")
@pytest.mark.parametrize(
    ("policy", "withheld"),
    [(NEVER, {"confirm", "payment_method_id"}), (NONE_SAVED, {"payment_method_id"}), ("", set())],
)
async def test_what_the_policy_forbids_is_not_published(open_memory_shop: Any, policy: str, withheld: set[str]) -> None:
    async with open_memory_shop(policy=policy) as shop:
        assert ALL - await create_fields(shop) == withheld
        told = await published(shop)
        assert [field for field in withheld if field in told.replace("confirmed", "")] == []
        if not withheld:
            assert "confirm" in told


@pytest.mark.requirement("schema.offered")
async def test_the_contract_on_disk_stays_whole(open_memory_shop: Any) -> None:
    async with open_memory_shop(policy=NEVER) as shop:
        await create_fields(shop)
    assert set(definition("create_checkout_session")["inputSchema"]["properties"]) == ALL


@pytest.mark.requirement("schema.offered")
@pytest.mark.parametrize("policy", [NEVER, NONE_SAVED])
async def test_a_call_that_sends_it_all_the_same_is_refused_by_the_policy(open_memory_shop: Any, policy: str) -> None:
    async with open_memory_shop(policy=policy) as shop:
        preview = await shop.call("preview_checkout", ORDER)
        sale = {"preview_id": preview["preview_id"], **CONFIRMED, "payment_method_id": "pm_abc123"}
        error = await shop.refusal("create_checkout_session", sale)
        assert error["code"] == "policy_denied"
        assert {"confirm", "payment_method_id"} & {problem["path"] for problem in error["problems"]}
        assert ("POST", "/checkouts") not in [request[:2] for request in shop.upstream.requests]


@pytest.mark.requirement("schema.cached")
async def test_the_lists_may_be_kept_in_the_era_that_has_a_word_for_it(open_shop: Any) -> None:
    async with open_shop() as shop:
        is_modern = shop.client.protocol_version >= "2026-07-28"
        for answer in (await shop.client.list_tools(), await shop.client.list_prompts()):
            hints = (answer.ttl_ms, answer.cache_scope) if is_modern else ()
            assert hints == ((3_600_000, "private") if is_modern else ())
            assert is_modern == ({"ttl_ms", "cache_scope"} <= answer.model_fields_set)
