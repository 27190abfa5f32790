"""The event of a call: which preview it was about, and nothing that was only typed."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.requirement("privacy.events")

TYPED = "prv_jane-doe-1980-01-01-xy"
"""In the form of an id."""


def finished(written: Any) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in written.getvalue().decode().splitlines()]
    return [event for event in events if event["event"] == "tool.finished"]


@pytest.mark.parametrize("tool", ["create_checkout_session", "get_checkout_session"])
@pytest.mark.parametrize("refused_last", [403, 503])
async def test_a_preview_that_was_not_looked_for_is_not_logged(
    open_memory_shop: Any, written: Any, tool: str, refused_last: int
) -> None:
    """The account is asked for first, of two lists; either failure can be the one that is raised."""
    async with open_memory_shop() as shop:
        shop.upstream.statuses |= {"/brands": 503, "/products": refused_last}
        error = await shop.refusal(tool, {"preview_id": TYPED})
    [event] = finished(written)
    assert (error["code"], event["code"]) == ("gateway_unavailable", "gateway_unavailable")
    assert "preview_id" not in event


async def test_a_preview_that_was_found_is_logged_though_the_api_fails_then(
    open_memory_shop: Any, written: Any
) -> None:
    async with open_memory_shop(policy="[preview]\nrequote_after_seconds = 0") as shop:
        preview_id = await shop.preview_id()
        shop.upstream.statuses["/checkouts/preview"] = 503
        await shop.refusal("create_checkout_session", {"preview_id": preview_id})
    *_, event = finished(written)
    assert (event["code"], event["preview_id"]) == ("gateway_unavailable", preview_id)
