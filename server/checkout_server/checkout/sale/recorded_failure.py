"""How a creation failed, as the ledger records it: for people, and for calls of other processes that joined it."""

from checkout_server.gateway.api_codes import API_CODES
from checkout_server.gateway.errors import (
    GatewayError,
    HeldBack,
    NotAuthorized,
    NotFound,
    NotSent,
    OutOfTime,
    Overloaded,
    RateLimited,
    Refused,
)

_TOLD_BY_STATUS = (NotAuthorized, RateLimited)
"""What a caller is told of them does not depend on the API's code."""
_PROVEN: dict[str, type[GatewayError]] = {
    **{each.name: each for each in (NotSent, OutOfTime, Overloaded, Refused, NotFound, NotAuthorized, RateLimited)},
    HeldBack.name: RateLimited,
}
"""Those that prove that nothing was created, by name. When the API may be asked again is not recorded."""


def detail_of(error: GatewayError) -> str:
    """The detail of the ledger's step: the API's code, or what the failure is called."""
    if isinstance(error, _TOLD_BY_STATUS):
        return f"{error.name} {error.code}" if error.code else error.name
    return error.code or error.name


def failure_of(detail: str | None) -> GatewayError | None:
    """The failure of which a caller is told the same; None where the detail is none of a creation that was refused."""
    name, _, code = (detail or "").partition(" ")
    if name in _PROVEN:
        return _PROVEN[name]("create", code=code or None)
    return Refused("create", code=name) if name in API_CODES else None
