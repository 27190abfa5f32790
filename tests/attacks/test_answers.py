"""Answers that are not true, lead nowhere, or go to somebody else."""

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fault_cases import FaultyUpstream, call, drop_after, no_fault, opened
from orders import HOSTED, ORDER, TWO

CREATE, STATUS = "create_checkout_session", "get_checkout_session"
GOES_NOWHERE = {"fix_and_retry", "retry_later"}


@pytest.mark.requirement("preview.used")
@pytest.mark.parametrize(
    "emails", [("jane@straße.example", "jane@strasse.example"), ("jane@λόγος.example", "jane@λόγοσ.example")]
)
async def test_two_addresses_are_not_one_because_they_fold_together(
    open_memory_shop: Any, emails: tuple[str, str]
) -> None:
    """``casefold`` makes ss of ß: two domains of two owners. The second buyer is given the first one's page."""
    one, other = emails
    async with open_memory_shop() as shop:
        sale = {"preview_id": await shop.preview_id(), "customer": {"email": one}}
        await shop.call(CREATE, sale)
        result = await shop.client.call_tool(CREATE, sale | {"customer": {"email": other}})
        assert result.is_error


ON_BY_DEFAULT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "minimal_address under single_page": (
        {"feature_flags": {"single_page": True}},
        {"feature_flags": {"single_page": True}, "minimal_address": False},
    ),
    **{
        flag: ({}, {"feature_flags": {flag: False}})
        for flag in ("allow_currency_selection", "allow_discount_code", "allow_phone_number_collection", "allow_tax_id")
    },
    "show_order_details": ({}, {"customization": {"show_order_details": False}}),
}


@pytest.mark.requirement("preview.used")
@pytest.mark.parametrize("case", ON_BY_DEFAULT)
async def test_unset_is_not_false_where_the_default_is_true(open_memory_shop: Any, case: str) -> None:
    """SDK: "Default is true". Who asks for a page without discount codes or currencies is given one that has them."""
    unset, off = ON_BY_DEFAULT[case]
    async with open_memory_shop() as shop:
        sale = {"preview_id": await shop.preview_id()}
        await shop.call(CREATE, sale | unset)
        assert (await shop.client.call_tool(CREATE, sale | off)).is_error


@pytest.mark.requirement("preview.replay")
@pytest.mark.parametrize("status", ["succeeded", "processing", "cancelled"])
async def test_a_replay_does_not_send_a_buyer_to_pay_what_is_paid(open_memory_shop: Any, status: str) -> None:
    """Within its life a session is replayed without a look: "Give the buyer checkout_url to pay", after it was paid."""
    async with open_memory_shop() as shop:
        sale = {"preview_id": await shop.preview_id()}
        session = await shop.call(CREATE, sale)
        path = f"/checkouts/{session['session_id']}"
        shop.upstream.rewrites[path] = lambda answer: answer | {"payment_status": status}
        told = await shop.call(STATUS, {"session_id": session["session_id"]})
        again = await shop.call(CREATE, sale)
        assert not again["next_step"].startswith("Give the buyer checkout_url to pay"), told["status"]


@pytest.mark.requirement("session.ends")
@pytest.mark.parametrize("tool", [CREATE, STATUS])
async def test_a_session_that_the_api_forgot_is_no_dead_end(open_memory_shop: Any, tool: str) -> None:
    """A day later the API answers 404 for the session: "Something that the call names does not exist there; check the
    ids", ``fix_and_retry``, for ever; there is nothing to fix."""
    async with open_memory_shop() as shop:
        now = time.time()
        shop.desk.clock = lambda: now
        sale = {"preview_id": await shop.preview_id()}
        session = await shop.call(CREATE, sale)
        now += 25 * 3600
        shop.upstream.statuses[f"/checkouts/{session['session_id']}"] = 404
        result = await shop.client.call_tool(tool, sale)
        error = (result.structured_content or {}).get("error")
        assert error is None or error["retry"] not in GOES_NOWHERE, error


@pytest.mark.requirement("gateway.codes")
@pytest.mark.parametrize("code", ["DISCOUNT_CODE_EXPIRED", "PRODUCT_IS_DELETED", "INVALID_TAX_ID"])
async def test_what_is_wrong_with_the_order_is_mended_by_a_new_preview(open_memory_shop: Any, code: str) -> None:
    """At the creation the order is in the preview: ``fix_and_retry`` with ``discount_codes`` sends the model to a field
    that this tool does not have."""
    async with open_memory_shop() as shop:
        preview_id = await shop.preview_id(**TWO)
        shop.upstream.statuses["/checkouts"] = 422
        shop.upstream.rewrites["/checkouts"] = lambda _answer: {"code": code, "message": "no"}
        error = await shop.refusal(CREATE, {"preview_id": preview_id})
        assert (error["gateway_code"], error["retry"]) == (code, "new_preview")


@pytest.mark.requirement("ledger.migrations")
async def test_an_unknown_sale_of_an_earlier_version_is_not_called_nothing_created(tmp_path: Path) -> None:
    """An upgrade with an unknown sale: its order cannot be read any more, and it is "expired and nothing was
    created"."""
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
        assert "nothing was created" not in error["message"]


@pytest.mark.requirement("session.ends")
async def test_an_unpaid_session_of_elsewhere_without_a_date_is_not_asked_for_for_ever(open_memory_shop: Any) -> None:
    """``created_at`` that cannot be read: the session never ends, and "Call get_checkout_session again later" for
    ever."""
    async with open_memory_shop() as shop:
        now = time.time()
        shop.desk.clock = lambda: now
        session = await shop.call(CREATE, {"preview_id": await shop.preview_id()})
        shop.desk.ledger.find_session = nobodys
        shop.upstream.rewrites[f"/checkouts/{session['session_id']}"] = lambda answer: answer | {"created_at": 5}
        now += 400 * 24 * 3600
        told = await shop.call(STATUS, {"session_id": session["session_id"]})
        assert told["status"] != "open"


async def nobodys(*_arguments: Any, **_named: Any) -> None:
    return None


@pytest.mark.requirement("session.ends")
async def test_a_session_does_not_end_here_before_it_ends_at_the_api(tmp_path: Path) -> None:
    """A session's life is counted from the claim, and it began when the API answered, up to 40 s later: for that long a
    buyer can still finish 3-D Secure while the agent is told "ended without a payment. Call preview_checkout"."""
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        now = time.time()
        ahead = -39.0
        desk.clock = lambda: now + ahead  # the request takes 39 seconds to be answered
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        confirmed = {"customer": {"email": "jane@example.com"}, "confirm": True}
        await call(client, CREATE, preview_id=preview_id, **confirmed)
        [session] = upstream.sandbox.sessions.values()
        ahead = 880.0
        assert session.expires_at.timestamp() > desk.clock()
        told = await call(client, STATUS, preview_id=preview_id)
        assert told["status"] != "expired", told["next_step"]
