"""The payment API's clock, as the ``Date`` header of its answers tells it."""

import contextlib
import time
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpx2

MOST_CHARACTERS = 64
"""Of an HTTP date, which has 29."""


def read_http_date(header: str) -> float | None:
    """An HTTP date (RFC 9110, section 5.6.7) in epoch seconds; None for what is none, however odd it is."""
    if len(header) > MOST_CHARACTERS:
        return None
    # The parser is one for e-mail, and says nothing of the ways in which it can fail.
    with contextlib.suppress(ArithmeticError, LookupError, TypeError, ValueError):
        moment = parsedate_to_datetime(header)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    return None


class ApiClock:
    """What the API's newest answer said of the time.

    Args:
        monotonic: seconds that no change of this machine's clock disturbs.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._heard: tuple[float, float] | None = None

    def hear(self, response: httpx2.Response) -> None:
        """Take note of an answer; one without a date changes nothing."""
        date = response.headers.get("date")
        if date is not None and (moment := read_http_date(date)) is not None:
            self._heard = moment, self._monotonic()

    @property
    def is_known(self) -> bool:
        """Whether the API has told its time."""
        return self._heard is not None

    def seconds_ahead(self, now: float) -> float:
        """How far ``now``, in epoch seconds, is ahead of the API's clock; 0 while the API has not told its time."""
        if self._heard is None:
            return 0.0
        moment, heard_at = self._heard
        return now - (moment + self._monotonic() - heard_at)
