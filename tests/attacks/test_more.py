"""A ledger that fails under a refusal, goods that shrink, and calls that outlast their callers."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import LedgerUnavailable
from orders import TWO
from shops import open_shop_over

CREATE, STATUS, PREVIEW = "create_checkout_session", "get_checkout_session", "/checkouts/preview"
JANE: dict[str, Any] = {"customer": {"email": "jane@example.com"}}
JOHN: dict[str, Any] = {"customer": {"email": "john@example.com"}}


@pytest.mark.requirement("approval.only_yes")
@pytest.mark.parametrize("answer", ["refuse", "decline", "cancel"])
async def test_a_no_is_a_no_though_the_ledger_cannot_record_it(open_memory_shop: Any, person: Any, answer: str) -> None:
    """``record_answer`` comes before the decision is looked at: a person's no becomes ``gateway_unavailable`` with
    ``retry_later``, "try again later", and does not count."""
    person.answer = answer
    async with open_memory_shop(person=person) as shop:
        sale = {"preview_id": await shop.preview_id(**TWO), **JANE, "confirm": True}

        async def failing(*_arguments: Any, **_named: Any) -> None:
            raise LedgerUnavailable("The disk is full.")

        shop.desk.ledger.answer_question = failing
        error = await shop.refusal(CREATE, sale)
        assert (error["code"], error["retry"]) == ("approval_declined", "do_not_retry")


def metered_dearer(quote: Any) -> Any:
    for meter in quote["product_cart"][0]["meters"]:
        meter["price_per_unit"] = "2500"
    return quote


def fewer_credits(quote: Any) -> Any:
    for grant in quote["product_cart"][0]["credit_entitlements"]:
        grant["credits_amount"] = "1"
    return quote


@pytest.mark.requirement("price.drift")
@pytest.mark.parametrize(
    ("product", "change"), [("prod_metered_plan", metered_dearer), ("prod_credits", fewer_credits)]
)
async def test_less_for_the_same_money_stops_the_sale(open_memory_shop: Any, product: str, change: Any) -> None:
    """A unit of usage that costs 10,000 times as much, and a credit pack that grants one credit instead of 1,000."""
    async with open_memory_shop(policy="[preview]\nrequote_after_seconds = 0") as shop:
        preview_id = await shop.preview_id(product)
        shop.upstream.rewrites[PREVIEW] = change
        assert (await shop.client.call_tool(CREATE, {"preview_id": preview_id})).is_error


@pytest.mark.requirement("gateway.bounds")
async def test_a_lookup_at_a_silent_api_ends_within_one_deadline(
    open_memory_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each request has 40 seconds and is repeated twice: a call takes 120 s and more (design: 50 s; clients give up
    after 60). Here with a deadline of half a second."""
    monkeypatch.setattr("checkout_server.gateway.client.DEADLINE", 0.5)
    async with open_memory_shop() as shop:
        session = await shop.call(CREATE, {"preview_id": await shop.preview_id()})

        async def silent() -> None:
            await asyncio.sleep(0.7)

        shop.upstream.gates[f"/checkouts/{session['session_id']}"] = silent
        began = time.monotonic()
        await shop.client.call_tool(STATUS, {"session_id": session["session_id"]})
        assert time.monotonic() - began < 0.5 * 50 / 40 + 0.2


@pytest.mark.requirement("gateway.bounds")
async def test_a_call_that_watches_anothers_claim_ends_before_its_client_gives_up() -> None:
    """TypeScript clients stop waiting after 60 s; a call that watches another process's claim waits as long as its
    lease, after everything else that it did."""
    from checkout_server.checkout.sale.waiting import LEASE_SECONDS

    assert LEASE_SECONDS < 50, "watch_creation waits for a whole lease"


@pytest.mark.requirement("approval.repeats")
async def test_a_yes_that_a_changed_question_threw_away_is_not_counted_as_a_refusal(tmp_path: Path) -> None:
    """2026 era. While the person thinks, the same order is sold by another preview; the question then reads otherwise,
    their yes is discarded and they are asked again. The first question stays open for the hour: it counts like a no."""
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
    """Of several sales of the hour the newest alone is told: a harmless one hides the charge that nobody knows of."""
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
    """2026 era: a host that answers twice. The sealed state of a question stays good after its no: a yes that comes
    later with the same state sells, though "do not ask again" was told and nobody was asked again."""
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
