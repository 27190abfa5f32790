"""A ledger that forgot: it is asked about in the payments list before it charges, and before it denies a sale."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from backups import back_up
from checkout_server.app import build_server
from fault_cases import accept, call, opened, word
from faulty_upstream import SEARCHES, Exchange, Fault, FaultyUpstream, no_fault, refuse
from orders import CONFIRMED, HOSTED, ORDER
from restored_shops import CREATE, restored_shop

UNATTENDED = '[confirm]\nmode = "unattended"'


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
            assert word(await creating) == "preview_used"
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
