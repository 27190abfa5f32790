"""Callers that leave, cancel, repeat themselves or come all at once, over every transport in both eras."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError
from mcp_types import InputRequiredResult

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.policy.document import Confirm, Policy
from checkout_server.checkout.sale.guards import complete_sale, prepare_sale
from fault_cases import accept, call, environment, opened, word
from faulty_upstream import SEARCHES, Exchange, FaultyUpstream, drop_after, hold, no_fault, refuse
from forms import approving
from orders import CONFIRMED, HOSTED, ORDER

CALLS = 50


@pytest.mark.requirement("once.not_cut")
async def test_a_call_that_is_cancelled_still_creates_its_session_once(open_shop: Any, person: Any) -> None:
    """The client sends MCP's cancellation, or drops the stream that the answer would come on."""
    arrived, released = asyncio.Event(), asyncio.Event()

    async def gate() -> None:
        arrived.set()
        await released.wait()

    async with open_shop(person=person) as shop:
        arguments = {"preview_id": await shop.preview_id(**ORDER), **CONFIRMED}
        shop.upstream.gates["/checkouts"] = gate
        calling = asyncio.create_task(shop.client.call_tool("create_checkout_session", arguments))
        await arrived.wait()
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        again = asyncio.create_task(shop.call("create_checkout_session", arguments))
        released.set()
        assert (await again)["replayed"] is True
        status = await shop.call("get_checkout_session", {"preview_id": arguments["preview_id"]})
        assert status["status"] == "paid"
        assert len(shop.upstream.created) == 1


@pytest.mark.requirement("once.concurrent")
async def test_50_calls_at_once_create_one_session(open_shop: Any, person: Any) -> None:
    async with open_shop(person=person) as shop:
        arguments = {"preview_id": await shop.preview_id(**ORDER), **CONFIRMED}
        sessions = await asyncio.gather(*(shop.call("create_checkout_session", arguments) for _ in range(CALLS)))
        assert [session.get("replayed", False) for session in sessions].count(False) == 1
        assert len({session["session_id"] for session in sessions}) == len(shop.upstream.created) == 1


@pytest.mark.requirement("once.concurrent")
@pytest.mark.parametrize("open_shop", ["memory-2026", "http-2026"], indirect=True)
async def test_a_sealed_answer_of_a_person_counts_once_however_often_it_comes(open_shop: Any, person: Any) -> None:
    async with open_shop(person=person) as shop:
        arguments = {"preview_id": await shop.preview_id(**ORDER), **CONFIRMED}
        session, create = shop.client.session, "create_checkout_session"
        asked = await session.call_tool(create, arguments, allow_input_required=True)
        assert isinstance(asked, InputRequiredResult)
        answer = {
            "input_responses": {key: approving(each.params) for key, each in (asked.input_requests or {}).items()},
            "request_state": asked.request_state,
        }
        delivered = [session.call_tool(create, arguments, **answer) for _ in range(5)]
        results = [result.structured_content for result in await asyncio.gather(*delivered)]
        results.append((await session.call_tool(create, arguments, **answer)).structured_content)
        assert [result.get("replayed", False) for result in results].count(False) == 1
        assert len({result["session_id"] for result in results}) == len(shop.upstream.created) == 1

        # Nor does it approve another sale.
        other = arguments | {"preview_id": await shop.preview_id(**ORDER)}
        with pytest.raises(MCPError):
            await session.call_tool(create, other, **answer)
        assert len(shop.upstream.created) == 1


@pytest.mark.requirement("once.concurrent")
async def test_two_processes_with_50_calls_create_one_session(tmp_path: Path) -> None:
    def server() -> Any:
        parameters = StdioServerParameters(
            command=sys.executable, args=["-m", "checkout_server"], env=environment(tmp_path, upstream.url)
        )
        return Client(stdio_client(parameters, errlog=errors), elicitation_callback=accept)

    with (tmp_path / "stderr.log").open("a") as errors:
        async with FaultyUpstream().running() as upstream, server() as one, server() as two:
            for rest in (CONFIRMED, HOSTED):
                preview_id = (await call(one, "preview_checkout", **ORDER))["preview_id"]
                calls = [
                    call(client, "create_checkout_session", preview_id=preview_id, **rest)
                    for client in (one, two) * (CALLS // 2)
                ]
                sessions = await asyncio.gather(*calls)
                assert {session["session_id"] for session in sessions} == upstream.sessions_of(preview_id)
                assert [session.get("replayed", False) for session in sessions].count(False) == 1
                assert upstream.posts_of(preview_id) == 1


@pytest.mark.requirement("once.not_cut")
async def test_a_cancelled_call_does_not_cut_the_creation_that_it_joined(tmp_path: Path) -> None:
    async with FaultyUpstream(hold).running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        sale = await prepare_sale(CreateCheckoutSession.model_validate({"preview_id": preview_id, **HOSTED}), desk)
        creating = asyncio.create_task(call(client, "create_checkout_session", preview_id=preview_id, **HOSTED))
        await upstream.arrived.wait()
        joining = asyncio.create_task(complete_sale(sale, None, desk))
        await asyncio.sleep(0)  # it has joined by then
        joining.cancel()
        await asyncio.wait([joining])
        upstream.released.set()
        assert {(await creating)["session_id"]} == upstream.sessions_of(preview_id)


@pytest.mark.requirement("once.proof")
async def test_a_defect_of_ours_after_the_request_left_is_an_unknown_outcome(tmp_path: Path) -> None:
    async with FaultyUpstream().running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        create = desk.gateway.create

        async def defective(body: Any) -> Any:
            await create(body)
            raise ZeroDivisionError

        desk.gateway.create = defective
        told = await call(client, "create_checkout_session", preview_id=preview_id, **CONFIRMED)
        assert told["error"]["code"] == "outcome_unknown"
        status = await call(client, "get_checkout_session", preview_id=preview_id)
        assert (status["status"], {status["session_id"]}) == ("paid", upstream.sessions_of(preview_id))


@pytest.mark.requirement("once.proof", "ledger.storage")
@pytest.mark.parametrize(("fault", "told"), [(no_fault, "session"), (drop_after, "outcome_unknown")])
async def test_a_ledger_that_fails_after_the_request_left_hides_nothing(fault: Any, told: str, tmp_path: Path) -> None:
    async def full(*_arguments: Any, **_named: Any) -> bool:
        raise LedgerUnavailable("The disk is full.")

    async with FaultyUpstream(fault).running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        desk.ledger.finish = full
        result = await call(client, "create_checkout_session", preview_id=preview_id, **CONFIRMED)
        assert (word(result), upstream.posts_of(preview_id)) == (told, 1)
        if told == "session":
            assert {result["session_id"]} == upstream.sessions_of(preview_id)
            assert "could not be recorded" in result["warnings"][0]


@pytest.mark.requirement("once.not_cut", "once.checked_refusal")
async def test_a_stop_while_a_refusal_is_looked_into_leaves_it_unknown_with_its_code(tmp_path: Path) -> None:
    looking = asyncio.Event()

    async def never(_exchange: Exchange) -> None:
        looking.set()
        await asyncio.Event().wait()

    async def refuse_and_hide(exchange: Exchange) -> None:
        exchange.upstream.faults[SEARCHES] = never
        await refuse(422, "INVALID_TAX_ID")(exchange)

    async with FaultyUpstream(refuse_and_hide).running() as upstream, opened(tmp_path, upstream.url) as (client, desk):
        preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
        desk.common_policy = Policy(confirm=Confirm(mode="unattended"))
        sale = await prepare_sale(CreateCheckoutSession.model_validate({"preview_id": preview_id, **CONFIRMED}), desk)
        creating = asyncio.create_task(complete_sale(sale, None, desk))
        await looking.wait()
        await desk.creations.drain(0.0)
        await asyncio.wait({creating})
        rows = [(row.event, row.detail) for row in await desk.ledger.audit(preview_id)]
        assert rows == [("quoted", None), ("claimed", "after_quoted"), ("unknown", "INVALID_TAX_ID")]


@pytest.mark.requirement("once.not_cut", "transport.stop")
async def test_a_client_that_hangs_up_on_stdio_leaves_a_sale_that_can_be_found(tmp_path: Path) -> None:
    async with FaultyUpstream(hold).running() as upstream:
        parameters = StdioServerParameters(
            command=sys.executable, args=["-m", "checkout_server"], env=environment(tmp_path, upstream.url)
        )
        with (tmp_path / "stderr.log").open("a") as errors:
            async with Client(stdio_client(parameters, errlog=errors), elicitation_callback=accept) as client:
                preview_id = (await call(client, "preview_checkout", **ORDER))["preview_id"]
                creation = call(client, "create_checkout_session", preview_id=preview_id, **CONFIRMED)
                calling = asyncio.create_task(creation)
                await upstream.arrived.wait()
        await asyncio.wait([calling])
        upstream.released.set()
        async with opened(tmp_path, upstream.url) as (client, desk):
            rows = [row.event for row in await desk.ledger.audit(preview_id)]
            assert rows == ["quoted", "claimed", "unknown"]
            told = await call(client, "create_checkout_session", preview_id=preview_id, **CONFIRMED)
            assert word(told) == "outcome_unknown"
            status = await call(client, "get_checkout_session", preview_id=preview_id)
            assert (status["status"], {status["session_id"]}) == ("paid", upstream.sessions_of(preview_id))
            assert upstream.posts_of(preview_id) == 1
