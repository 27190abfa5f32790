"""How a request to the payment API can fail, typed by what the failure proves.

The text of every exception is a fixed sentence: nothing that the API said, no URL, no body, no header.
"""

from typing import ClassVar

from checkout_server.privacy.vocabulary.fields import Failure, FailureKind, Variable


class GatewayError(Exception):
    """Base of all; never raised itself."""

    name: ClassVar[Failure]

    def __init__(
        self, operation: str, *, status: int | None = None, code: str | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(f"{operation}: {type(self).__name__}" + (f" ({status})" if status else ""))
        self.operation = operation
        self.status = status
        self.code = code
        """The API's own code, when it is one that we know."""
        self.request_id = request_id
        self.retry_after: float | None = None
        """Seconds that the API asks to wait, as its ``Retry-After`` header says."""
        self.kind: FailureKind | None = None
        """What stood in the way of an answer."""
        self.variable: Variable | None = None
        """Of the environment, where one may be to blame."""


class NotSent(GatewayError):
    """The connection could not be made: provably nothing left."""

    name = "NotSent"


class NoAnswer(GatewayError):
    """The request left, or may have left, and no whole answer came."""

    name = "NoAnswer"


class Refused(GatewayError):
    """A 4xx answered."""

    name = "Refused"


class NotAuthorized(Refused):
    """401 or 403: the key does not fit."""

    name = "NotAuthorized"


class NotFound(Refused):
    """404."""

    name = "NotFound"


class RateLimited(Refused):
    """429."""

    name = "RateLimited"


class OutOfTime(NotSent):
    """The call had no time left for the request."""

    name = "OutOfTime"


class Overloaded(NotSent):
    """This server has as many requests under way, and waiting, as it allows."""

    name = "Overloaded"


class HeldBack(RateLimited):
    """The API has said that it takes no more requests for now, so none was sent."""

    name = "HeldBack"

    def __init__(self, operation: str, *, retry_after: float) -> None:
        super().__init__(operation)
        self.retry_after = retry_after


class ServerFailed(GatewayError):
    """A 5xx answered: what was asked for may have been done."""

    name = "ServerFailed"


class UnreadableAnswer(GatewayError):
    """An answer that is not what the API promises: another shape, not JSON, a redirect, or too large."""

    name = "UnreadableAnswer"


PASSING = (NotSent, NoAnswer, RateLimited, ServerFailed)
"""What may be over when the same is asked again."""
BY_STATUS: dict[int, type[Refused]] = {401: NotAuthorized, 403: NotAuthorized, 404: NotFound, 429: RateLimited}
