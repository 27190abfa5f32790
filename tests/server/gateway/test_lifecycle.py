"""A gateway that is closed, or whose API cannot be started: nothing is sent and nothing stays open."""

import asyncio

import pytest

from checkout_server.gateway.errors import (
    NotSent,
)
from gateway_failures import failure_of


@pytest.mark.requirement("gateway.lifecycle")
async def test_an_api_that_cannot_be_started_is_not_sent_and_is_started_at_the_next_call(
    api, open_gateway, call, documents
):
    starts = iter([OSError("no more ports for buyer@example.com"), None])

    async def start():
        if (problem := next(starts)) is not None:
            raise problem
        return api.url

    api.answers(200, documents["create"])
    gateway = open_gateway(base_url=start)
    assert type(await failure_of(call(gateway, "create"))) is NotSent
    assert (await call(gateway, "create")).session_id == "cks_1"


@pytest.mark.requirement("gateway.lifecycle")
@pytest.mark.parametrize("used", [True, False])
@pytest.mark.parametrize("operation", ["preview", "create"])
async def test_a_closed_gateway_sends_nothing(api, gateway, call, documents, operation, used):
    api.answers(200, documents[operation])
    if used:
        await call(gateway, operation)
    await gateway.aclose()
    assert type(await failure_of(call(gateway, operation))) is NotSent
    assert len(api.heard) == int(used)


@pytest.mark.requirement("gateway.lifecycle")
async def test_a_closed_gateway_starts_no_api(open_gateway, call):
    started = []

    async def start():
        started.append(True)
        return "http://127.0.0.1:9"

    gateway = open_gateway(base_url=start)
    await gateway.aclose()
    assert (type(await failure_of(call(gateway, "create"))), started) == (NotSent, [])


@pytest.mark.requirement("gateway.lifecycle")
async def test_closing_while_the_api_starts_leaves_nothing_open(api, open_gateway, call):
    starting, go_on = asyncio.Event(), asyncio.Event()

    async def start():
        starting.set()
        await go_on.wait()
        return api.url

    gateway = open_gateway(base_url=start)
    creation = asyncio.create_task(failure_of(call(gateway, "create")))
    await starting.wait()
    closing = asyncio.create_task(gateway.aclose())
    await asyncio.sleep(0)
    go_on.set()
    await closing
    assert (type(await creation), api.connections) == (NotSent, 0)
    assert gateway._opened is not None
    assert (gateway._opened.pooled.is_closed, gateway._opened.fresh.is_closed) == (True, True)
