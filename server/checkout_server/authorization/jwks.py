"""The keys that an issuer publishes (RFC 7517), as far as access tokens may be signed with them."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import OKPAlgorithm

from checkout_server.gateway.body import read_body
from checkout_server.gateway.surroundings import SurroundingsUnusable, open_proxy, trusted_certificates

MAX_JWKS = 256 * 1024
"""Bytes."""
MOST_KEYS = 100
FETCH_SECONDS = 5.0
SMALLEST_RSA = 2048
"""Bits."""

_OF_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_OF_ED25519 = frozenset({"EdDSA", "Ed25519"})
"""The same signature by two names: RFC 9864 has the second, which PyJWT does not know."""
with suppress(ValueError):  # a PyJWT that knows it
    jwt.register_algorithm("Ed25519", OKPAlgorithm())
_OF_CURVE: Mapping[str, frozenset[str]] = {
    "P-256": frozenset({"ES256"}),
    "P-384": frozenset({"ES384"}),
    "P-521": frozenset({"ES512"}),
    "Ed25519": _OF_ED25519,
}
ALGORITHMS = _OF_RSA.union(*_OF_CURVE.values())
"""All of them asymmetric: who can verify cannot sign."""
_SECRET = frozenset({"d", "p", "q", "k"})
"""Of a private or symmetric key (RFC 7518, 6). Whoever reads the set could sign with it."""


class KeysUnreadable(Exception):
    """The address did not answer with keys."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One public key, and what it may have signed."""

    kid: str | None
    algorithms: frozenset[str]
    public_key: Any = field(repr=False)


async def fetch_keys(url: str) -> list[SigningKey]:
    """Ask once, without following anybody elsewhere.

    Raises:
        KeysUnreadable: no usable key came in time.
    """
    try:
        address = httpx2.URL(url)
        verify = trusted_certificates(address, trust_env=True)
        transport = httpx2.AsyncHTTPTransport(verify=verify, proxy=open_proxy(address, verify), trust_env=False)
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        async with (
            asyncio.timeout(FETCH_SECONDS),
            httpx2.AsyncClient(transport=transport, timeout=None, follow_redirects=False) as client,
            client.stream("GET", address, headers=headers) as answer,
        ):
            body = await read_body(answer, most=MAX_JWKS) if answer.status_code == 200 else None
    except (httpx2.HTTPError, httpx2.InvalidURL, SurroundingsUnusable, OSError, ValueError):
        raise KeysUnreadable from None
    return read_keys(body or b"")


def read_keys(body: bytes) -> list[SigningKey]:
    """The keys of a set that verify signatures; others, such as those for encryption, are left out.

    Raises:
        KeysUnreadable: it is no set of keys, or there is none of them.
    """
    try:
        content: object = json.loads(body)
    except (ValueError, RecursionError):
        raise KeysUnreadable from None
    rows: object = cast(dict[str, object], content).get("keys") if isinstance(content, dict) else None
    found = [_read_key(row) for row in cast(list[object], rows)[:MOST_KEYS]] if isinstance(rows, list) else []
    if not (keys := [key for key in found if key is not None]):
        raise KeysUnreadable
    return keys


def _read_key(row: object) -> SigningKey | None:
    if not isinstance(row, dict):
        return None
    fields = cast(dict[str, Any], row)
    operations = fields.get("key_ops")
    if _SECRET & fields.keys():
        return None
    if fields.get("use", "sig") != "sig" or (isinstance(operations, list) and "verify" not in operations):
        return None
    algorithms = _OF_RSA if fields.get("kty") == "RSA" else _OF_CURVE.get(str(fields.get("crv")), frozenset[str]())
    if (named := fields.get("alg")) is not None:
        algorithms = algorithms & (_OF_ED25519 if str(named) in _OF_ED25519 else {str(named)})
    if not algorithms:
        return None
    try:
        public_key: Any = jwt.get_algorithm_by_name(min(algorithms)).from_jwk(fields)
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        return None
    if fields.get("kty") == "RSA" and not (
        isinstance(public_key, RSAPublicKey) and public_key.key_size >= SMALLEST_RSA
    ):
        return None
    kid = fields.get("kid")
    return SigningKey(kid if isinstance(kid, str) else None, algorithms, public_key)
