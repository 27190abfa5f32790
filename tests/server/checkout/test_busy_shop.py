"""A lost answer in a shop with many payments: a span of time bounds the search, and it is split where pages run out."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from checkout_server.app import open_desk
from checkout_server.checkout.sessions import search
from checkout_server.checkout.sessions.search import PAGE_SIZE, PAGES, Span
from checkout_server.gateway.errors import GatewayError
from fault_cases import call, opened, settings, word
from faulty_upstream import SEARCHES, Exchange, FaultyUpstream, drop_after, no_fault, refuse
from orders import CONFIRMED, HOSTED, ORDER

NEWER = 600
STATUS = "get_checkout_session"


@asynccontextmanager
async def lost_among(
    folder: Path, rest: dict[str, Any], *, apart: float = 0.0, newer: int = NEWER, seconds_between: float = 1.0
) -> AsyncGenerator[tuple[Any, FaultyUpstream, str]]:
    """A client, and a preview whose answer was lost before many others were sold; ``apart`` is how far the API's clock
    is ahead of ours."""
    async with FaultyUpstream(drop_after).running() as upstream, opened(folder, upstream.url) as (client, _desk):
        now = datetime.now(UTC) + timedelta(seconds=apart)
        upstream.sandbox.clock = lambda: now
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        result = await call(client, "create_checkout_session", preview_id=preview_id, **rest)
        assert word(result) == "outcome_unknown"
        for number in range(newer):
            now += timedelta(seconds=seconds_between)
            upstream.sandbox.create(ORDER | CONFIRMED | {"metadata": {"mcp_preview_id": f"other{number}"}})
        upstream.fault = no_fault
        upstream.requests.clear()
        yield client, upstream, preview_id


@pytest.mark.requirement("once.busy_shop")
@pytest.mark.parametrize("seconds_between", [1.0, 0.0], ids=["one a second", "all at once"])
async def test_a_lost_charge_is_found_behind_600_newer_payments(
    seconds_between: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SEARCH_SECONDS", 100.0)  # how far it comes in time is bench/faults.py's to say
    async with lost_among(tmp_path, CONFIRMED, seconds_between=seconds_between) as (client, upstream, preview_id):
        told = await call(client, STATUS, preview_id=preview_id)
        assert (told["status"], {told["session_id"]}) == ("paid", upstream.sessions_of(preview_id))


@pytest.mark.requirement("once.busy_shop")
@pytest.mark.parametrize("hours", [-12, 12])
async def test_the_span_follows_the_clock_that_the_api_shows(hours: int, tmp_path: Path) -> None:
    async with lost_among(tmp_path, CONFIRMED, apart=hours * 3600.0, newer=1) as (client, upstream, preview_id):
        told = await call(client, STATUS, preview_id=preview_id)
        assert (told["status"], {told["session_id"]}) == ("paid", upstream.sessions_of(preview_id))


@pytest.mark.requirement("once.busy_shop")
async def test_the_span_is_the_sessions_life_with_a_margin_and_names_the_known_customer(tmp_path: Path) -> None:
    async with lost_among(tmp_path, CONFIRMED, newer=0) as (client, upstream, preview_id):
        await call(client, STATUS, preview_id=preview_id)
        query, _payments_of_the_session = map(parse_qs, upstream.searches)
        begin, end = (datetime.fromisoformat(query[f"created_at_{name}"][0]) for name in ("gte", "lte"))
        claimed = upstream.sandbox.payments[0].created_at
        assert timedelta(minutes=10) <= claimed - begin < timedelta(minutes=11)
        assert timedelta(minutes=25) <= end - claimed < timedelta(minutes=26)
        assert (query["page_size"], query["customer_id"]) == (["100"], ["cus_123"])


@pytest.mark.requirement("once.busy_shop")
async def test_after_a_second_attempt_either_customer_may_have_paid(tmp_path: Path) -> None:
    async with lost_among(tmp_path, HOSTED, newer=0) as (client, upstream, preview_id):
        upstream.fault = drop_after
        other = {"customer": {"email": "jane.doe@example.com"}}
        await call(client, "create_checkout_session", preview_id=preview_id, **other)
        first, _second = upstream.sandbox.sessions.values()
        upstream.sandbox.pay(first, "succeeded")
        told = await call(client, STATUS, preview_id=preview_id)
        assert (told["status"], told["session_id"]) == ("paid", first.id)


@pytest.mark.requirement("once.busy_shop")
async def test_a_search_that_ran_out_of_time_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers: list[asyncio.Timeout] = []
    timeout = asyncio.timeout

    def noted(seconds: float | None) -> asyncio.Timeout:
        timer = timeout(seconds)
        if seconds == search.SEARCH_SECONDS:
            timers.append(timer)
        return timer

    monkeypatch.setattr(asyncio, "timeout", noted)
    async with lost_among(tmp_path, CONFIRMED, newer=250) as (client, upstream, preview_id):

        async def stop_after_two(exchange: Exchange) -> None:
            if len(upstream.searches) <= 2:
                return await no_fault(exchange)
            timers[-1].reschedule(0.0)  # its time is over
            await asyncio.Event().wait()

        upstream.faults[SEARCHES] = stop_after_two
        assert (await call(client, STATUS, preview_id=preview_id))["status"] == "unknown"
        assert len(upstream.searches) == 3
        upstream.faults[SEARCHES] = no_fault
        assert (await call(client, STATUS, preview_id=preview_id))["status"] == "paid"
        assert [parse_qs(each)["page_number"] for each in upstream.searches[2:4]] == [["2"], ["2"]]


@pytest.mark.requirement("once.busy_shop")
async def test_a_search_that_failed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    async with lost_among(tmp_path, CONFIRMED, newer=PAGE_SIZE) as (client, upstream, preview_id):

        async def fail_second(exchange: Exchange) -> None:
            await (no_fault if len(upstream.searches) == 1 else refuse(401, "UNAUTHORIZED"))(exchange)

        upstream.faults[SEARCHES] = fail_second
        assert word(await call(client, STATUS, preview_id=preview_id)) == "not_authorized"
        upstream.faults[SEARCHES] = no_fault
        assert (await call(client, STATUS, preview_id=preview_id))["status"] == "paid"
        assert [parse_qs(each)["page_number"] for each in upstream.searches[:3]] == [["0"], ["1"], ["1"]]


@pytest.mark.requirement("once.busy_shop")
async def test_a_search_that_goes_on_leaves_out_nothing_of_a_wider_span(tmp_path: Path) -> None:
    async with lost_among(tmp_path, CONFIRMED, newer=PAGE_SIZE) as (_client, upstream, preview_id):
        begun = int(upstream.sandbox.payments[0].created_at.timestamp())
        searches = search.PaymentSearches()
        async with open_desk(settings(tmp_path, upstream.url)) as desk:
            for first in (Span(begun + 1, begun + 2000), Span(begun - 2000, begun - 1)):
                upstream.faults[SEARCHES] = refuse(401, "UNAUTHORIZED")
                with pytest.raises(GatewayError):
                    await searches.search(desk.gateway, preview_id, None, first)
                upstream.faults[SEARCHES] = no_fault
                found = await searches.search(desk.gateway, preview_id, None, Span(begun - 2000, begun + 2000))
                assert (found.is_complete, found.payment is not None) == (True, True)


@pytest.mark.requirement("once.busy_shop")
async def test_what_a_search_of_the_unsold_preview_left_is_not_gone_on_with_after_its_sale(tmp_path: Path) -> None:
    async with lost_among(tmp_path, CONFIRMED, newer=0) as (_client, upstream, preview_id):
        begun = int(upstream.sandbox.payments[0].created_at.timestamp())
        searches, payments = search.PaymentSearches(), upstream.sandbox.payments[:]
        upstream.sandbox.payments.clear()
        upstream.sell_to_others(PAGE_SIZE * PAGES)
        whole = Span(begun - 9000, begun + 9000)

        async def fail_when_half_is_read(exchange: Exchange) -> None:
            read = len(upstream.searches) > PAGES + 1
            await (refuse(401, "UNAUTHORIZED") if read else no_fault)(exchange)

        async with open_desk(settings(tmp_path, upstream.url)) as desk:
            upstream.faults[SEARCHES] = fail_when_half_is_read
            with pytest.raises(GatewayError):
                await searches.search(desk.gateway, preview_id, None, whole)
            upstream.sandbox.payments[:] = payments
            upstream.sandbox.payments[0].created_at -= timedelta(seconds=100)  # in the half that was read
            upstream.faults[SEARCHES] = no_fault
            found = await searches.search(desk.gateway, preview_id, "claim", whole)
            assert (found.is_complete, found.payment is not None) == (True, True)


@pytest.mark.requirement("once.busy_shop")
def test_a_span_is_split_in_the_middle_where_its_pages_run_out_and_read_on_where_it_cannot_be() -> None:
    assert Span(0, 100).after_page() == [Span(0, 100, page=1)]
    assert Span(0, 100, page=PAGES - 1).after_page() == [Span(50, 100), Span(0, 50)]
    assert Span(7, 8, page=PAGES - 1).after_page() == [Span(7, 8, page=PAGES)]
    assert Span.of(10.5, 20.5, margin=2.0) == Span(8, 23)
