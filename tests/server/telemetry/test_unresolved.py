"""How many outcomes are unknown now, as the background counts them and a scrape reads it."""

import asyncio
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from checkout_server.checkout import background
from checkout_server.checkout.background import tell_unresolved, work_round, working_in_background
from checkout_server.checkout.ledger.operations import Unresolved
from checkout_server.privacy.logs.lines import Line, output
from checkout_server.telemetry.prometheus import Exposition, counting
from fault_cases import call, opened
from faulty_upstream import FaultyUpstream, drop_after
from orders import CONFIRMED, HOSTED, ORDER

PREFIX = "checkout_unresolved_"


def gauges(exposition: Exposition) -> dict[str, float]:
    text, _ = exposition.text("text/plain")
    families = text_string_to_metric_families(text.decode())
    return {each.name.removeprefix(PREFIX): each.samples[0].value for each in families if each.name.startswith(PREFIX)}


@pytest.mark.requirement("telemetry.unresolved")
async def test_charges_and_pages_are_counted_until_they_are_settled_and_a_change_is_one_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FaultyUpstream(drop_after).running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        for rest in (CONFIRMED, HOSTED):
            preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
            await call(client, "create_checkout_session", preview_id=preview_id, **rest)
        with counting() as exposition:
            assert gauges(exposition) == {"charges": 0, "pages": 0}
            told = await tell_unresolved(desk, told=Unresolved(0, 0))
            assert gauges(exposition) == {"charges": 1, "pages": 1}
            lines: list[Line] = []
            monkeypatch.setattr(output, "observers", [lines.append])
            assert await tell_unresolved(desk, told=told) == told
            assert lines == []
            monkeypatch.undo()
        with counting() as exposition:
            await work_round(desk)  # finds the payment
            assert await tell_unresolved(desk, told=told) == (0, 1)
            assert gauges(exposition) == {"charges": 0, "pages": 1}


@pytest.mark.requirement("telemetry.unresolved")
async def test_a_server_counts_them_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "ROUND_SECONDS", 0.0)
    told = asyncio.Event()
    monkeypatch.setattr(output, "observers", [lambda line: line.event == "sales.unresolved" and told.set()])
    async with FaultyUpstream(drop_after).running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        await call(client, "create_checkout_session", preview_id=preview_id, **HOSTED)
        async with working_in_background(desk):
            await told.wait()


@pytest.mark.requirement("telemetry.unresolved")
async def test_a_ledger_that_is_away_leaves_what_was_told(tmp_path: Path) -> None:
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (_, desk):
        await desk.ledger.close()
        assert await tell_unresolved(desk, told=Unresolved(2, 3)) == (2, 3)
