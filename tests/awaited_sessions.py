"""Calls that wait for a session, and how often it is looked at meanwhile."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

CREATE, STATUS = "create_checkout_session", "get_checkout_session"


NEVER = 10_000.0


@dataclass
class Sale:
    """An open session, and those who wait for it."""

    shop: Any
    preview_id: str
    session_id: str
    calls: list["asyncio.Task[dict[str, Any]]"] = field(default_factory=list["asyncio.Task[dict[str, Any]]"])

    @property
    def path(self) -> str:
        return f"/checkouts/{self.session_id}"

    def looks(self) -> int:
        """How often the API was asked for the session."""
        return len(self.shop.upstream.bodies("GET", self.path))

    async def wait(self, calls: int = 1, **rest: Any) -> None:
        """Begin calls that wait, and return when they do."""
        arguments = {"session_id": self.session_id, "wait_seconds": 45} | rest
        self.calls += [asyncio.create_task(self.shop.call(STATUS, arguments)) for _ in range(calls)]
        await until(lambda: self.waiting() == len(self.calls) and self.preview_id in self.shop.desk.news._waiting)

    def waiting(self) -> int:
        return sum(each.waiting for each in self.shop.desk.watches._watches.values())

    async def answers(self) -> list[dict[str, Any]]:
        return [await each for each in self.calls]

    def pay(self, status: str = "succeeded") -> None:
        sandbox = self.shop.upstream.sandbox
        sandbox.pay(sandbox.sessions[self.session_id], status).status = status


async def until(happened: Callable[[], bool]) -> None:
    while not happened():  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.005)


@asynccontextmanager
async def selling(shop: Any) -> AsyncGenerator[Sale]:
    preview_id = await shop.preview_id()
    made = await shop.call(CREATE, {"preview_id": preview_id})
    sale = Sale(shop, preview_id, made["session_id"])
    yield sale
    for each in sale.calls:
        each.cancel()
        with suppress(asyncio.CancelledError):
            await each


def followers() -> list[Any]:
    names = {"_follow_payment", "_follow_record"}
    return [each for each in asyncio.all_tasks() if getattr(each.get_coro(), "__name__", "") in names]
