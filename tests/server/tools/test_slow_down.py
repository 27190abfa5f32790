"""What a model is told when the API takes no more requests."""

from typing import Any

import pytest

from faulty_upstream import QUOTES, FaultyUpstream, answer
from orders import ORDER

EMPTY = {"items": []}


@pytest.mark.requirement("gateway.rate_limits")
async def test_a_tool_says_in_how_many_seconds_to_come_back_and_a_creation_goes_on(sell: Any) -> None:
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "60"}
    async with (
        FaultyUpstream(faults={"GET /products": answer(200, EMPTY, spent)}).running() as upstream,
        sell(upstream.url) as (client, _desk),
    ):
        preview = (await client.call_tool("preview_checkout", ORDER)).structured_content
        await client.call_tool("list_products", {})
        error = (await client.call_tool("preview_checkout", ORDER)).structured_content["error"]
        assert (error["code"], error["retry"]) == ("rate_limited", "retry_later")
        seconds = error["message"].partition("try again in ")[2].partition(" seconds")[0]
        assert 2 < int(seconds) <= 60
        created = await client.call_tool("create_checkout_session", {"preview_id": preview["preview_id"]})
        assert {created.structured_content["session_id"]} == upstream.sessions_of(preview["preview_id"])
        assert len(upstream.posts) == [each.url.path for each in upstream.requests].count("/checkouts/preview") == 1


@pytest.mark.requirement("gateway.rate_limits")
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
async def test_the_number_is_ours_and_bounded(sell: Any, asked: str, when: str) -> None:
    async with (
        FaultyUpstream(faults={QUOTES: answer(429, {}, {"retry-after": asked})}).running() as upstream,
        sell(upstream.url) as (client, _desk),
    ):
        error = (await client.call_tool("preview_checkout", ORDER)).structured_content["error"]
        assert (error["code"], when in error["message"]) == ("rate_limited", True)
