"""What a model is told when the API takes no more requests."""

from typing import Any

import pytest

from orders import ORDER

pytestmark = pytest.mark.requirement("gateway.rate_limits")

EMPTY = {"items": []}


async def test_a_tool_says_in_how_many_seconds_to_come_back_and_a_creation_goes_on(upstreams: Any, sell: Any) -> None:
    spent = "x-ratelimit-remaining: 0\r\nx-ratelimit-reset: 60\r\n"
    async with (
        upstreams.run(upstreams.preview, upstreams.answer(200, EMPTY, spent), upstreams.session) as upstream,
        sell(upstream.url) as (client, _desk),
    ):
        preview = (await client.call_tool("preview_checkout", ORDER)).structured_content
        await client.call_tool("list_products", {})
        error = (await client.call_tool("preview_checkout", ORDER)).structured_content["error"]
        assert (error["code"], error["retry"]) == ("rate_limited", "retry_later")
        seconds = error["message"].partition("try again in ")[2].partition(" seconds")[0]
        assert 2 < int(seconds) <= 60
        created = await client.call_tool("create_checkout_session", {"preview_id": preview["preview_id"]})
        assert created.structured_content["session_id"] == "cks_1"
        assert [path for _, path, _ in upstream.requests] == ["/checkouts/preview", "/products", "/checkouts"]


@pytest.mark.parametrize(
    ("asked", "when"),
    [
        ("30", "in 30 seconds."),
        ("86400", "in a minute."),
        ("٣٠", "in a minute."),
        ("9" * 400, "in a minute."),
        ("call +1 555 0100", "in a minute."),
    ],
)
async def test_the_number_is_ours_and_bounded(upstreams: Any, sell: Any, asked: str, when: str) -> None:
    async with (
        upstreams.run(upstreams.answer(429, {}, f"retry-after: {asked}\r\n")) as upstream,
        sell(upstream.url) as (client, _desk),
    ):
        error = (await client.call_tool("preview_checkout", ORDER)).structured_content["error"]
        assert (error["code"], when in error["message"]) == ("rate_limited", True)
