"""What the failure of a creation proves."""

from checkout_server.gateway.errors import GatewayError, NotSent, RateLimited, Refused

_ANSWERED_BY_PROXIES = frozenset({408, 409, 425, 499})
"""Of a request that may be under way; without a code of the API they prove nothing."""


def proves_refusal(error: GatewayError, *, can_charge: bool) -> bool:
    """Whether an error proves that no session was made: nothing left, or a 4xx answered.

    For a request that can charge, what a proxy answers of one that it passed on is not proof enough.
    """
    if can_charge and error.code is None and error.status in _ANSWERED_BY_PROXIES:
        return False
    if isinstance(error, RateLimited) and can_charge:
        return False
    return isinstance(error, NotSent | Refused)
