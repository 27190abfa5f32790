"""How a sale comes into each of its states, by real means, and how it may end from there."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from checkout_server.checkout.sessions.states import SaleState
from checkout_server.sandbox.payments import DisputeStatus
from faulty_upstream import SEARCHES, Exchange, Fault, drop_after, drop_before, hold, no_fault, refuse
from orders import CONFIRMED, HOSTED, ORDER
from sale_world import SaleWorld

BY_EMAIL: dict[str, Any] = {"customer": {"email": "jane.doe@example.com"}, "confirm": True}
"""Confirms, and pays on the page."""
TTL, DAY, QUARTER, MARGIN = 901.0, 24 * 3600.0 + 1, 15 * 60.0 + 1, 600.0
"""Seconds: a preview's life, a session's, a confirmed session's, and what is added where its answer was lost."""
TOO_MANY, UNREADABLE = refuse(429, "TOO_MANY_REQUESTS"), refuse(422, "INVALID_REQUEST_BODY")


class Scenario(NamedTuple):
    """A way into a state."""

    state: SaleState
    rest: dict[str, Any]
    arrange: Callable[[SaleWorld], Awaitable[None]]
    pays: str
    """How it ends with a buyer who pays: with one ``sale``, at an ``end`` without one, or with a ``person``."""
    leaves: str
    """How it ends with a buyer who does not pay, and does not want to buy when asked."""


def previewed(*, wait: float = 0.0) -> Callable[[SaleWorld], Awaitable[None]]:
    async def arrange(world: SaleWorld) -> None:
        await world.preview()
        world.now += wait

    return arrange


async def unchecked(world: SaleWorld) -> None:
    """Previewed, and the payments list cannot be asked once."""
    await world.preview()

    async def fail_once(exchange: Exchange) -> None:
        world.upstream.faults[SEARCHES] = no_fault
        await refuse(401, "UNAUTHORIZED")(exchange)

    world.upstream.faults[SEARCHES] = fail_once


def failed_by(fault: Fault, *, wait: float = 0.0) -> Callable[[SaleWorld], Awaitable[None]]:
    async def arrange(world: SaleWorld) -> None:
        await world.create(fault)
        assert "error" in world.answer
        world.now += wait

    return arrange


async def lost_twice(world: SaleWorld) -> None:
    await world.create(drop_before)
    world.upstream.fault = drop_after
    world.answer = await world.ask_again()
    world.upstream.fault = no_fault


def created(payment: str | None = None, *, wait: float = 0.0) -> Callable[[SaleWorld], Awaitable[None]]:
    async def arrange(world: SaleWorld) -> None:
        await world.create()
        if payment is not None:
            world.set_payment(payment)
        world.now += wait

    return arrange


async def refunded(world: SaleWorld) -> None:
    await created("succeeded")(world)
    world.upstream.sandbox.refund(world.upstream.sandbox.payments[0], 100)


def disputed(status: DisputeStatus) -> Callable[[SaleWorld], Awaitable[None]]:
    async def arrange(world: SaleWorld) -> None:
        await created("succeeded")(world)
        world.upstream.sandbox.dispute(world.upstream.sandbox.payments[0], status)

    return arrange


async def forgotten(world: SaleWorld) -> None:
    """The API knows the session by its id no more, as a test account that was cleared."""
    await world.create()
    [made] = world.upstream.sandbox.sessions.values()
    world.upstream.sandbox.sessions.clear()
    world.upstream.sandbox.sessions["cks_forgotten"] = made


async def without_page(exchange: Exchange) -> None:
    made = await exchange.create()
    await exchange.answer(made.status_code, json.loads(made.content) | {"checkout_url": None})


async def created_without_page(world: SaleWorld) -> None:
    await world.create(without_page)
    assert "error" not in world.answer


def lost_and_found(payment: str) -> Callable[[SaleWorld], Awaitable[None]]:
    """The answer was lost, and the payments list tells of a session."""

    async def arrange(world: SaleWorld) -> None:
        await world.create(drop_after)
        world.set_payment(payment)
        assert "session_id" in await world.ask_status()

    return arrange


async def created_elsewhere(world: SaleWorld) -> None:
    world.session_id = world.upstream.sandbox.create(ORDER | HOSTED | {"metadata": {}}).id


async def failed_elsewhere(world: SaleWorld) -> None:
    await created_elsewhere(world)
    world.set_payment("failed")


async def held_elsewhere(world: SaleWorld) -> None:
    await world.preview()
    world.upstream.fault = hold
    ready = asyncio.Event()

    async def create() -> None:
        async with world.another_process() as client:
            ready.set()
            await client.call_tool("create_checkout_session", {"preview_id": world.preview_id, **world.rest})

    world.held = asyncio.create_task(create())
    await world.upstream.arrived.wait()


S = SaleState
SCENARIOS: Mapping[str, Scenario] = {
    "quoted": Scenario(S.QUOTED, HOSTED, previewed(), "sale", "end"),
    "quoted, to confirm": Scenario(S.QUOTED, CONFIRMED, previewed(), "sale", "sale"),
    "quoted long ago": Scenario(S.QUOTED_EXPIRED, HOSTED, previewed(wait=TTL), "sale", "end"),
    "quoted long ago, to confirm": Scenario(S.QUOTED_EXPIRED, CONFIRMED, previewed(wait=TTL), "sale", "sale"),
    "quoted, and not to be checked": Scenario(S.QUOTED_UNCHECKED, HOSTED, unchecked, "sale", "end"),
    "being created": Scenario(S.IN_PROGRESS, HOSTED, held_elsewhere, "sale", "end"),
    "being confirmed": Scenario(S.IN_PROGRESS, CONFIRMED, held_elsewhere, "sale", "sale"),
    "refused": Scenario(S.REFUSED, HOSTED, failed_by(UNREADABLE), "sale", "end"),
    "refused by 429": Scenario(S.REFUSED, HOSTED, failed_by(TOO_MANY), "sale", "end"),
    "refused long ago": Scenario(S.REFUSED_EXPIRED, HOSTED, failed_by(UNREADABLE, wait=TTL), "sale", "end"),
    "refused by 429 long ago": Scenario(S.REFUSED_EXPIRED, HOSTED, failed_by(TOO_MANY, wait=TTL), "sale", "end"),
    "charge refused": Scenario(S.REFUSED_CHARGE, CONFIRMED, failed_by(UNREADABLE), "sale", "sale"),
    "lost before": Scenario(S.UNKNOWN, HOSTED, failed_by(drop_before), "sale", "end"),
    "lost after": Scenario(S.UNKNOWN, HOSTED, failed_by(drop_after), "sale", "end"),
    "lost twice": Scenario(S.UNKNOWN_TWICE, HOSTED, lost_twice, "sale", "end"),
    "lost long ago": Scenario(S.UNKNOWN_EXPIRED, HOSTED, failed_by(drop_after, wait=TTL), "sale", "end"),
    "lost and over": Scenario(S.UNKNOWN_OVER, HOSTED, failed_by(drop_after, wait=DAY + MARGIN), "sale", "end"),
    "charge lost before": Scenario(S.UNKNOWN_CHARGE, CONFIRMED, failed_by(drop_before), "person", "person"),
    "charge met by 429": Scenario(S.UNKNOWN_CHARGE, CONFIRMED, failed_by(TOO_MANY), "person", "person"),
    "charge lost and over": Scenario(
        S.UNKNOWN_CHARGE_OVER, CONFIRMED, failed_by(drop_before, wait=QUARTER + MARGIN), "person", "person"
    ),
    "charge met by 429 and over": Scenario(
        S.UNKNOWN_CHARGE_OVER, CONFIRMED, failed_by(TOO_MANY, wait=QUARTER + MARGIN), "person", "person"
    ),
    "charge lost and found": Scenario(S.PAID, CONFIRMED, lost_and_found("succeeded"), "sale", "sale"),
    "lost and found paid": Scenario(S.PAID, HOSTED, lost_and_found("succeeded"), "sale", "sale"),
    "open": Scenario(S.OPEN, HOSTED, created(), "sale", "end"),
    "open, confirmed": Scenario(S.OPEN, BY_EMAIL, created(), "sale", "end"),
    "open elsewhere": Scenario(S.OPEN_ELSEWHERE, HOSTED, created_elsewhere, "sale", "end"),
    "open without a page": Scenario(S.OPEN_WITHOUT_PAGE, HOSTED, created_without_page, "sale", "end"),
    "lost and found open": Scenario(
        S.OPEN_WITHOUT_PAGE, HOSTED, lost_and_found("requires_payment_method"), "sale", "end"
    ),
    "3-D Secure": Scenario(S.NEEDS_BUYER, HOSTED, created("requires_customer_action"), "sale", "end"),
    "3-D Secure, confirmed": Scenario(S.NEEDS_BUYER, BY_EMAIL, created("requires_customer_action"), "sale", "end"),
    "3-D Secure without a page": Scenario(
        S.CHARGE_NOT_DONE, CONFIRMED, created("requires_customer_action"), "sale", "end"
    ),
    "not confirmed by the bank": Scenario(
        S.CHARGE_NOT_DONE, CONFIRMED, created("requires_confirmation"), "sale", "end"
    ),
    "processing": Scenario(S.PROCESSING, HOSTED, created("processing"), "person", "person"),
    "processing, confirmed": Scenario(S.PROCESSING, CONFIRMED, created("processing"), "person", "person"),
    "to be captured": Scenario(S.PROCESSING, HOSTED, created("requires_capture", wait=DAY), "person", "person"),
    "failed": Scenario(S.FAILED, HOSTED, created("failed"), "sale", "end"),
    "failed, confirmed": Scenario(S.FAILED, BY_EMAIL, created("failed"), "sale", "end"),
    "failed without a page": Scenario(S.FAILED_WITHOUT_PAGE, CONFIRMED, created("failed"), "sale", "end"),
    "failed elsewhere": Scenario(S.FAILED_ELSEWHERE, HOSTED, failed_elsewhere, "sale", "end"),
    "cancelled": Scenario(S.CANCELLED, HOSTED, created("cancelled"), "sale", "end"),
    "cancelled, confirmed": Scenario(S.CANCELLED, CONFIRMED, created("cancelled"), "sale", "end"),
    "paid": Scenario(S.PAID, HOSTED, created("succeeded"), "sale", "sale"),
    "paid, confirmed": Scenario(S.PAID, CONFIRMED, created(), "sale", "sale"),
    "paid long ago": Scenario(S.PAID, HOSTED, created("succeeded", wait=DAY), "sale", "sale"),
    "refunded": Scenario(S.REFUNDED, HOSTED, refunded, "sale", "sale"),
    "refunded, confirmed": Scenario(S.REFUNDED, CONFIRMED, refunded, "sale", "sale"),
    "disputed": Scenario(S.DISPUTED, HOSTED, disputed("dispute_opened"), "sale", "sale"),
    "disputed, confirmed": Scenario(S.DISPUTED, CONFIRMED, disputed("dispute_challenged"), "sale", "sale"),
    "dispute lost": Scenario(S.DISPUTE_OVER, HOSTED, disputed("dispute_lost"), "sale", "sale"),
    "dispute accepted, confirmed": Scenario(S.DISPUTE_OVER, CONFIRMED, disputed("dispute_accepted"), "sale", "sale"),
    "dispute won": Scenario(S.PAID, HOSTED, disputed("dispute_won"), "sale", "sale"),
    "forgotten": Scenario(S.FORGOTTEN, HOSTED, forgotten, "person", "person"),
    "forgotten, confirmed": Scenario(S.FORGOTTEN, BY_EMAIL, forgotten, "person", "person"),
    "ended": Scenario(S.EXPIRED, HOSTED, created(wait=DAY), "sale", "end"),
    "ended, confirmed": Scenario(S.EXPIRED, BY_EMAIL, created(wait=QUARTER), "sale", "end"),
    "ended at the bank": Scenario(
        S.EXPIRED, CONFIRMED, created("requires_customer_action", wait=QUARTER), "sale", "end"
    ),
    "of an unknown status": Scenario(S.PAYMENT_NOT_KNOWN, HOSTED, created("levitating"), "person", "person"),
    "of an unknown status, confirmed": Scenario(
        S.PAYMENT_NOT_KNOWN, CONFIRMED, created("levitating"), "person", "person"
    ),
}


@asynccontextmanager
async def in_state(world: SaleWorld, scenario: Scenario) -> AsyncGenerator[SaleWorld]:
    """The world, with its sale in the state."""
    world.rest = dict(scenario.rest)
    await scenario.arrange(world)
    try:
        yield world
    finally:
        world.upstream.released.set()
        if world.held is not None:
            await world.held
