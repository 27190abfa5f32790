"""The verified token of the request that a call came with, in the SDK's own place for it.

The SDK binds its sessions and sealed questions to what stands there. The token itself does not: nothing after its
verification needs it, and what is not kept cannot be passed on.
"""

from dataclasses import dataclass, field

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken

from checkout_server.checkout.principal import Principal, Scope

NOBODY = Principal("nobody", frozenset(), None, None)
"""Who calls a server that asks for tokens, as long as no token says who it is: they may do nothing."""


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """Who a token was issued to and what it allows."""

    issuer: str = field(repr=False)
    subject: str = field(repr=False)
    """Unique for its issuer. Can be an e-mail address."""
    scopes: frozenset[Scope]
    client_id: str = field(default="", repr=False)
    """Through which program they ask, where the token says so."""

    def as_user(self) -> AuthenticatedUser:
        """As the SDK keeps it for the time of a request."""
        claims = {"iss": self.issuer}
        scopes = sorted(scope.value for scope in self.scopes)
        return AuthenticatedUser(
            AccessToken(token="", client_id=self.client_id, scopes=scopes, subject=self.subject, claims=claims)
        )


def verified_token() -> VerifiedToken | None:
    """The token of the present request; None where there is none."""
    token = get_access_token()
    if token is None or token.subject is None or token.claims is None:
        return None
    return VerifiedToken(token.claims["iss"], token.subject, frozenset(map(Scope, token.scopes)), token.client_id)
