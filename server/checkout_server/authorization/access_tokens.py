"""Access tokens that are JWTs (RFC 9068), verified against the issuer's keys."""

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

import jwt

from checkout_server.authorization.jwks import ALGORITHMS, SigningKey
from checkout_server.authorization.scopes import known_scopes
from checkout_server.authorization.signing_keys import SigningKeys
from checkout_server.authorization.tokens import TokenRefused
from checkout_server.authorization.verified import VerifiedToken
from checkout_server.privacy.vocabulary.token_problems import TokenProblem

LEEWAY_SECONDS = 30
"""How far the clocks of issuer and server may be apart."""
REQUIRED = ("iss", "aud", "exp", "sub")
MOST_KNOWN = 1_000
"""Verified tokens that are known again: an agent shows the same one with every request of an hour (ADR 44)."""
_TYPES = frozenset({"at+jwt", "application/at+jwt", "jwt"})
"""Of an access token. Other types are signed with the same keys, for other uses."""

_PROBLEMS: Mapping[type, TokenProblem] = {
    jwt.ExpiredSignatureError: "expired",
    jwt.ImmatureSignatureError: "not_yet_valid",
    jwt.InvalidAudienceError: "audience",
    jwt.InvalidIssuerError: "issuer",
    jwt.MissingRequiredClaimError: "claims",
    jwt.InvalidSignatureError: "signature",
    jwt.InvalidAlgorithmError: "algorithm",
    jwt.DecodeError: "malformed",
}
"""By the nearest class of what PyJWT raises; everything else is about a claim."""


class _Known(NamedTuple):
    """A token that was verified."""

    key: SigningKey
    """It counts as long as this is the issuer's key: a set that was fetched later has keys of its own."""
    expires_at: int
    """In epoch seconds, by the issuer's clock."""
    token: VerifiedToken


class AccessTokens:
    """Verifies the access tokens of one issuer.

    Args:
        keys: the issuer's.
        issuer: its name, as ``iss`` has it.
        audience: this server's name, as ``aud`` has it (RFC 8707).
        clock: epoch seconds, for a token that is shown again.
    """

    def __init__(
        self, keys: SigningKeys, *, issuer: str, audience: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        plain = audience.rstrip("/")
        self._audiences = (plain, f"{plain}/")
        self._clock = clock
        self._known: dict[bytes, _Known] = {}
        """By a digest of the token, which itself is not kept; the oldest first."""

    async def verify(self, token: str) -> VerifiedToken:
        """Who and what a token stands for.

        Raises:
            TokenRefused: it is not valid here.
            CannotVerify: its key cannot be fetched now.
        """
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise TokenRefused("malformed") from None
        algorithm: object = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise TokenRefused("algorithm")
        if str(header.get("typ", "JWT")).lower() not in _TYPES:
            raise TokenRefused("claims")
        kid = header.get("kid")
        key = await self._keys.find(kid, algorithm)
        if key is None:
            raise TokenRefused("unknown_key")
        digest = hashlib.sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known is None or known.key is not key:
            claims = self._verified_claims(token, key.public_key, algorithm)
            known = _Known(key, int(claims["exp"]), _read(claims))
            self._remember(digest, known)
        elif known.expires_at <= self._clock() - LEEWAY_SECONDS:
            raise TokenRefused("expired")
        return known.token

    def _remember(self, digest: bytes, known: _Known) -> None:
        self._known.pop(digest, None)
        self._known[digest] = known
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]

    def _verified_claims(self, token: str, public_key: Any, algorithm: str) -> dict[str, Any]:
        try:
            return jwt.decode(
                token,
                public_key,
                algorithms=[algorithm],
                issuer=self._issuer,
                audience=self._audiences,
                leeway=LEEWAY_SECONDS,
                options={"require": list(REQUIRED)},
            )
        except jwt.PyJWTError as error:
            problem = _problem_of(error)
        raise TokenRefused(problem)  # out here, so that no library's text is even its context


def _problem_of(error: Exception) -> TokenProblem:
    for kind in type(error).__mro__:
        if kind in _PROBLEMS:
            return _PROBLEMS[kind]
    return "claims"


def _read(claims: Mapping[str, Any]) -> VerifiedToken:
    if not claims["sub"]:
        raise TokenRefused("claims")
    if "cnf" in claims:  # RFC 7800: whoever presents it must prove that they hold a key; a stolen one would pass
        raise TokenRefused("bound")
    program = claims.get("client_id", claims.get("azp"))
    return VerifiedToken(
        issuer=claims["iss"],
        subject=claims["sub"],
        scopes=known_scopes(_words(claims.get("scope", claims.get("scp")))),
        client_id=program if isinstance(program, str) else "",
    )


def _words(scope: object) -> set[str]:
    """Of a scope claim, which some issuers write as a list."""
    if isinstance(scope, str):
        return set(scope.split())
    return {each for each in cast(list[object], scope) if isinstance(each, str)} if isinstance(scope, list) else set()
