"""What the API's headers say of how fast it may be asked. They are data: whatever stands there, no call fails by it."""

import re
import time
from collections.abc import Callable

import httpx2

from checkout_server.calls.deadline import seconds_left
from checkout_server.gateway.api_clock import ApiClock, read_http_date
from checkout_server.gateway.errors import HeldBack
from checkout_server.gateway.retries import Sleep
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.vocabulary.fields import Fields, Operation

MOST_WAIT_SECONDS = 2.0
"""How long a request waits for the API's next window."""
LONGEST_WINDOW_SECONDS = 120.0
"""The provider's windows are a second and a minute: a reset beyond this is not believed."""
LONGEST_RETRY_SECONDS = 24 * 3600.0
"""The most that is made of a ``Retry-After``."""

_EPOCH_BEGINS, _MILLISECONDS_BEGIN = 1e9, 1e12
"""A larger number of a reset is a moment; from the second on, in milliseconds."""
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,13}(\.[0-9]{1,9})?", re.ASCII)


def read_retry_after(header: str | None) -> float | None:
    """Seconds of a ``Retry-After`` header: a number, or an HTTP date (RFC 9110, section 10.2.3)."""
    if header is None:
        return None
    text = header.strip()
    if _DIGITS.fullmatch(text):
        return min(float(text), LONGEST_RETRY_SECONDS)  # of any number of digits: at worst it is infinite
    moment = read_http_date(text)
    return None if moment is None else min(max(0.0, moment - time.time()), LONGEST_RETRY_SECONDS)


def rates_of(headers: httpx2.Headers) -> Fields:
    """What an answer says of the whole account's rate, for the log."""
    limit, remaining = (_number(headers.get(f"x-ratelimit-{name}")) for name in ("limit", "remaining"))
    return Fields(
        rate_limit=None if limit is None else int(limit), rate_remaining=None if remaining is None else int(remaining)
    )


class RateLimits:
    """When the API takes requests again, as its newest answer told.

    Args:
        clock: the API's clock, by which it tells moments.
        monotonic: seconds that no change of this machine's clock disturbs.
    """

    def __init__(self, clock: ApiClock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._opens_at: float | None = None

    def hear(self, response: httpx2.Response) -> None:
        """Take note of an answer; one that says nothing of what remains changes nothing."""
        remaining = _number(response.headers.get("x-ratelimit-remaining"))
        if remaining is None:
            return
        seconds = self._seconds_to(_number(response.headers.get("x-ratelimit-reset"))) if remaining == 0 else None
        self._opens_at = None if seconds is None else self._monotonic() + seconds

    async def wait_for_room(self, operation: Operation, sleep: Sleep) -> None:
        """Wait until the API takes requests again, if that is soon.

        Raises:
            HeldBack: it is not.
        """
        opens_at = self._opens_at
        wait = 0.0 if opens_at is None else opens_at - self._monotonic()
        if wait > seconds_left(MOST_WAIT_SECONDS):
            emit("gateway.failed", operation=operation, failure="HeldBack")
            raise HeldBack(operation, retry_after=wait)
        if wait > 0:
            await sleep(wait)
        if self._opens_at == opens_at:
            self._opens_at = None

    def _seconds_to(self, reset: float | None) -> float | None:
        """Seconds from now to a reset, told as seconds or as a moment of the API; None where it is not believed."""
        if reset is None:
            return None
        if reset >= _EPOCH_BEGINS:
            now = time.time()
            moment = reset / 1000 if reset >= _MILLISECONDS_BEGIN else reset
            reset = moment - (now - self._clock.seconds_ahead(now))
        return reset if 0 < reset <= LONGEST_WINDOW_SECONDS else None


def _number(header: str | None) -> float | None:
    return float(header) if header is not None and _NUMBER.fullmatch(header) else None
