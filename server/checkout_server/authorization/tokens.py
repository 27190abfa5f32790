"""What can be wrong with a request's token."""

from collections.abc import Awaitable, Callable, Mapping

from checkout_server.authorization.verified import VerifiedToken
from checkout_server.privacy.vocabulary.token_problems import TokenProblem

MAX_TOKEN = 16 * 1024
"""Characters."""


class TokenRefused(Exception):
    """A token that is not valid here."""

    def __init__(self, problem: TokenProblem) -> None:
        super().__init__(problem)
        self.problem: TokenProblem = problem


class CannotVerify(Exception):
    """Whether a token is valid cannot be found out now."""


Verify = Callable[[str], Awaitable[VerifiedToken]]
"""Raises ``TokenRefused`` or ``CannotVerify``."""

DESCRIPTIONS: Mapping[TokenProblem, str] = {
    "missing": "This server asks for a bearer token in the Authorization header.",
    "malformed": "The Authorization header holds no bearer token of a form that is used here.",
    "algorithm": "The token is signed in a way that is not accepted.",
    "unknown_key": "The token is signed with a key that its issuer does not publish.",
    "signature": "The token's signature does not fit.",
    "expired": "The token has expired.",
    "not_yet_valid": "The token is not valid yet.",
    "audience": "The token was issued for another server.",
    "issuer": "The token was issued by somebody else than this server trusts.",
    "claims": "The token lacks a claim that is needed here.",
    "bound": "The token is bound to a key of its client (cnf), which is not verified here; ask for a plain token.",
    "unknown_token": "The token is not known here, or was revoked.",
}
"""What the caller reads. Nothing in it comes from the token."""
