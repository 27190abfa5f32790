"""A ledger that forgot: it is asked about in the payments list before it charges, and before it denies a sale."""

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from backups import back_up, put_back
from checkout_server.app import build_server
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.refusals import sold_before
from checkout_server.gateway.errors import NotAuthorized
from checkout_server.tools.failures import explain
from fault_cases import accept, call, opened, word
from faulty_upstream import QUOTES, SEARCHES, Exchange, Fault, FaultyUpstream, no_fault, refuse
from orders import CONFIRMED, HOSTED, ORDER

UNATTENDED = '[confirm]\nmode = "unattended"'
CREATE, STATUS = "create_checkout_session", "get_checkout_session"


@dataclass
class Shop:
    """A shop whose ledger was put back to before the sale of its preview."""

    upstream: FaultyUpstream
    client: Client
    desk: Desk
    preview_id: str

    async def create(self, rest: dict[str, Any] = CONFIRMED) -> dict[str, Any]:
        return await call(self.client, CREATE, preview_id=self.preview_id, **rest)

    async def status(self) -> dict[str, Any]:
        return await call(self.client, STATUS, preview_id=self.preview_id)


@asynccontextmanager
async def restored_shop(folder: Path, *, sold: bool = True, refused: bool = False) -> AsyncGenerator[Shop]:
    """The sale is confirmed; after a refused try for a hosted page, it is one of a hosted page that was paid."""
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(FaultyUpstream().running())
        async with opened(folder, upstream.url) as (client, _desk):
            preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
            if refused:
                upstream.fault = refuse(422, "INVALID_REQUEST_BODY")
                assert word(await call(client, CREATE, preview_id=preview_id, **HOSTED)) == "gateway_refused"
                upstream.fault = no_fault
            back_up(folder)
            if sold:
                rest = HOSTED if refused else CONFIRMED
                session = await call(client, CREATE, preview_id=preview_id, **rest)
                upstream.sandbox.pay(upstream.sandbox.session(session["session_id"]), "succeeded")
        put_back(folder)
        client, desk = await stack.enter_async_context(opened(folder, upstream.url))
        yield Shop(upstream, client, desk, preview_id)


@pytest.mark.requirement("once.forgotten")
async def test_a_backup_that_was_restored_after_a_paid_sale_does_not_sell_it_again(tmp_path: Path) -> None:
    async with restored_shop(tmp_path) as shop:
        error = (await shop.create())["error"]
        assert (error["code"], error["retry"]) == ("preview_used", "do_not_retry")
        assert len(shop.upstream.sandbox.payments) == 1
        told = await shop.status()
        assert (told["status"], {told["session_id"]}) == ("paid", shop.upstream.sessions_of(shop.preview_id))
        rows = [(row.event, row.detail) for row in await shop.desk.ledger.audit(shop.preview_id)]
        assert rows == [("quoted", None), ("created", "found_in_payments")]
        assert word(await shop.create(HOSTED)) == "preview_used", "not a page beside what was paid"


@pytest.mark.requirement("once.forgotten")
async def test_a_restored_backup_does_not_deny_a_paid_sale(tmp_path: Path) -> None:
    async with restored_shop(tmp_path) as shop:
        told = await shop.status()
        assert (told["status"], {told["session_id"]}) == ("paid", shop.upstream.sessions_of(shop.preview_id))


@pytest.mark.requirement("once.forgotten")
async def test_a_dump_that_is_put_back_while_the_price_is_asked_for_again_does_not_charge_twice(
    tmp_path: Path,
) -> None:
    async with restored_shop(tmp_path, sold=False) as shop, opened(tmp_path, shop.upstream.url) as (other, _desk):
        preview, asked, sold = shop.desk.gateway.preview, asyncio.Event(), asyncio.Event()

        async def slow(*arguments: Any, **named: Any) -> Any:
            asked.set()
            await sold.wait()
            return await preview(*arguments, **named)

        shop.desk.gateway.preview = slow  # pyright: ignore[reportAttributeAccessIssue] - the test's own
        creating = asyncio.create_task(shop.create())
        await asked.wait()
        assert word(await call(other, CREATE, preview_id=shop.preview_id, **CONFIRMED)) == "session"
        with (
            closing(sqlite3.connect(tmp_path / "ledger.db")) as now,
            closing(sqlite3.connect(tmp_path / "dump")) as old,
        ):
            old.backup(now)
        sold.set()
        assert word(await creating) == "preview_used"
        assert len(shop.upstream.sandbox.payments) == 1


@pytest.mark.requirement("once.forgotten")
@pytest.mark.parametrize("fault", [refuse(401, "UNAUTHORIZED"), refuse(404, "NOT_FOUND")])
async def test_what_cannot_be_looked_up_is_neither_charged_nor_denied(fault: Fault, tmp_path: Path) -> None:
    async with restored_shop(tmp_path, sold=False) as shop:
        shop.upstream.faults[SEARCHES] = fault
        assert "error" in await shop.create()
        assert shop.upstream.posts == []
        assert [row.event for row in await shop.desk.ledger.audit(shop.preview_id)] == ["quoted"]
        assert (await shop.status())["status"] == "unknown"
        shop.upstream.faults[SEARCHES] = no_fault
        assert (await shop.status())["status"] == "not_created"
        assert word(await shop.create()) == "session"


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


@pytest.mark.requirement("once.forgotten")
@pytest.mark.parametrize(("era", "policy", "searches"), [("2026", UNATTENDED, 1), ("2026", "", 2), ("2025", "", 1)])
async def test_a_charge_takes_one_request_for_each_round_and_a_hosted_page_none(
    era: str, policy: str, searches: int, tmp_path: Path
) -> None:
    """In the 2026 era the call comes again with the person's answer."""
    (tmp_path / "policy.toml").write_text(policy)
    async with (
        FaultyUpstream().running() as upstream,
        opened(tmp_path, upstream.url, era=era, CHECKOUT_POLICY=str(tmp_path / "policy.toml")) as (client, _desk),
    ):
        made: list[int] = []
        for rest in (HOSTED, CONFIRMED):
            preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
            assert word(await call(client, CREATE, preview_id=preview_id, **rest)) == "session"
            made.append(len(upstream.searches))
        assert made == [0, searches]


@pytest.mark.requirement("once.forgotten")
@pytest.mark.parametrize("seconds", [-60.0, 60.0])
async def test_a_ledger_that_forgets_while_a_person_is_asked_does_not_charge_twice(
    seconds: float, tmp_path: Path
) -> None:
    asked, sold = asyncio.Event(), asyncio.Event()

    async def think(context: Any, params: Any) -> Any:
        asked.set()
        await sold.wait()
        return await accept(context, params)

    async with restored_shop(tmp_path, sold=False) as shop:
        async with Client(build_server(shop.desk), mode="legacy", elicitation_callback=think) as other:
            creating = asyncio.create_task(call(other, CREATE, preview_id=shop.preview_id, **CONFIRMED))
            await asked.wait()
            back_up(tmp_path)
            assert word(await shop.create()) == "session"
            with (
                closing(sqlite3.connect(tmp_path / "ledger.db")) as now,
                closing(sqlite3.connect(tmp_path / "dump")) as old,
            ):
                old.backup(now)
            shop.desk.clock = lambda: time.time() + seconds
            sold.set()
            assert (await creating)["error"] == SOLD_BEFORE
        assert len(shop.upstream.posts) == 1


@pytest.mark.requirement("once.forgotten")
async def test_a_sale_that_is_found_again_leaves_an_event(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with restored_shop(tmp_path) as shop:
        caplog.clear()
        told = await shop.status()
        settled = [record for record in caplog.records if record.getMessage() == "session.settled"]
        assert [record.line.fields["session_id"] for record in settled] == [told["session_id"]]  # pyright: ignore[reportAttributeAccessIssue] - a log record carries its line


@pytest.mark.requirement("once.forgotten")
async def test_a_sale_that_another_call_made_meanwhile_is_returned_and_not_called_forgotten(tmp_path: Path) -> None:
    """It was made after this call had read the preview as unsold, and before it searched for its payment."""
    async with restored_shop(tmp_path, sold=False) as shop, opened(tmp_path, shop.upstream.url) as (other, _desk):
        arrived, sold = asyncio.Event(), asyncio.Event()

        async def wait_for_sale(exchange: Exchange) -> None:
            shop.upstream.faults[SEARCHES] = no_fault
            arrived.set()
            await sold.wait()
            await no_fault(exchange)

        shop.upstream.faults[SEARCHES] = wait_for_sale
        creating = asyncio.create_task(shop.create())
        await arrived.wait()
        session = await call(other, CREATE, preview_id=shop.preview_id, **CONFIRMED)
        sold.set()
        assert await creating == session | {"replayed": True}
        assert len(shop.upstream.sandbox.payments) == 1


@pytest.mark.requirement("once.forgotten")
async def test_a_status_that_meets_a_sale_under_way_has_its_page(tmp_path: Path) -> None:
    by_email: dict[str, Any] = {"customer": {"email": "jane.doe@example.com"}, "confirm": True}
    async with restored_shop(tmp_path, sold=False) as shop, opened(tmp_path, shop.upstream.url) as (other, _desk):
        arrived, sold = asyncio.Event(), asyncio.Event()

        async def wait_for_sale(exchange: Exchange) -> None:
            shop.upstream.faults[SEARCHES] = no_fault
            arrived.set()
            await sold.wait()
            await no_fault(exchange)

        shop.upstream.faults[SEARCHES] = wait_for_sale
        asking = asyncio.create_task(shop.status())
        await arrived.wait()
        session = await call(other, CREATE, preview_id=shop.preview_id, **by_email)
        sold.set()
        assert (await asking)["checkout_url"] == session["checkout_url"]
