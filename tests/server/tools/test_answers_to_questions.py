"""A no is a no and a question is answered once, whatever the ledger and the host do."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import LedgerUnavailable
from orders import TWO
from shops import open_shop_over

CREATE = "create_checkout_session"
JANE: dict[str, Any] = {"customer": {"email": "jane@example.com"}}


@pytest.mark.requirement("approval.only_yes")
@pytest.mark.parametrize("answer", ["refuse", "decline", "cancel"])
async def test_a_no_is_a_no_though_the_ledger_cannot_record_it(open_memory_shop: Any, person: Any, answer: str) -> None:
    person.answer = answer
    async with open_memory_shop(person=person) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO), **JANE, "confirm": True}

        async def failing(*_arguments: Any, **_named: Any) -> None:
            raise LedgerUnavailable("The disk is full.")

        shop.desk.ledger.answer_question = failing
        error = await shop.refusal(CREATE, sale)
        assert (error["code"], error["retry"]) == ("approval_declined", "do_not_retry")


@pytest.mark.requirement("approval.repeats")
async def test_a_yes_that_a_changed_question_threw_away_is_not_counted_as_a_refusal(tmp_path: Path) -> None:
    asked: list[str] = []

    async def people(_context: Any, params: Any) -> Any:
        from forms import approving

        asked.append(params.message)
        if len(asked) == 1:  # somebody buys the same meanwhile, on the hosted page
            await shop.call(CREATE, {"preview_id": other, **JANE})
        return approving(params)

    async with open_shop_over("memory", "2026", tmp_path, person=people) as shop:
        other = await shop.preview_id(**TWO)
        await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **JANE, "confirm": True})
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as ledger:
            [(standing,)] = ledger.execute("SELECT count(*) FROM question WHERE approved IS NULL OR NOT approved")
        assert (len(asked), standing) == (2, 0)


@pytest.mark.requirement("approval.repeats")
async def test_an_unknown_charge_is_told_though_a_newer_sale_is_known(open_memory_shop: Any, person: Any) -> None:
    async with open_memory_shop(person=person) as shop:
        saved = {"customer": {"customer_id": "cus_123"}, "confirm": True, "payment_method_id": "pm_abc123"}
        shop.upstream.rewrites["/checkouts"] = lambda _answer: "lost"
        await shop.refusal(CREATE, {"preview_id": await shop.preview_id(**TWO), **saved})
        shop.upstream.rewrites.clear()
        hosted = {"customer": {"customer_id": "cus_123"}}
        await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **hosted})
        await shop.call(CREATE, {"preview_id": await shop.preview_id(**TWO), **saved})
        assert "how that ended is not known" in person.questions[-1]


@pytest.mark.requirement("approval.only_yes")
@pytest.mark.parametrize("first", ["decline", "cancel"])
async def test_a_question_that_was_answered_by_no_is_closed(tmp_path: Path, first: str) -> None:
    from mcp_types import ElicitResult, InputRequiredResult

    from forms import approving

    async def unused(_context: Any, _params: Any) -> Any:
        raise AssertionError

    async with open_shop_over("memory", "2026", tmp_path, person=unused) as shop:
        session, sale = shop.client.session, {"preview_id": await shop.preview_id(**TWO), **JANE, "confirm": True}
        asked = await session.call_tool(CREATE, sale, allow_input_required=True)
        assert isinstance(asked, InputRequiredResult)
        [(key, each)] = (asked.input_requests or {}).items()
        no = ElicitResult(action=first, content=None)  # pyright: ignore[reportArgumentType] - one of its words
        refused = await session.call_tool(CREATE, sale, input_responses={key: no}, request_state=asked.request_state)
        assert refused.structured_content["error"]["code"] == "approval_declined"
        late = await session.call_tool(
            CREATE,
            sale,
            input_responses={key: approving(each.params)},
            request_state=asked.request_state,
            allow_input_required=True,
        )
        assert isinstance(late, InputRequiredResult) or late.is_error
        assert shop.upstream.created == []
