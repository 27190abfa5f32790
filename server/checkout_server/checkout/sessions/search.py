"""Searching the payments list for what a preview sold, however many payments there are.

A span of time bounds the search. It is read page by page; where the pages run out, it is split in the middle and its
parts are searched one after the other, the earlier one first. That depends neither on the order of the list nor on how
many pages the API gives. A search that runs out of time goes on at the next call where it stopped.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil, floor

from checkout_schemas.requests.create_checkout_session import PREVIEW_ID_KEY
from checkout_server.gateway.client import Gateway
from checkout_server.gateway.payment_answers import Payment

PAGE_SIZE = 100
"""The API's largest."""
PAGES = 5
"""Pages of one span that are read before it is split."""
SEARCH_SECONDS = 8.0
"""The most that one call gives to a search: beside a creation of 30 seconds, it must answer within 50."""
MOST_UNFINISHED = 100
"""Searches that are remembered; a forgotten one begins anew."""


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time in whole epoch seconds, both ends included."""

    begin: int
    end: int
    page: int = 0
    """The first page that was not read yet."""

    @classmethod
    def of(cls, begin: float, end: float, *, margin: float) -> "Span":
        return cls(floor(begin - margin), max(ceil(end + margin), floor(begin - margin)))

    def after_page(self) -> list["Span"]:
        """What is left when a page was read that was not the last; what is searched first stands last."""
        if self.page + 1 < PAGES or self.end - self.begin <= 1:
            return [replace(self, page=self.page + 1)]
        middle = (self.begin + self.end) // 2
        return [Span(middle, self.end), Span(self.begin, middle)]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to."""

    payment: Payment | None
    """Of several the one that succeeded."""
    is_complete: bool
    """Whether the whole span was searched."""


NOTHING_SEARCHED = Found(None, is_complete=False)


@dataclass(slots=True)
class _Search:
    begin: int
    end: int
    """What it covers: the spans that are left, and those that were read."""
    spans: list[Span]
    best: Payment | None = None

    def widen(self, span: Span) -> None:
        """Cover a span too, which may have moved since the search began: so does what is known of the API's clock."""
        if span.begin < self.begin:
            self.spans.insert(0, Span(span.begin, self.begin))
        if span.end > self.end:
            self.spans.insert(0, Span(self.end, span.end))
        self.begin, self.end = min(self.begin, span.begin), max(self.end, span.end)

    @property
    def is_over(self) -> bool:
        return not self.spans or (self.best is not None and self.best.status == "succeeded")


class PaymentSearches:
    """The searches of a process, by preview and claim: what was read before a claim says nothing of its payment."""

    def __init__(self) -> None:
        self._unfinished: dict[tuple[str, str | None], _Search] = {}

    async def search(
        self,
        gateway: Gateway,
        preview_id: str,
        claim_id: str | None,
        span: Span,
        *,
        customer_id: str | None = None,
    ) -> Found:
        """Look for the payment whose metadata carries a preview, whatever else is odd in it.

        Args:
            gateway: what is asked.
            preview_id: what the payment carries.
            claim_id: its last claim. An unfinished search for both goes on where it stopped.
            span: when it was made, by the API's clock.
            customer_id: who paid, where that is known for certain.

        Raises:
            GatewayError: the payments list cannot be read.
        """
        search = self._unfinished.pop((preview_id, claim_id), None) or _Search(span.begin, span.end, [span])
        search.widen(span)
        try:
            async with asyncio.timeout(SEARCH_SECONDS):
                while not search.is_over:
                    await _read_page(search, gateway, preview_id, customer_id)
        except TimeoutError:
            pass
        finally:
            if not search.is_over:
                self._remember((preview_id, claim_id), search)
        return Found(search.best, is_complete=search.is_over)

    def _remember(self, sold: tuple[str, str | None], search: _Search) -> None:
        self._unfinished[sold] = search
        if len(self._unfinished) > MOST_UNFINISHED:
            del self._unfinished[next(iter(self._unfinished))]


async def _read_page(search: _Search, gateway: Gateway, preview_id: str, customer_id: str | None) -> None:
    span = search.spans[-1]
    page = await gateway.list_payments(
        page_number=span.page,
        page_size=PAGE_SIZE,
        created_at_gte=datetime.fromtimestamp(span.begin, UTC),
        created_at_lte=datetime.fromtimestamp(span.end, UTC),
        customer_id=customer_id,
    )
    found = [row for row in page.items if row.metadata.get(PREVIEW_ID_KEY) == preview_id]
    paid = next((row for row in found if row.status == "succeeded"), None)
    search.best = paid or search.best or next(iter(found), None)
    search.spans[-1:] = [] if page.is_last else span.after_page()
