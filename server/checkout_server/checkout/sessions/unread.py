"""What could not be read of a sale: it leaves the rest whole, and is said."""

from collections.abc import Awaitable
from typing import TypeVar

from checkout_server.gateway.errors import GatewayError, NotAuthorized

ResultT = TypeVar("ResultT")


class Unread:
    """Notes the parts of an outcome that the API did not give."""

    def __init__(self) -> None:
        self._forbidden: dict[str, None] = {}
        self._missed: dict[str, None] = {}

    async def none_if_refused(self, what: str, read: Awaitable[ResultT]) -> ResultT | None:
        """What is read, or None and a note."""
        try:
            return await read
        except NotAuthorized:
            self._forbidden[what] = None
        except GatewayError:
            self._missed[what] = None
        return None

    def sentences(self) -> list[str]:
        forbidden, missed = (" and ".join(each) for each in (self._forbidden, self._missed))
        return [
            *([f"The API key may not read {forbidden}."] if forbidden else []),
            *([f"Could not be read just now: {missed}."] if missed else []),
        ]
