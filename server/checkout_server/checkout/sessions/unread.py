"""What could not be read of a sale: it leaves the rest whole, and is said."""

from collections.abc import Awaitable
from typing import TypeVar

from checkout_server.gateway.errors import GatewayError, NotAuthorized

ResultT = TypeVar("ResultT")
_ENDED_EARLY = (
    "The shop has more payments of that time than were read, so another payment of this session may be missing: before "
    "you sell it again, ask the operator."
)


class Unread:
    """Notes the parts of an outcome that the API did not give."""

    def __init__(self) -> None:
        self._forbidden = set[str]()
        self._missed = set[str]()
        self._ended_early = False

    async def none_if_refused(self, what: str, read: Awaitable[ResultT]) -> ResultT | None:
        """What is read, or None and a note."""
        try:
            return await read
        except NotAuthorized:
            self._forbidden.add(what)
        except GatewayError:
            self._missed.add(what)
        return None

    def end_early(self) -> None:
        """Note that the list of payments is longer than is read of it."""
        self._ended_early = True

    def sentences(self) -> list[str]:
        # Sorted, since what is read at once is noted in the order of the answers.
        forbidden, missed = (" and ".join(sorted(each)) for each in (self._forbidden, self._missed))
        return [
            *([f"The API key may not read {forbidden}."] if forbidden else []),
            *([f"Could not be read just now: {missed}."] if missed else []),
            *([_ENDED_EARLY] if self._ended_early else []),
        ]
