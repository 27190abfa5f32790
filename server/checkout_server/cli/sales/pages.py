"""Lists of the ledger, read page by page to their end."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

from checkout_server.checkout.ledger.operations import Place

PAGE = 1000
"""Rows that the ledger is asked for at a time."""

Row = TypeVar("Row")


async def every_row(
    read: Callable[[Place, int], Awaitable[list[Row]]], place: Place, place_of: Callable[[Row], Place]
) -> AsyncGenerator[Row]:
    """Every row from a place on, however many there are.

    Args:
        read: the rows of a page that begins at a place, and at most how many.
        place: where the first page begins.
        place_of: the place behind a row.

    Raises:
        LedgerUnavailable: a page cannot be read.
    """
    while rows := await read(place, PAGE):
        for row in rows:
            yield row
        place = place_of(rows[-1])
