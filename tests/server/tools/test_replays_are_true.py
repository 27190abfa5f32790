"""What a repeated creation says is true of this moment."""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fault_cases import call, opened
from faulty_upstream import FaultyUpstream, drop_after, no_fault
from orders import HOSTED, ORDER, TWO

CREATE, STATUS = "create_checkout_session", "get_checkout_session"


@pytest.mark.requirement("preview.replay")
@pytest.mark.parametrize("status", ["succeeded", "processing", "cancelled"])
async def test_a_replay_does_not_send_a_buyer_to_pay_what_is_paid(open_memory_shop: Any, status: str) -> None:
    async with open_memory_shop() as shop:
        sale = {"preview_id": await shop.preview_id()}
        session = await shop.call(CREATE, sale)
        path = f"/checkouts/{session['session_id']}"
        shop.upstream.rewrites[path] = lambda answer: answer | {"payment_status": status}
        told = await shop.call(STATUS, {"session_id": session["session_id"]})
        again = await shop.call(CREATE, sale)
        assert again["next_step"] == told["next_step"]
        assert "checkout_url" not in again


@pytest.mark.requirement("session.ends")
@pytest.mark.parametrize("tool", [CREATE, STATUS])
async def test_a_session_that_the_api_forgot_is_no_dead_end(open_memory_shop: Any, tool: str) -> None:
    async with open_memory_shop() as shop:
        now = time.time()
        shop.desk.clock = lambda: now
        sale = {"preview_id": await shop.preview_id()}
        session = await shop.call(CREATE, sale)
        now += 25 * 3600
        shop.upstream.statuses[f"/checkouts/{session['session_id']}"] = 404
        told = await shop.call(tool, sale)
        assert told["next_step"].startswith("The payment API does not know this session any more. Ask a person")
        assert "checkout_url" not in told


@pytest.mark.requirement("gateway.codes")
@pytest.mark.parametrize(
    ("code", "retry"),
    [("PRODUCT_IS_DELETED", "new_preview"), ("DISCOUNT_CODE_EXPIRED", "ask_human"), ("INVALID_TAX_ID", "ask_human")],
)
async def test_what_is_wrong_with_the_order_is_mended_by_a_new_preview_or_the_buyer(
    open_memory_shop: Any, code: str, retry: str
) -> None:
    async with open_memory_shop() as shop:
        preview_id = await shop.preview_id(**TWO)
        shop.upstream.statuses["/checkouts"] = 422
        shop.upstream.rewrites["/checkouts"] = lambda _answer: {"code": code, "message": "no"}
        error = await shop.refusal(CREATE, {"preview_id": preview_id})
        assert (error["gateway_code"], error["retry"]) == (code, retry)


@pytest.mark.requirement("ledger.migrations")
async def test_an_unknown_sale_of_an_earlier_version_is_not_called_nothing_created(tmp_path: Path) -> None:
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        upstream.fault = drop_after
        await call(client, CREATE, preview_id=preview_id, **HOSTED)
        upstream.fault = no_fault
        with closing(sqlite3.connect(tmp_path / "ledger.db")) as ledger, ledger:
            [sealed] = ledger.execute('SELECT "order" FROM preview').fetchone()
            order = json.loads(desk.sealer.open(sealed, context=f"order:{preview_id}"))
            del order["version"]
            resealed = desk.sealer.seal(json.dumps(order).encode(), context=f"order:{preview_id}")
            ledger.execute(
                'UPDATE preview SET "order" = ?, arguments = NULL, account = NULL, goods = NULL, claimed_at = NULL',
                (resealed,),
            )
        error = (await call(client, CREATE, preview_id=preview_id, **HOSTED))["error"]
        assert len(upstream.sessions_of(preview_id)) == 1
        assert (error["code"], error["retry"]) == ("outcome_unknown", "new_preview")
        assert error["message"].startswith("The request was sent and no readable answer came")
