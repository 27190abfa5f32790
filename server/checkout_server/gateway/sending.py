"""How requests reach the payment API: over which connections, how often, and within what time."""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import httpx2
from pydantic import SecretStr

from checkout_server.calls.deadline import seconds_left
from checkout_server.calls.stage import note_step
from checkout_server.gateway.api_clock import ApiClock
from checkout_server.gateway.connections import Connections, open_connections
from checkout_server.gateway.errors import NotSent, OutOfTime
from checkout_server.gateway.exchange import Json, exchange
from checkout_server.gateway.rate_limits import RateLimits
from checkout_server.gateway.reading import AnswerT, Rows, read_answer, read_rows
from checkout_server.gateway.retries import Retrying
from checkout_server.gateway.room import Room
from checkout_server.gateway.surroundings import SurroundingsUnusable
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.vocabulary.fields import Method, Operation

DEADLINE = 30.0
"""Seconds for one request and its whole answer; less where less is left of the call, but not for a creation."""

ResultT = TypeVar("ResultT")
BaseUrl = str | Callable[[], Awaitable[str]]


class Sender:
    """Requests to one account of the payment API. Reads and previews go over pooled connections and are repeated (see
    ``retries``).

    Args:
        base_url: the API's; or what starts a server and returns its, at the first request.
        trust_env: whether proxies of the environment are used.
        creation_deadline: seconds for the whole exchange of a creation.
    """

    def __init__(
        self,
        *,
        base_url: BaseUrl,
        api_key: SecretStr,
        trust_env: bool = True,
        creation_deadline: float = DEADLINE,
        retrying: Retrying | None = None,
    ) -> None:
        self._base_url = base_url
        self._api_key = api_key
        self._trust_env = trust_env
        self.creation_deadline = creation_deadline
        self._retrying = retrying or Retrying()
        self._opened: Connections | None = None
        self._opening = asyncio.Lock()
        self._closed = False
        self.clock = ApiClock()
        self._limits = RateLimits(self.clock)
        self._room, self._room_for_creations = Room(), Room()

    async def aclose(self) -> None:
        """Close the connections. What is asked for afterwards is not sent."""
        self._closed = True
        async with self._opening:
            if self._opened is not None:
                await self._opened.pooled.aclose()
                await self._opened.fresh.aclose()

    async def _ask_for_answer(
        self,
        operation: Operation,
        method: Method,
        path: str,
        shape: type[AnswerT],
        parameters: Json | None = None,
        body: Json | None = None,
    ) -> AnswerT:
        read = partial(read_answer, shape, operation=operation)
        return await self._ask(operation, method, path, read, parameters, body)

    async def _ask_for_rows(
        self, operation: Operation, path: str, shape: type[AnswerT], parameters: Mapping[str, Any]
    ) -> Rows[AnswerT]:
        read = partial(read_rows, shape, operation=operation, page_size=parameters["page_size"])
        return await self._ask(operation, "GET", path, read, parameters)

    async def _ask(
        self,
        operation: Operation,
        method: Method,
        path: str,
        read: Callable[[object], ResultT],
        parameters: Json | None = None,
        body: Json | None = None,
    ) -> ResultT:
        await self._connections(operation)  # outside of the retries: what cannot be opened stays so
        attempts = itertools.count(1)

        async def attempt() -> ResultT:
            number = next(attempts)
            note_step(operation, number)
            async with self._room.place(operation):
                connections = await self._connections_in_time(operation)
                return await exchange(
                    connections.pooled, operation, method, path, read, attempt=number,
                    parameters=parameters, body=body, deadline=_time_for(operation, DEADLINE),
                )  # fmt: skip

        return await self._retrying.run(attempt)

    async def _ask_once(
        self, operation: Operation, path: str, read: Callable[[object], ResultT], parameters: Json, deadline: float
    ) -> ResultT:
        note_step(operation)
        async with self._room.place(operation):
            connections = await self._connections_in_time(operation)
            return await exchange(
                connections.pooled, operation, "GET", path, read, parameters=parameters,
                deadline=_time_for(operation, deadline),
            )  # fmt: skip

    async def _connections_in_time(self, operation: Operation) -> Connections:
        """For all but a creation, which is never held back."""
        await self._limits.wait_for_room(operation, self._retrying.sleep)
        return await self._connections(operation)

    async def connect(self) -> None:
        """Start the server that it asks, if there is one to start, before the first request."""
        with contextlib.suppress(NotSent):
            await self._connections("list_products")

    async def _connections(self, operation: Operation) -> Connections:
        if self._opened is not None and not self._closed:
            return self._opened
        failure = NotSent(operation)
        failure.kind = "closed"
        async with self._opening:
            if self._opened is None and not self._closed:
                try:
                    url = self._base_url if isinstance(self._base_url, str) else await self._base_url()
                    self._opened = open_connections(
                        url, self._api_key, trust_env=self._trust_env, on_answer=[self.clock.hear, self._limits.hear]
                    )
                except SurroundingsUnusable as error:
                    failure.kind, failure.variable = error.kind, error.variable
                except (httpx2.InvalidURL, OSError, ValueError):  # the texts may hold credentials
                    failure.kind = "address"
            if self._opened is not None and not self._closed:
                return self._opened
        emit("gateway.failed", operation=operation, failure=failure.name, kind=failure.kind, variable=failure.variable)
        raise failure


def _time_for(operation: Operation, at_most: float) -> float:
    """Seconds for a request.

    Raises:
        OutOfTime: none are left of the call.
    """
    left = seconds_left(at_most)
    if left <= 0:
        raise OutOfTime(operation)
    return left
