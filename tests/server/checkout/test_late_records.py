"""A session that was handed out while the ledger was away."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.sale import record
from checkout_server.checkout.sale.lease import LEASE_SECONDS
from fault_cases import CASES, call, opened, word
from faulty_upstream import FaultyUpstream, no_fault
from orders import HOSTED, ORDER

CREATE = "create_checkout_session"


@pytest.mark.requirement("once.proof")
async def test_a_session_that_was_handed_out_but_not_recorded_is_not_made_again(tmp_path: Path) -> None:
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        now = time.time()
        desk.clock = lambda: now
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        whole = desk.ledger

        class Full:
            def __getattr__(self, name: str) -> Any:
                return getattr(whole, name)

            async def finish(self, *_arguments: Any, **_named: Any) -> bool:
                raise LedgerUnavailable("The disk is full.")

        desk.ledger = Full()  # pyright: ignore[reportAttributeAccessIssue] - it passes everything on
        first = await call(client, CREATE, preview_id=preview_id, **HOSTED)
        assert first["checkout_url"]
        now += 61
        second = await call(client, CREATE, preview_id=preview_id, **HOSTED)
        assert second.get("checkout_url") in {None, first["checkout_url"]}, "two payable pages of one preview"


@pytest.mark.requirement("once.late_record")
async def test_a_refusal_that_a_later_claim_overtook_is_not_told_as_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: asyncio.Queue[str] = asyncio.Queue()
    monkeypatch.setattr(record, "RECORD_SECONDS", 0.0)
    monkeypatch.setattr(record, "emit", lambda event, **_about: events.put_nowait(event))
    async with (
        FaultyUpstream(CASES["422"].fault).running() as upstream,
        opened(tmp_path, upstream.url) as (client, desk),
        opened(tmp_path, upstream.url) as (other, others),
    ):
        others.clock = lambda: time.time() + LEASE_SECONDS
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        whole, sold_again = desk.ledger, asyncio.Event()

        class Away:
            def __getattr__(self, name: str) -> Any:
                return getattr(whole, name)

            async def finish(self, *arguments: Any, **named: Any) -> bool:
                if not sold_again.is_set():
                    raise LedgerUnavailable("It is away.")
                return await whole.finish(*arguments, **named)

        desk.ledger = Away()  # pyright: ignore[reportAttributeAccessIssue] - it passes everything on
        assert word(await call(client, CREATE, preview_id=preview_id, **HOSTED)) == "gateway_refused"
        upstream.fault = no_fault
        session = await call(other, CREATE, preview_id=preview_id, **HOSTED)
        assert [await events.get() for _ in range(2)] == ["session.not_recorded", "session.created"]
        sold_again.set()
        assert await events.get() == "session.recorded_late"
        told = await call(client, "get_checkout_session", preview_id=preview_id)
        assert (told["status"], told["session_id"]) == ("open", session["session_id"])


@pytest.mark.requirement("once.proof")
async def test_a_record_whose_answers_were_lost_is_told_as_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: asyncio.Queue[str] = asyncio.Queue()
    monkeypatch.setattr(record, "RECORD_SECONDS", 0.0)
    monkeypatch.setattr(record, "emit", lambda event, **_about: events.put_nowait(event))
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        whole = desk.ledger

        class Deaf:
            def __getattr__(self, name: str) -> Any:
                return getattr(whole, name)

            async def finish(self, *arguments: Any, **named: Any) -> bool:
                if await whole.finish(*arguments, **named):
                    raise LedgerUnavailable("The connection broke, and the answer was lost.")
                return False

        desk.ledger = Deaf()  # pyright: ignore[reportAttributeAccessIssue] - it passes everything on
        assert (await call(client, CREATE, preview_id=preview_id, **HOSTED))["checkout_url"]
        assert [await events.get() for _ in range(2)] == ["session.not_recorded", "session.recorded_late"]


@pytest.mark.requirement("once.late_record")
async def test_ends_that_wait_for_a_ledger_that_stays_away_are_only_so_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "MOST_UNSENT", 2)
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        previews = [(await call(client, "preview_checkout", **ORDER))["preview_id"] for _ in range(3)]
        claim = desk.ledger.claim

        async def unanswered(*arguments: Any, **named: Any) -> Any:
            await claim(*arguments, **named)
            raise LedgerUnavailable("It is away.")

        monkeypatch.setattr(desk.ledger, "claim", unanswered)
        for preview_id in previews:
            assert word(await call(client, CREATE, preview_id=preview_id, **HOSTED)) == "gateway_unavailable"
        assert (desk.creations.late_records, upstream.posts) == (2, [])
        for task in (ending := desk.creations.tasks()):
            task.cancel()
        await asyncio.wait(ending)
