"""Arbitrary JSON at every tool, in both eras: no crash, no internal error, no upstream call."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkout_schemas.errors import ErrorCode
from checkout_server.cli.schemas import definitions
from examples import examples
from served_tools import OFFERING_ALL

SCHEMAS = {name.removesuffix(".json"): json.loads(text)["inputSchema"] for name, text in definitions().items()}
ALLOWED = set(ErrorCode.__args__)

names = st.sampled_from(sorted({name for schema in SCHEMAS.values() for name in schema["properties"]}))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**13), 10**13)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
    | st.text(st.characters(exclude_categories=()), max_size=8)
    | st.sampled_from(["US", "USD", "prod_123", "prv_x", "[{}]", '{"a":', "[[[[", "credit", "dark"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names | st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
arguments = st.dictionaries(names | st.text(max_size=12), values, max_size=6)


@pytest.mark.requirement("error.no_crash")
@pytest.mark.hypothesis
@pytest.mark.timeout(180)
@pytest.mark.parametrize("tool", SCHEMAS)
async def test_no_json_makes_a_tool_crash(tool: str, open_memory_shop: Any) -> None:
    """What is accepted may reach the upstream; what is refused may not."""
    import asyncio

    async with open_memory_shop(policy=OFFERING_ALL) as shop:
        loop = asyncio.get_running_loop()

        async def call(given_arguments: dict[str, Any]) -> None:
            before = len(shop.upstream.requests)
            result = await shop.client.call_tool(tool, given_arguments)
            if not result.is_error:
                return
            error = result.structured_content["error"]
            assert error["code"] in ALLOWED
            assert not error["message"].startswith("Something went wrong inside"), "a crash"
            if error["code"] in {"invalid_request", "preview_required", "preview_not_found"}:
                assert len(shop.upstream.requests) == before

        @settings(
            max_examples=examples(120), deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
        )
        @given(arguments)
        def check(given_arguments: dict[str, Any]) -> None:
            asyncio.run_coroutine_threadsafe(call(given_arguments), loop).result(30)

        # hypothesis is synchronous: it drives from a thread, the client stays in this loop.
        await asyncio.to_thread(check)
