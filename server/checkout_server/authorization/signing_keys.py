"""The issuer's keys between two fetches: used while they are good, and asked for no more often than needed."""

import asyncio
import contextvars
import time
from collections.abc import Awaitable, Callable, Sequence

from checkout_server.authorization.jwks import KeysUnreadable, SigningKey
from checkout_server.authorization.tokens import CannotVerify
from checkout_server.privacy.logs.events import emit

FRESH_SECONDS = 300.0
"""How long keys are used without a look for newer ones, and a failed look counts: the first call after that waits for
the issuer's answer, since it may have withdrawn the key; while the address is known to be down none does."""
KEPT_SECONDS = 3600.0
"""How long the last good keys are used while their address is down."""
UNKNOWN_PAUSE_SECONDS = 30.0
"""From one fetch to the next that a token with an unknown key causes."""
FAILED_PAUSE_SECONDS = 5.0
"""From a failed fetch to the next, while there is need of one."""


class SigningKeys:
    """Finds the key of a token. One fetch is in flight at a time, and nobody's end cuts it.

    Args:
        fetch: asks the issuer; raises ``KeysUnreadable``.
        clock: seconds that only go forward.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[Sequence[SigningKey]]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: Sequence[SigningKey] = ()
        self._good_at = self._asked_at = self._failed_at = float("-inf")
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str | None, algorithm: str) -> SigningKey | None:
        """The key by its id, or the only one for the algorithm where the token names none; None if there is none.

        Raises:
            CannotVerify: it may be one that cannot be fetched now.
        """
        age = self._clock() - self._good_at
        if age > KEPT_SECONDS:
            self._keys = ()
            await self._ask(FAILED_PAUSE_SECONDS)
            if not self._keys:
                raise CannotVerify
        elif age > FRESH_SECONDS:
            await self._ask(FAILED_PAUSE_SECONDS, beside=self._clock() - self._failed_at <= FRESH_SECONDS)
        if self._knows(kid):
            return self._match(kid, algorithm)
        await self._ask(UNKNOWN_PAUSE_SECONDS)
        if self._is_failing and not self._knows(kid):
            raise CannotVerify
        return self._match(kid, algorithm)

    async def close(self) -> None:
        """Stop asking."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    @property
    def _is_failing(self) -> bool:
        """Whether the last fetch failed."""
        return self._failed_at > self._good_at

    def _knows(self, kid: str | None) -> bool:
        return kid is None or any(key.kid == kid for key in self._keys)

    def _match(self, kid: str | None, algorithm: str) -> SigningKey | None:
        fitting = [key for key in self._keys if algorithm in key.algorithms and kid in {None, key.kid}]
        return fitting[0] if fitting and (kid is not None or len(fitting) == 1) else None

    async def _ask(self, pause: float, *, beside: bool = False) -> None:
        """Ask unless that began less than a pause ago, and wait for the answer unless it is asked for beside the
        call."""
        if (fetching := self._begin_to_ask(pause)) is not None and not beside:
            await asyncio.wait([fetching])

    def _begin_to_ask(self, pause: float) -> asyncio.Task[None] | None:
        """The fetch in flight, or a new one unless the last began less than a pause ago."""
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        if self._clock() - self._asked_at < pause:
            return None
        self._asked_at = self._clock()
        # It belongs to no request, whichever begins it.
        self._fetching = asyncio.get_running_loop().create_task(self._refresh(), context=contextvars.Context())
        return self._fetching

    async def _refresh(self) -> None:
        try:
            self._keys = await self._fetch()
        except KeysUnreadable:
            self._failed_at = self._clock()
            emit("authorization.keys_failed")
            return
        self._good_at = self._clock()
        emit("authorization.keys_fetched", count=len(self._keys))
