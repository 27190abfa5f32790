"""Replicas that share a PostgreSQL ledger: real server processes, and a database that goes away in the middle."""

import asyncio
import base64
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

import postgres
from checkout_server.app import build_server, open_desk
from checkout_server.checkout.clock import LedgerClock
from checkout_server.checkout.sale import record
from checkout_server.settings import load_settings
from faulty_upstream import Exchange, FaultyUpstream, hold
from processes import server_environment

KEYS = base64.urlsafe_b64encode(b"k" * 32).decode()
CART = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}


@asynccontextmanager
async def replica(ledger: str, api: str, folder: Path, **settings: str) -> AsyncGenerator[Client]:
    """A client of a server process of its own."""
    environment = server_environment(Path(ledger), api) | {
        "CHECKOUT_LEDGER": ledger,
        "CHECKOUT_SECRET_KEYS": KEYS,
        **settings,
    }
    parameters = StdioServerParameters(command=sys.executable, args=["-m", "checkout_server"], env=environment)
    with (folder / "stderr.log").open("a") as errors:
        async with Client(stdio_client(parameters, errlog=errors)) as client:
            yield client


@asynccontextmanager
async def here(ledger: str, api: str) -> AsyncGenerator[tuple[Client, Any]]:
    """A client of a server in this process, and its desk."""
    settings = load_settings(
        DODO_PAYMENTS_API_KEY="test_key",
        DODO_PAYMENTS_BASE_URL=api,
        CHECKOUT_LEDGER=ledger,
        CHECKOUT_SECRET_KEYS=KEYS,
    )
    async with open_desk(settings) as desk, Client(build_server(desk)) as client:
        yield client, desk


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    return (await client.call_tool(tool, arguments)).structured_content or {}


async def previewed(client: Client) -> str:
    return (await call(client, "preview_checkout", **CART))["preview_id"]


@pytest.mark.requirement("policy.hourly")
async def test_two_processes_with_50_calls_create_once_and_share_the_hourly_limit(
    empty_url: str, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[limits]\ncreations_per_hour = 1\n")
    async with (
        FaultyUpstream().running() as upstream,
        replica(empty_url, upstream.url, tmp_path, CHECKOUT_POLICY=str(policy)) as one,
        replica(empty_url, upstream.url, tmp_path, CHECKOUT_POLICY=str(policy)) as two,
    ):
        preview_id, another = await asyncio.gather(previewed(one), previewed(two))
        results = await asyncio.gather(
            *(call(client, "create_checkout_session", preview_id=preview_id) for client in (one, two) * 25)
        )
        assert {result["session_id"] for result in results} == upstream.sessions_of(preview_id)
        assert [result.get("replayed", False) for result in results].count(False) == 1
        error = (await call(two, "create_checkout_session", preview_id=another))["error"]
        assert error["code"] == "policy_denied"
        assert len(upstream.posts) == 1


@pytest.mark.requirement("rate.minute")
async def test_two_processes_share_the_previews_and_creations_of_a_minute(empty_url: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[rates]\npreviews_per_minute = 10\ncreations_per_minute = 3\n")
    async with (
        FaultyUpstream().running() as upstream,
        replica(empty_url, upstream.url, tmp_path, CHECKOUT_POLICY=str(policy)) as one,
        replica(empty_url, upstream.url, tmp_path, CHECKOUT_POLICY=str(policy)) as two,
    ):
        quoted = await asyncio.gather(*(call(client, "preview_checkout", **CART) for client in (one, two) * 12))
        ids = [each["preview_id"] for each in quoted if "preview_id" in each]
        refused = [each["error"]["code"] for each in quoted if "error" in each]
        assert (len(ids), refused) == (10, ["rate_limited"] * 14)
        made = await asyncio.gather(
            *(
                call(client, "create_checkout_session", preview_id=each)
                for client, each in zip((one, two) * 5, ids, strict=True)
            )
        )
        assert sorted(each.get("error", {}).get("code", "made") for each in made) == ["made"] * 3 + ["rate_limited"] * 7
        assert len(upstream.posts) == 3


@pytest.mark.requirement("once.concurrent")
async def test_replicas_that_start_at_once_share_one_ledger(empty_url: str) -> None:
    async with (
        FaultyUpstream().running() as upstream,
        here(empty_url, upstream.url) as (one, _),
        here(empty_url, upstream.url) as (two, _),
    ):
        preview_id = await previewed(one)
        first = await call(one, "create_checkout_session", preview_id=preview_id)
        again = await call(two, "create_checkout_session", preview_id=preview_id)
        assert again == first | {"replayed": True}
        assert len(upstream.posts) == 1


@pytest.mark.requirement("once.lease")
@pytest.mark.parametrize("apart", [-120.0, 120.0])
async def test_replicas_whose_clocks_are_two_minutes_apart_judge_a_lease_by_the_databases_clock(
    empty_url: str, apart: float
) -> None:
    async with (
        FaultyUpstream(hold).running() as upstream,
        here(empty_url, upstream.url) as (one, _),
        here(empty_url, upstream.url) as (two, desk),
    ):
        with pytest.MonkeyPatch.context() as wrong:
            wrong.setattr(time, "time", lambda now=time.time: now() + apart)
            clock = LedgerClock()
        await clock.read(desk.ledger)
        desk.clock = clock
        preview_id = await previewed(one)
        creating = asyncio.create_task(call(one, "create_checkout_session", preview_id=preview_id))
        await upstream.arrived.wait()
        assert (await call(two, "get_checkout_session", preview_id=preview_id))["status"] == "in_progress"
        joining = asyncio.create_task(call(two, "create_checkout_session", preview_id=preview_id))
        upstream.released.set()
        assert {(await each)["session_id"] for each in (creating, joining)} == upstream.sessions_of(preview_id)
        assert len(upstream.posts) == 1


@pytest.mark.requirement("once.proof")
async def test_without_its_database_a_server_sends_nothing_and_recovers_by_itself(own_server: Any) -> None:
    url = own_server.get_uri()
    async with (
        FaultyUpstream().running() as upstream,
        here(url, upstream.url) as (client, _),
    ):
        preview_id = await previewed(client)
        await postgres.run(url, "CHECKPOINT")  # a quote does not wait for the disk, and a crash may lose it
        postgres.stop(own_server)
        error = (await call(client, "create_checkout_session", preview_id=preview_id))["error"]
        assert (error["code"], error["retry"]) == ("gateway_unavailable", "retry_later")
        assert error["message"].startswith("The server cannot use its ledger.")
        assert upstream.posts == []
        own_server.ensure_postgres_running()
        created = await call(client, "create_checkout_session", preview_id=preview_id)
        assert {created["session_id"]} == upstream.sessions_of(preview_id)


@pytest.mark.requirement("once.not_cut")
@pytest.mark.parametrize("answered", [True, False], ids=["a session", "no answer"])
async def test_a_database_that_goes_away_during_the_request_loses_nothing(
    own_server: Any, monkeypatch: pytest.MonkeyPatch, answered: bool
) -> None:
    monkeypatch.setattr(record, "RECORD_SECONDS", 0.05)

    async def drop_when_released(exchange: Exchange) -> None:
        await exchange.upstream.released.wait()
        exchange.drop()

    async with (
        FaultyUpstream(hold if answered else drop_when_released).running() as upstream,
        here(own_server.get_uri(), upstream.url) as (client, desk),
    ):
        preview_id = await previewed(client)
        creating = asyncio.create_task(call(client, "create_checkout_session", preview_id=preview_id))
        await upstream.arrived.wait()
        postgres.stop(own_server)
        upstream.released.set()
        result = await creating
        if answered:
            assert {result["session_id"]} == upstream.sessions_of(preview_id)
            assert result["warnings"][0].startswith("The session exists but could not be recorded here yet")
        else:
            assert result["error"]["code"] == "outcome_unknown"
        own_server.ensure_postgres_running()
        await asyncio.gather(*desk.creations.tasks())
        entry = await desk.ledger.find(preview_id, owner=await desk.find_owner(), now=desk.clock())
        assert (entry.state, entry.session_id) == (("created", result["session_id"]) if answered else ("unknown", None))
        assert len(upstream.posts) == 1


@pytest.mark.requirement("doctor.ledger")
async def test_the_doctor_and_a_broken_url_say_what_is_wrong(empty_url: str, tmp_path: Path) -> None:
    async def doctor(ledger: str) -> str:
        environment = server_environment(tmp_path, None) | {"CHECKOUT_LEDGER": ledger, "CHECKOUT_SECRET_KEYS": KEYS}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "checkout_server", "doctor",
            env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        return output.decode()

    assert "ok    ledger       PostgreSQL, writable" in await doctor(empty_url)
    broken = await doctor("postgresql://seller:hunter2@127.0.0.1:9/db")
    assert "FAIL  ledger       The ledger's database cannot be reached" in broken
    assert "hunter2" not in broken
