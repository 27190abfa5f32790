"""A call that joined a creation of another process is told of its failure what its own caller is told."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import State
from checkout_server.checkout.sale import waiting
from checkout_server.checkout.sale.recorded_failure import detail_of, failure_of
from checkout_server.gateway.errors import GatewayError, HeldBack, NotSent, OutOfTime, Overloaded
from checkout_server.tools.failures import explain
from fault_cases import call, opened
from faulty_upstream import Exchange, Fault, FaultyUpstream, answer, drop_after, refuse
from orders import CONFIRMED, HOSTED, ORDER

CREATE = "create_checkout_session"
FAULTS: dict[str, Fault] = {
    "a discount code has expired": refuse(422, "DISCOUNT_CODE_EXPIRED"),
    "the tax id is not valid": refuse(422, "INVALID_TAX_ID"),
    "the fields do not fit": refuse(400, "INVALID_REQUEST_BODY"),
    "the merchant is not live": refuse(403, "MERCHANT_NOT_LIVE"),
    "the key does not fit": answer(401, {}),
    "something does not exist": refuse(404, "NOT_FOUND"),
    "nothing is there": answer(404, {}),
    "a reason that nobody knows": refuse(418, "TEAPOT"),
    "too many requests": refuse(429, "TOO_MANY_REQUESTS"),
    "nothing happened, says a 503": refuse(503, "DISCOUNT_CONCURRENT_REDEMPTION"),
    "no answer": drop_after,
}


@pytest.mark.requirement("once.concurrent")
@pytest.mark.parametrize("rest", [HOSTED, CONFIRMED], ids=["hosted", "confirmed"])
@pytest.mark.parametrize("case", FAULTS)
async def test_a_call_of_another_process_is_told_of_the_failure_what_its_own_caller_is_told(
    case: str, rest: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "WATCH_SECONDS", 0.01)

    async def held(exchange: Exchange) -> None:
        await exchange.upstream.released.wait()
        await FAULTS[case](exchange)

    async with (
        FaultyUpstream(held).running() as upstream,
        opened(tmp_path, upstream.url) as (one, _desk),
        opened(tmp_path, upstream.url) as (two, desk),
    ):
        preview_id = (await call(one, "preview_checkout", **ORDER))["preview_id"]
        creating = asyncio.create_task(call(one, CREATE, preview_id=preview_id, **rest))
        await upstream.arrived.wait()
        find = desk.ledger.find

        async def release_when_it_waits(*arguments: Any, **named: Any) -> Any:
            entry = await find(*arguments, **named)
            if entry is not None and entry.state is State.CLAIMED:
                upstream.released.set()
            return entry

        desk.ledger.find = release_when_it_waits  # pyright: ignore[reportAttributeAccessIssue] - the test's own
        joined = await call(two, CREATE, preview_id=preview_id, **rest)
        assert joined["error"] == (await creating)["error"]
        assert len(upstream.posts) == 1


UNSENT = [NotSent("create"), OutOfTime("create"), Overloaded("create"), HeldBack("create", retry_after=99_999.0)]


@pytest.mark.requirement("once.concurrent")
@pytest.mark.parametrize("error", UNSENT, ids=lambda error: error.name)
def test_what_was_not_sent_is_told_alike_from_its_record(error: GatewayError) -> None:
    recorded = failure_of(detail_of(error))
    assert recorded is not None
    told, again = (explain(each, CREATE).model_copy(update={"error_id": None}) for each in (error, recorded))
    assert again == told


@pytest.mark.requirement("once.concurrent")
@pytest.mark.parametrize("detail", [None, "interrupted", "found_in_payments", "settled by jane: no payment"])
def test_what_was_recorded_otherwise_is_no_failure_of_a_request(detail: str | None) -> None:
    assert failure_of(detail) is None
