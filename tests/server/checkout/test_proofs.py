"""What an answer to a creation proves, and what it does not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fault_cases import call, opened, word
from faulty_upstream import SEARCHES, Exchange, Fault, FaultyUpstream, create_then_answer, refuse
from orders import CONFIRMED, ORDER

CREATE, STATUS = "create_checkout_session", "get_checkout_session"
CODE = {"code": "INVALID_TAX_ID", "message": "no"}


async def sell(folder: Path, fault: Fault, prepare: Callable[[FaultyUpstream], None] | None = None) -> Any:
    """What a confirmed creation that meets the fault is told, how the preview stands then, and the ledger's steps."""
    async with FaultyUpstream().running() as upstream, opened(folder, upstream.url) as (client, desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        upstream.fault = fault
        if prepare is not None:
            prepare(upstream)
        result = await call(client, CREATE, preview_id=preview_id, **CONFIRMED)
        status = (await call(client, STATUS, preview_id=preview_id)).get("status")
        rows = [(row.event, row.detail) for row in await desk.ledger.audit(preview_id)]
        assert "error" in result or {result["session_id"]} == upstream.sessions_of(preview_id)
        assert len(upstream.posts) == 1
        return result, status, rows[-1]


@pytest.mark.requirement("once.proof")
@pytest.mark.parametrize("status", [408, 409, 425, 499])
async def test_a_request_timeout_of_a_proxy_does_not_prove_that_nothing_was_charged(
    tmp_path: Path, status: int
) -> None:
    result, told, _ = await sell(tmp_path, refuse(status, "NOBODY_KNOWS_THIS"))
    assert (word(result), told) == ("outcome_unknown", "unknown")


@pytest.mark.requirement("once.checked_refusal")
@pytest.mark.parametrize("status", [400, 408, 409, 422, 429, 499])
@pytest.mark.parametrize("content", [CODE, {}], ids=["with a code", "without"])
async def test_a_charge_behind_a_refusal_is_found_and_told(tmp_path: Path, status: int, content: Any) -> None:
    result, told, row = await sell(tmp_path, create_then_answer(status, content))
    assert (word(result), told, row) == ("session", "paid", ("created", "found_in_payments"))
    assert result["next_step"] == "Paid. Nothing is left to do."


@pytest.mark.requirement("once.checked_refusal")
@pytest.mark.parametrize(
    ("payment", "status", "says"),
    [
        ("failed", "failed", "The payment failed, and nothing was charged."),
        ("requires_customer_action", "open", "The payment is not done; the buyer may have to confirm it"),
    ],
)
async def test_a_payment_behind_a_refusal_that_took_nothing_is_told_as_that(
    tmp_path: Path, payment: str, status: str, says: str
) -> None:
    async def end_otherwise(exchange: Exchange) -> None:
        made = json.loads((await exchange.create()).content)
        sandbox = exchange.upstream.sandbox
        session = sandbox.sessions[made["session_id"]]
        assert session.payment is not None
        session.payment.status = payment
        await exchange.answer(402, {})

    result, told, _ = await sell(tmp_path, end_otherwise)
    assert (word(result), told) == ("session", status)
    assert result["next_step"].startswith(says)


@pytest.mark.requirement("once.checked_refusal")
@pytest.mark.parametrize("status", [409, 422])
async def test_a_documented_code_is_a_refusal_once_nothing_is_found(tmp_path: Path, status: int) -> None:
    result, told, row = await sell(tmp_path, refuse(status, CODE["code"]))
    assert (word(result), told, row) == ("gateway_refused", "refused", ("refused", "INVALID_TAX_ID"))


@pytest.mark.requirement("once.checked_refusal")
async def test_a_refusal_that_cannot_be_looked_into_is_unknown(tmp_path: Path) -> None:
    async def refuse_both(exchange: Exchange) -> None:
        exchange.upstream.faults[SEARCHES] = refuse(401, "UNAUTHORIZED")
        await exchange.answer(422, CODE)

    result, _, row = await sell(tmp_path, refuse_both)
    assert (word(result), row[0]) == ("outcome_unknown", "unknown")


@pytest.mark.requirement("once.checked_refusal")
async def test_a_payment_behind_a_refusal_that_names_no_session_leaves_it_unknown_until_it_is_asked_about(
    tmp_path: Path,
) -> None:
    async def without_session(exchange: Exchange) -> None:
        page = json.loads((await exchange.create()).content)
        await exchange.answer(200, {"items": [row | {"checkout_session_id": None} for row in page["items"]]})

    result, told, row = await sell(
        tmp_path, create_then_answer(422, CODE), lambda upstream: upstream.faults.update({SEARCHES: without_session})
    )
    assert (word(result), told, row) == ("outcome_unknown", "paid", ("unknown", "INVALID_TAX_ID"))
