"""An authorization server's keys on a real socket, and the tokens that it signs: right ones, and every wrong one."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "https://checkout.example/mcp"
JANE, JOHN = "jane@example.com", "john@example.com"
EVERYTHING = "checkout:read checkout:preview checkout:create checkout:confirm"


def _new_ec() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Issuer:
    """Publishes ``keys``, unless it is ``down``, or answers ``instead``."""

    url: str = ""
    keys: dict[str, Any] = field(default_factory=lambda: {"key-1": _new_ec()})
    down: bool = False
    instead: bytes | None = None
    fetches: int = 0

    @property
    def jwks_url(self) -> str:
        return f"{self.url}/jwks"

    @property
    def settings(self) -> dict[str, str]:
        return {
            "CHECKOUT_AUTH_ISSUER": self.url,
            "CHECKOUT_AUTH_JWKS_URL": self.jwks_url,
            "CHECKOUT_AUTH_AUDIENCE": AUDIENCE,
        }

    def jwks(self) -> dict[str, Any]:
        return {"keys": [jwk_of(key, kid=kid, use="sig") for kid, key in self.keys.items()]}

    def claims(self, scope: str = EVERYTHING, /, **other: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {"iss": self.url, "aud": AUDIENCE, "sub": JANE, "iat": now, "exp": now + 600, "scope": scope}
        return {name: value for name, value in (claims | other).items() if value is not None}

    def token(
        self,
        scope: str = EVERYTHING,
        /,
        *,
        kid: str | None = "key-1",
        key: Any = None,
        typ: str = "at+jwt",
        algorithm: str | None = None,
        **claims: Any,
    ) -> str:
        """A token that is right, unless the claims or the key say otherwise. A claim that is None is left out."""
        signing = key if key is not None else self.keys["key-1" if kid is None else kid]
        algorithm = algorithm or ("RS256" if isinstance(signing, rsa.RSAPrivateKey) else "ES256")
        headers = {"typ": typ} | ({} if kid is None else {"kid": kid})
        return jwt.encode(self.claims(scope, **claims), signing, algorithm=algorithm, headers=headers)

    def wrong_tokens(self) -> dict[str, tuple[str, str]]:
        """Every way to be wrong: the token, and the word that the log has for it."""
        now = int(time.time())
        public = self.keys["key-1"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return {
            "expired": (self.token(exp=now - 31), "expired"),
            "not yet valid": (self.token(nbf=now + 90), "not_yet_valid"),
            "issued in the future": (self.token(iat=now + 90), "not_yet_valid"),
            "another audience": (self.token(aud="https://shop.example/mcp"), "audience"),
            "an audience that begins alike": (self.token(aud=f"{AUDIENCE}.evil.example"), "audience"),
            "another issuer": (self.token(iss="https://evil.example"), "issuer"),
            "another key under a known name": (self.token(key=_new_ec()), "signature"),
            "a key that nobody published": (self.token(kid="key-9", key=_new_ec()), "unknown_key"),
            "unsigned": (_signed_with_nothing(self.claims()), "algorithm"),
            "HS256 with the public key": (_signed_with_hmac(self.claims(), public), "algorithm"),
            "without an expiry": (self.token(exp=None), "claims"),
            "without an audience": (self.token(aud=None), "claims"),
            "without an issuer": (self.token(iss=None), "claims"),
            "without a subject": (self.token(sub=None), "claims"),
            "a subject that is nobody": (self.token(sub=""), "claims"),
            "an expiry that is a list": (self.token(exp=[]), "malformed"),
            "an expiry without end": (self.token(exp=float("inf")), "malformed"),
            "of another type": (self.token(typ="logout+jwt"), "claims"),
            "bound to a key of the client's (DPoP)": (self.token(cnf={"jkt": "x" * 43}), "bound"),
            "bound to a certificate": (self.token(cnf={"x5t#S256": "x" * 43}), "bound"),
            "bound to nothing that is known": (self.token(cnf={}), "bound"),
            "not a JWT": ("sesame", "malformed"),
            "a static token that nobody made": ("dcm_" + "x" * 43, "unknown_token"),
            "a header of brackets": (_b64(b"[" * 9000) + ".e30.e30", "malformed"),
            "too long": ("x" * 17_000, "malformed"),
        }  # fmt: skip

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.fetches += 1
            if not self.down:
                body = jwks_bytes(self)
                answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
                writer.write(answer if self.instead is None else self.instead)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def running_issuer() -> AsyncGenerator[Issuer]:
    """An issuer on a free port of this machine."""
    issuer = Issuer()
    server = await asyncio.start_server(issuer.serve, "127.0.0.1", 0)
    issuer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield issuer
    finally:
        server.close()
        await asyncio.sleep(0)


def jwks_bytes(issuer: Issuer) -> bytes:
    """The keys of an issuer as its address serves them."""
    return json.dumps(issuer.jwks()).encode()


def jwk_of(key: Any, **other: Any) -> dict[str, Any]:
    """The public part of a key, as issuers publish it."""
    return _algorithm_of(key).to_jwk(key.public_key(), as_dict=True) | other


def private_jwk_of(key: Any) -> dict[str, Any]:
    """The whole key, as no issuer should publish it."""
    return _algorithm_of(key).to_jwk(key, as_dict=True)


def _algorithm_of(key: Any) -> Any:
    if isinstance(key, rsa.RSAPrivateKey):
        return RSAAlgorithm
    return OKPAlgorithm if isinstance(key, ed25519.Ed25519PrivateKey) else ECAlgorithm


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _unsigned(claims: dict[str, Any], algorithm: str) -> str:
    header = {"typ": "at+jwt", "alg": algorithm, "kid": "key-1"}
    return f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(claims).encode())}"


def _signed_with_nothing(claims: dict[str, Any]) -> str:
    return _unsigned(claims, "none") + "."


def _signed_with_hmac(claims: dict[str, Any], key: bytes) -> str:
    """Past PyJWT, which refuses to make one."""
    text = _unsigned(claims, "HS256")
    return f"{text}.{_b64(hmac.digest(key, text.encode(), hashlib.sha256))}"
