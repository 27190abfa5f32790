"""How a request is answered that may not pass: RFC 6750, with the metadata of RFC 9728 for who can sign in."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response

from checkout_server.authorization.scopes import ALL_SCOPES
from checkout_server.authorization.tokens import DESCRIPTIONS
from checkout_server.checkout.principal import Scope
from checkout_server.privacy.vocabulary.token_problems import TokenProblem

WELL_KNOWN = "/.well-known/oauth-protected-resource"
ASKED_FOR = (Scope.READ, Scope.PREVIEW, Scope.CREATE)
"""What a client is told to sign in for. Charging somebody without their page is asked for when it is needed."""
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one server.

    Args:
        issuer: the authorization server; None where there are static tokens alone.
        resource: the URL of this server that tokens name as their audience.
    """

    issuer: str | None = None
    resource: str | None = None

    @property
    def metadata_paths(self) -> frozenset[str]:
        """Where clients look for the metadata: as RFC 9728 derives it from the resource, and as it is behind a proxy
        that takes a prefix away."""
        if self.resource is None or self.issuer is None:
            return frozenset()
        return frozenset({WELL_KNOWN + urlsplit(self.resource).path.rstrip("/"), f"{WELL_KNOWN}/mcp"})

    def metadata(self) -> Response:
        """What this server is and who signs in for it."""
        content = {
            "resource": self.resource,
            "resource_name": "Dodo Payments checkout",
            "authorization_servers": [self.issuer],
            "scopes_supported": sorted(ALL_SCOPES),
            "bearer_methods_supported": ["header"],
        }
        return JSONResponse(content, headers={"Cache-Control": "public, max-age=3600"})

    def unauthorized(self, problem: TokenProblem) -> Response:
        """401: no token, or none that is valid."""
        description = DESCRIPTIONS[problem]
        # RFC 6750, 3.1: whoever sent none, or something else than a bearer token, is told no error code.
        error = [] if problem == "missing" else [("error", "invalid_token"), ("error_description", description)]
        return self._challenge(401, "invalid_token", description, [*error, ("scope", " ".join(ASKED_FOR))])

    def insufficient_scope(self, missing: Iterable[Scope], held: Iterable[Scope]) -> Response:
        """403: the token is good, and the call needs more. Clients sign in again for all that ``scope`` names."""
        lacking = sorted(missing)
        description = f"This call needs the scope {' and '.join(lacking)}."
        scope = " ".join(each for each in Scope if each in {*lacking, *held})
        error = [("error", "insufficient_scope"), ("error_description", description), ("scope", scope)]
        return self._challenge(403, "insufficient_scope", description, error)

    def _challenge(self, status: int, error: str, description: str, told: list[tuple[str, str]]) -> Response:
        if self.resource is not None and self.issuer is not None:
            parts = urlsplit(self.resource)
            path = WELL_KNOWN + parts.path.rstrip("/")
            told = [*told, ("resource_metadata", f"{parts.scheme}://{parts.netloc}{path}")]
        challenge = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in told)
        content = {"error": error, "error_description": description}
        return JSONResponse(content, status_code=status, headers={"WWW-Authenticate": challenge})


def cannot_verify() -> Response:
    """503: nothing is said against the token, which a client would throw away after a 401."""
    description = "Whether the token is valid cannot be verified now; try again later."
    content = {"error": "temporarily_unavailable", "error_description": description}
    return JSONResponse(content, status_code=503, headers={"Retry-After": str(RETRY_SECONDS)})


def through_a_proxy() -> Response:
    """403: the request came from elsewhere, and this server would serve anybody."""
    description = (
        "This server has no sign-in, and a proxy in front of it lets others in. Set CHECKOUT_AUTH_ISSUER, "
        "CHECKOUT_AUTH_JWKS_URL and CHECKOUT_AUTH_AUDIENCE, or make a token with dodo-checkout-mcp token create, and "
        "start it again."
    )
    return JSONResponse({"error": "no_authorization", "error_description": description}, status_code=403)
