"""How long the ledger keeps what a sale came to."""

from typing import Any

import pytest

DAY = 86_400.0


@pytest.mark.requirement("ledger.purge")
async def test_what_a_sale_came_to_is_kept_for_seven_days_and_then_purged(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        preview_id = await shop.preview_id()
        sold = shop.desk.clock()
        session = await shop.call("create_checkout_session", {"preview_id": preview_id})
        await shop.desk.ledger.purge(now=sold + 7 * DAY - 1)
        found = await shop.call("get_checkout_session", {"preview_id": preview_id})
        assert found["session_id"] == session["session_id"]
        await shop.desk.ledger.purge(now=shop.desk.clock() + 7 * DAY)
        assert (await shop.refusal("get_checkout_session", {"preview_id": preview_id}))["code"] == "preview_not_found"
