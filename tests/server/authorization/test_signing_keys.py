"""The issuer's keys: asked for as seldom as possible, kept while their address is down, and read with care."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from checkout_server.authorization.access_tokens import AccessTokens
from checkout_server.authorization.jwks import MAX_JWKS, KeysUnreadable, SigningKey, fetch_keys, read_keys
from checkout_server.authorization.signing_keys import SigningKeys
from checkout_server.authorization.tokens import CannotVerify, TokenRefused
from issuers import AUDIENCE, Issuer, jwk_of, private_jwk_of, running_issuer
from processes import run_with


class Publisher:
    """Whoever publishes keys, and a clock."""

    def __init__(self, *kids: str) -> None:
        self.kids = kids
        self.down = False
        self.asked = 0
        self.now = 1_000_000.0
        self.began = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()
        self.keys = SigningKeys(self.fetch, clock=lambda: self.now)

    async def fetch(self) -> Sequence[SigningKey]:
        self.asked += 1
        self.began.set()
        await self.open.wait()
        if self.down:
            raise KeysUnreadable
        return [SigningKey(kid, frozenset({"ES256"}), kid) for kid in self.kids]

    async def find(self, kid: str | None = "a") -> str:
        try:
            key = await self.keys.find(kid, "ES256")
        except CannotVerify:
            return "cannot verify"
        return "none" if key is None else str(key.kid)


@pytest.mark.requirement("authorization.keys")
async def test_one_fetch_serves_all_who_wait_for_it() -> None:
    publisher = Publisher("a")
    publisher.open.clear()
    waiting = [asyncio.create_task(publisher.find()) for _ in range(20)]
    await publisher.began.wait()
    waiting[0].cancel()
    publisher.open.set()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert found[1:] == ["a"] * 19
    assert publisher.asked == 1


@pytest.mark.requirement("authorization.keys")
async def test_an_unknown_key_asks_at_most_once_in_thirty_seconds() -> None:
    publisher = Publisher("a")
    assert [await publisher.find(kid) for kid in ("a", "b", "c")] == ["a", "none", "none"]
    assert publisher.asked == 1
    publisher.now += 29
    assert await publisher.find("b") == "none"
    assert publisher.asked == 1
    publisher.kids = ("a", "b")
    publisher.now += 1
    assert [await publisher.find(kid) for kid in ("b", "c", "a")] == ["b", "none", "a"]
    assert publisher.asked == 2


@pytest.mark.requirement("authorization.keys")
async def test_the_last_good_keys_serve_for_an_hour_and_then_nothing_can_be_verified() -> None:
    publisher = Publisher("a")
    assert await publisher.find() == "a"
    publisher.down = True
    for _ in range(60):
        publisher.now += 60
        assert await publisher.find() == "a"
        await asyncio.sleep(0)  # in which the fetch beside the call fails
    assert await publisher.find("b") == "cannot verify"
    publisher.now += 1
    assert await publisher.find() == "cannot verify"
    publisher.now += 4
    asked = publisher.asked
    assert [await publisher.find() for _ in range(5)] == ["cannot verify"] * 5
    assert publisher.asked == asked + 1
    publisher.down = False
    publisher.now += 5
    assert await publisher.find() == "a"


@pytest.mark.requirement("authorization.keys")
async def test_a_key_that_was_withdrawn_verifies_nothing_after_five_minutes_however_few_calls_come() -> None:
    publisher = Publisher("a", "b")
    assert await publisher.find("b") == "b"
    publisher.kids = ("a",)
    publisher.now += 300
    assert await publisher.find("b") == "b"
    assert publisher.asked == 1
    publisher.now += 1
    assert await asyncio.gather(*(publisher.find(kid) for kid in ("b", "a", "b"))) == ["none", "a", "none"]
    assert publisher.asked == 2


@pytest.mark.requirement("authorization.keys")
async def test_only_the_first_call_waits_for_an_address_that_does_not_answer() -> None:
    publisher = Publisher("a")
    assert await publisher.find() == "a"
    publisher.down = True
    publisher.now += 301
    publisher.open.clear()
    publisher.began.clear()
    first = asyncio.create_task(publisher.find())
    await publisher.began.wait()
    assert not first.done()
    publisher.open.set()
    assert await first == "a"
    publisher.open.clear()
    for asked in (3, 4):
        publisher.now += 5
        assert [await publisher.find() for _ in range(3)] == ["a"] * 3  # none of which waits
        await asyncio.sleep(0)
        assert publisher.asked == asked
        publisher.open.set()
        assert await publisher.find("b") == "cannot verify"  # which waits for the fetch in flight
        publisher.open.clear()
    # Nobody has asked for so long that the address may well be up again, with other keys.
    publisher.down, publisher.kids = False, ("c",)
    publisher.now += 301
    publisher.open.set()
    assert [await publisher.find(kid) for kid in ("a", "c")] == ["none", "c"]


@pytest.mark.requirement("authorization.keys")
async def test_a_token_that_names_no_key_is_signed_by_the_only_one() -> None:
    assert await Publisher("a").find(None) == "a"
    assert await Publisher("a", "b").find(None) == "none"


@pytest.mark.requirement("authorization.keys")
async def test_a_server_that_stops_asks_no_more() -> None:
    publisher = Publisher("a")
    publisher.open.clear()
    waiting = asyncio.create_task(publisher.find())
    await publisher.began.wait()
    await publisher.keys.close()
    assert await waiting == "cannot verify"


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SMALL = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - the one to refuse
ED25519 = ed25519.Ed25519PrivateKey.generate()
P256, P384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())


@pytest.mark.requirement("authorization.keys")
@pytest.mark.parametrize(
    ("key", "algorithms"),
    [
        (jwk_of(RSA), {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
        (jwk_of(RSA, alg="PS256", use="sig", key_ops=["verify"]), {"PS256"}),
        (jwk_of(P256), {"ES256"}),
        (jwk_of(P384), {"ES384"}),
        (jwk_of(RSA, use="enc"), None),
        (jwk_of(RSA, key_ops=["encrypt"]), None),
        (jwk_of(RSA, alg="HS256"), None),
        (jwk_of(RSA, alg="RSA-OAEP"), None),
        (jwk_of(RSA, alg=["RS256"]), None),
        (jwk_of(P256, alg="ES384"), None),
        (jwk_of(P256, crv="secp256k1"), None),
        (jwk_of(P256, x="AAAA"), None),
        (jwk_of(SMALL), None),
        (jwk_of(RSA) | {"n": 7}, None),
        ({"kty": "oct", "k": "c2VzYW1l", "alg": "HS256"}, None),
        ({"kty": "oct", "k": "c2VzYW1l", "crv": "P-256"}, None),
        (jwk_of(ED25519), {"EdDSA", "Ed25519"}),
        (jwk_of(ED25519, alg="EdDSA"), {"EdDSA", "Ed25519"}),
        (jwk_of(ED25519, alg="Ed25519"), {"EdDSA", "Ed25519"}),
        (jwk_of(ED25519, alg="Ed448"), None),
        (jwk_of(P256, crv="Ed25519"), None),
        *[(private_jwk_of(key), None) for key in (RSA, P256, ED25519)],
        *[(jwk_of(P256) | {secret: "c2VzYW1l"}, None) for secret in ("d", "p", "q", "k")],
        ("a key", None),
        (None, None),
    ],
)
def test_only_public_keys_for_signatures_are_read(key: Any, algorithms: set[str] | None) -> None:
    beside = jwk_of(P384, kid="beside")
    read = {each.kid: each.algorithms for each in read_keys(json.dumps({"keys": [key, beside]}).encode())}
    assert read.pop("beside") == {"ES384"}
    assert read == ({} if algorithms is None else {None: algorithms})


@pytest.mark.requirement("authorization.keys")
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"{", b'{"keys": 1}', b'{"keys": []}', b"[" * 100_000])
def test_what_is_no_set_of_keys_is_not_taken_for_one(body: bytes) -> None:
    with pytest.raises(KeysUnreadable):
        read_keys(body)


@pytest.mark.requirement("authorization.keys")
async def test_keys_are_fetched_from_their_address_alone_and_within_bounds() -> None:
    async with running_issuer() as issuer, running_issuer() as elsewhere:
        assert [key.kid for key in await fetch_keys(issuer.jwks_url)] == ["key-1"]
        padded = json.dumps(issuer.jwks() | {"padding": "x" * MAX_JWKS}).encode()
        for name, answer in {
            "a redirect": f"HTTP/1.1 302 Found\r\nlocation: {elsewhere.jwks_url}\r\ncontent-length: 0\r\n\r\n".encode(),
            "too much": b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(padded), padded),
            "an error": b"HTTP/1.1 500 Oops\r\ncontent-length: 2\r\n\r\n{}",
            "no HTTP": b"keys",
        }.items():
            issuer.instead = answer
            with pytest.raises(KeysUnreadable):
                await fetch_keys(issuer.jwks_url)
            assert elsewhere.fetches == 0, name


async def verdict(access: AccessTokens, token: str) -> str:
    try:
        return (await access.verify(token)).subject
    except TokenRefused as refused:
        return refused.problem
    except CannotVerify:
        return "cannot verify"


@pytest.mark.requirement("authorization.tokens")
async def test_a_token_is_never_called_wrong_because_its_keys_cannot_be_fetched() -> None:
    now = 1_000_000.0
    async with running_issuer() as issuer:
        keys = SigningKeys(lambda: fetch_keys(issuer.jwks_url), clock=lambda: now)
        access = AccessTokens(keys, issuer=issuer.url, audience=AUDIENCE)
        issuer.down = True
        assert await verdict(access, issuer.token()) == "cannot verify"
        issuer.down, now = False, now + 5
        assert await verdict(access, issuer.token()) == "jane@example.com"
        rotate(issuer)
        assert await verdict(access, issuer.token(kid="key-2")) == "unknown_key"
        now += 30
        assert await verdict(access, issuer.token(kid="key-2")) == "jane@example.com"
        issuer.down, now = True, now + 3600
        assert await verdict(access, issuer.token()) == "jane@example.com"
        now += 1
        for token in (issuer.token(), issuer.token(kid="key-2"), issuer.token(exp=1)):
            assert await verdict(access, token) == "cannot verify"
        assert await verdict(access, "sesame") == "malformed"


@pytest.mark.requirement("authorization.tokens")
@pytest.mark.parametrize("named", [{}, {"alg": "EdDSA"}, {"alg": "Ed25519"}])
async def test_a_signature_by_ed25519_counts_by_both_of_its_names(named: dict[str, str]) -> None:
    keys = read_keys(json.dumps({"keys": [jwk_of(ED25519, kid="key-1", **named)]}).encode())

    async def fetch() -> Sequence[SigningKey]:
        return keys

    issuer = Issuer(url="https://issuer.example", keys={"key-1": ED25519})
    access = AccessTokens(SigningKeys(fetch), issuer=issuer.url, audience=AUDIENCE)
    other = ed25519.Ed25519PrivateKey.generate()
    for algorithm in ("EdDSA", "Ed25519"):
        assert await verdict(access, issuer.token(algorithm=algorithm)) == "jane@example.com"
        assert await verdict(access, issuer.token(algorithm=algorithm, key=other)) == "signature"


def rotate(issuer: Issuer) -> None:
    issuer.keys["key-2"] = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.requirement("authorization.keys")
async def test_doctor_says_whether_the_keys_can_be_had(tmp_path: Path) -> None:
    async with running_issuer() as issuer:

        async def sign_in() -> str:
            done = await asyncio.to_thread(run_with, issuer.settings, "doctor", folder=tmp_path)
            lines = done.stdout.splitlines()
            at = next(number for number, line in enumerate(lines) if "sign-in" in line)
            remedy = [line for line in lines[at + 1 : at + 2] if "→" in line]
            return " ".join(" ".join([lines[at], *remedy]).split())

        assert await sign_in() == "ok sign-in the issuer's keys can be fetched"
        issuer.down = True
        assert await sign_in() == (
            "FAIL sign-in the issuer's keys cannot be fetched → check CHECKOUT_AUTH_JWKS_URL and the network"
        )
