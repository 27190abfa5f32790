"""Two sales of one order that are approved side by side: only one is made, unless a person read of the other."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from forms import approving, approving_together
from orders import TWO
from shops import open_shop_over

CREATE = "create_checkout_session"
JANE: dict[str, Any] = {"customer": {"email": "jane@example.com"}}
SOLD = "A session for the same order and buyer was already created within the last hour."


@pytest.mark.requirement("approval.repeats")
@pytest.mark.parametrize("era", ["2025", "2026"])
async def test_a_yes_does_not_sell_a_second_time_what_was_sold_while_the_person_thought(
    tmp_path: Path, era: str
) -> None:
    asked: list[str] = []
    async with open_shop_over("memory", era, tmp_path, person=approving_together(asked, 2)) as shop:
        sales = [{"preview_id": await shop.preview_id(**TWO), **JANE, "confirm": True} for _ in range(2)]
        results = await asyncio.gather(*(shop.client.call_tool(CREATE, sale) for sale in sales))
        told = SOLD in "\n".join(asked)
        assert told or len(shop.upstream.created) == 1, [each.structured_content for each in results]


@pytest.mark.requirement("approval.repeats")
@pytest.mark.parametrize("era", ["2025", "2026"])
async def test_a_question_that_was_open_during_another_sale_is_not_enough(tmp_path: Path, era: str) -> None:
    first_done, second_asked = asyncio.Event(), asyncio.Event()
    asked: list[str] = []

    async def people(_context: Any, params: Any) -> Any:
        asked.append(params.message)
        if len(asked) == 1:  # the slow one
            second_asked.set()
            await first_done.wait()
        return approving(params)

    async with open_shop_over("memory", era, tmp_path, person=people) as shop:
        slow = {"preview_id": await shop.preview_id(**TWO), **JANE, "confirm": True}
        fast = {"preview_id": await shop.preview_id(**TWO), **JANE, "confirm": True}
        waiting = asyncio.create_task(shop.client.call_tool(CREATE, slow))
        await second_asked.wait()
        await shop.call(CREATE, fast)
        first_done.set()
        await waiting
        assert SOLD in "\n".join(asked) or len(shop.upstream.created) == 1
