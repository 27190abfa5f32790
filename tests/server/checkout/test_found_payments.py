"""A payment that carries our mark counts, whatever else is odd or late about it."""

import time
from pathlib import Path
from typing import Any

import pytest

from fault_cases import call, opened
from faulty_upstream import FaultyUpstream, drop_after, no_fault
from orders import CONFIRMED, HOSTED, ORDER, TWO

CREATE, STATUS = "create_checkout_session", "get_checkout_session"


@pytest.mark.requirement("once.lookup")
async def test_a_payment_that_was_found_is_not_called_nothing_charged(tmp_path: Path) -> None:
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, _desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        upstream.fault = drop_after
        await call(client, CREATE, preview_id=preview_id, **HOSTED)
        upstream.fault = no_fault
        [session] = upstream.sandbox.sessions.values()
        upstream.sandbox.pay(session, "succeeded")
        told = await call(client, STATUS, preview_id=preview_id)
        again = await call(client, CREATE, preview_id=preview_id, **HOSTED)
        assert told["status"] == "paid"
        assert (again["session_id"], again["next_step"]) == (told["session_id"], told["next_step"])


@pytest.mark.requirement("once.lookup")
async def test_a_marked_payment_with_an_unreadable_status_is_not_called_unpaid(
    open_memory_shop: Any, person: Any
) -> None:
    async with open_memory_shop(person=person) as shop:
        now = time.time()
        shop.desk.clock = lambda: now
        sale = {"preview_id": await shop.preview_id(**TWO), **CONFIRMED}
        shop.upstream.rewrites["/checkouts"] = lambda _answer: "lost"
        await shop.refusal(CREATE, sale)

        unreadable: dict[str, Any] = {"status": {"word": "succeeded"}, "checkout_session_id": None}

        def odd(page: Any) -> Any:
            for row in page["items"]:
                row |= unreadable
                shop.upstream.rewrites[f"/payments/{row['payment_id']}"] = lambda payment: payment | unreadable
            return page

        shop.upstream.rewrites["/payments"] = odd
        told = [(await shop.call(STATUS, {"preview_id": sale["preview_id"]}))["status"]]
        now += 901
        told.append((await shop.call(STATUS, {"preview_id": sale["preview_id"]}))["status"])
        assert told == ["unknown", "unknown"]


@pytest.mark.requirement("once.lookup")
async def test_a_payment_that_the_list_calls_succeeded_is_paid_though_the_session_lags(
    open_memory_shop: Any, person: Any
) -> None:
    async with open_memory_shop(person=person) as shop:
        now = time.time()
        shop.desk.clock = lambda: now
        sale = {"preview_id": await shop.preview_id(**TWO), **CONFIRMED}
        lost: list[str] = []

        def lose(answer: Any) -> Any:
            lost.append(answer["session_id"])
            return "lost"

        shop.upstream.rewrites["/checkouts"] = lose
        await shop.refusal(CREATE, sale)
        shop.upstream.rewrites[f"/checkouts/{lost[0]}"] = lambda answer: answer | {"payment_status": None}
        now += 901
        told = await shop.call(STATUS, {"preview_id": sale["preview_id"]})
        assert told["status"] == "paid", told["next_step"]
