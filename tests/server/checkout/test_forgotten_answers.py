"""A ledger that forgot a sale: "nothing was created" is told of nothing that the payments list was not asked about."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.refusals import sold_before
from checkout_server.checkout.sessions import search
from checkout_server.gateway.errors import NotAuthorized
from checkout_server.tools.failures import explain
from fault_cases import word
from faulty_upstream import QUOTES, SEARCHES, Exchange, Fault, no_fault, refuse
from orders import CONFIRMED, HOSTED
from restored_shops import CREATE, restored_shop

SOLD_BEFORE = {
    "code": "preview_used",
    "message": sold_before().message,
    "problems": [],
    "retry": "do_not_retry",
}


async def dearer(exchange: Exchange) -> None:
    made = json.loads((await exchange.create()).content)
    made["current_breakup"]["total_amount"] += 1
    await exchange.answer(200, made)


ENDINGS: dict[str, tuple[Fault, float, dict[str, Any]]] = {
    "expired": (no_fault, 901.0, CONFIRMED),
    "expired, and a page is asked for": (no_fault, 901.0, HOSTED),
    "another price": (dearer, 0.0, CONFIRMED),
    "a discount code that is used up": (refuse(422, "DISCOUNT_CODE_EXPIRED"), 0.0, CONFIRMED),
}
"""What the price is asked for meets, how many seconds have passed, and what is asked for."""


@pytest.mark.requirement("once.forgotten")
@pytest.mark.parametrize("case", ENDINGS)
async def test_a_forgotten_sale_is_not_called_nothing_created_for_another_reason(case: str, tmp_path: Path) -> None:
    quote, later, rest = ENDINGS[case]
    async with restored_shop(tmp_path) as shop:
        shop.upstream.faults[QUOTES] = quote
        shop.desk.clock = lambda: time.time() + later
        assert (await shop.create(rest))["error"] == SOLD_BEFORE
        assert (await shop.status())["status"] == "paid"
        assert len(shop.upstream.posts) == 1


@pytest.mark.requirement("once.forgotten")
@pytest.mark.parametrize("case", ENDINGS)
async def test_of_what_cannot_be_looked_up_it_is_not_said_that_nothing_was_created(case: str, tmp_path: Path) -> None:
    quote, later, rest = ENDINGS[case]
    async with restored_shop(tmp_path) as shop:
        shop.upstream.faults |= {QUOTES: quote, SEARCHES: refuse(401, "UNAUTHORIZED")}
        shop.desk.clock = lambda: time.time() + later
        error = (await shop.create(rest))["error"]
        told = (error["code"], error["retry"], error["message"])
        assert told == (
            ("outcome_unknown", "retry_later", (await shop.status())["next_step"])
            if later
            else ("not_authorized", "do_not_retry", explain(NotAuthorized("list_payments"), CREATE).message)
        )
        assert len(shop.upstream.posts) == 1


@pytest.mark.requirement("once.forgotten")
@pytest.mark.parametrize(("later", "told"), [(0.0, "gateway_unavailable"), (901.0, "outcome_unknown")])
async def test_what_was_not_looked_up_to_the_end_is_neither_charged_nor_denied(
    later: float, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with restored_shop(tmp_path, sold=False) as shop:
        monkeypatch.setattr(search, "SEARCH_SECONDS", 0.0)
        shop.desk.clock = lambda: time.time() + later
        error = (await shop.create())["error"]
        assert (error["code"], error["retry"]) == (told, "retry_later")
        assert shop.upstream.posts == []
        assert [row.event for row in await shop.desk.ledger.audit(shop.preview_id)] == ["quoted"]
        assert (await shop.status())["status"] == "unknown"


@pytest.mark.requirement("once.forgotten")
@pytest.mark.parametrize("later", [0.0, 901.0])
async def test_a_paid_page_after_a_refused_try_is_found_and_not_made_again(later: float, tmp_path: Path) -> None:
    async with restored_shop(tmp_path, refused=True) as shop:
        shop.desk.clock = lambda: time.time() + later
        if later:
            assert (await shop.create(HOSTED))["error"] == SOLD_BEFORE
        told = await shop.status()
        assert (told["status"], {told["session_id"]}) == ("paid", shop.upstream.sessions_of(shop.preview_id))
        assert word(await shop.create(HOSTED)) == "preview_used"
        assert len(shop.upstream.posts) == 2


@pytest.mark.requirement("once.forgotten")
async def test_a_refused_try_is_the_last_one_only_if_the_payments_list_says_so(tmp_path: Path) -> None:
    async with restored_shop(tmp_path, refused=True, sold=False) as shop:
        shop.upstream.faults[SEARCHES] = refuse(401, "UNAUTHORIZED")
        assert (await shop.status())["status"] == "unknown"
        shop.upstream.faults[SEARCHES] = no_fault
        assert (await shop.status())["status"] == "refused"
