"""A token that is shown again: known without another look at its signature, and refused as soon as it must be."""

import time
from collections.abc import Sequence
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from checkout_server.authorization import access_tokens
from checkout_server.authorization.access_tokens import LEEWAY_SECONDS, AccessTokens
from checkout_server.authorization.jwks import SigningKey, read_keys
from checkout_server.authorization.signing_keys import FRESH_SECONDS, SigningKeys
from checkout_server.authorization.tokens import TokenRefused
from issuers import AUDIENCE, JANE, JOHN, Issuer, jwks_bytes


class Verifying:
    """An issuer whose tokens are verified, at a clock that is set by hand."""

    def __init__(self) -> None:
        self.issuer = Issuer(url="https://issuer.example")
        self.passed = 0.0
        keys = SigningKeys(self.fetch, clock=lambda: self.passed)
        self.access = AccessTokens(
            keys, issuer=self.issuer.url, audience=AUDIENCE, clock=lambda: time.time() + self.passed
        )

    async def fetch(self) -> Sequence[SigningKey]:
        return read_keys(jwks_bytes(self.issuer))

    async def verdict(self, token: str) -> str:
        try:
            return (await self.access.verify(token)).subject
        except TokenRefused as refused:
            return refused.problem


@pytest.fixture
def signatures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signatures are looked at."""
    looked_at: list[str] = []
    decode = jwt.decode

    def decode_and_note(token: str, *rest: Any, **options: Any) -> dict[str, Any]:
        looked_at.append(token)
        return decode(token, *rest, **options)

    monkeypatch.setattr(jwt, "decode", decode_and_note)
    return looked_at


@pytest.mark.requirement("authorization.tokens")
async def test_the_signature_of_a_token_is_looked_at_once(signatures: list[str]) -> None:
    verifying = Verifying()
    jane, john = verifying.issuer.token(), verifying.issuer.token(sub=JOHN)
    for token, subject in ((jane, JANE), (john, JOHN)) * 3:
        assert await verifying.verdict(token) == subject
    assert signatures == [jane, john]


@pytest.mark.requirement("authorization.tokens")
async def test_a_known_token_ends_with_its_time() -> None:
    verifying = Verifying()
    token = verifying.issuer.token(exp=int(time.time()) + 60)
    for passed, verdict in ((0, JANE), (60 + LEEWAY_SECONDS - 5, JANE), (60 + LEEWAY_SECONDS + 1, "expired")):
        verifying.passed = float(passed)
        assert await verifying.verdict(token) == verdict


@pytest.mark.requirement("authorization.tokens", "authorization.keys")
async def test_a_known_token_ends_with_its_key_also_where_another_has_its_name() -> None:
    verifying = Verifying()
    token = verifying.issuer.token()
    assert await verifying.verdict(token) == JANE
    verifying.issuer.keys["key-1"] = ec.generate_private_key(ec.SECP256R1())
    verifying.passed = FRESH_SECONDS + 1
    assert await verifying.verdict(token) == "signature"
    verifying.issuer.keys = {"key-2": verifying.issuer.keys["key-1"]}
    verifying.passed *= 2
    assert await verifying.verdict(token) == "unknown_key"


@pytest.mark.requirement("authorization.tokens")
async def test_a_token_that_was_changed_is_another(signatures: list[str]) -> None:
    verifying = Verifying()
    token = verifying.issuer.token()
    assert await verifying.verdict(token) == JANE
    head, claims, signature = token.split(".")
    _, others_claims, others_signature = verifying.issuer.token(sub=JOHN).split(".")
    changed = [f"{head}.{claims}.{others_signature}", f"{head}.{others_claims}.{signature}"]
    assert [await verifying.verdict(each) for each in changed] == ["signature", "signature"]
    assert len(signatures) == 3


@pytest.mark.requirement("authorization.tokens")
async def test_a_refused_token_is_never_known(signatures: list[str]) -> None:
    verifying = Verifying()
    for token, problem in ((verifying.issuer.token(exp=1), "expired"), (verifying.issuer.token(sub=""), "claims")):
        assert [await verifying.verdict(token) for _ in range(2)] == [problem, problem]
    assert len(signatures) == 4


@pytest.mark.requirement("authorization.tokens")
async def test_of_too_many_tokens_the_newest_are_known(signatures: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_tokens, "MOST_KNOWN", 2)
    verifying = Verifying()
    tokens = [verifying.issuer.token(sub=f"agent-{number}") for number in range(3)]
    for token in (*tokens, *reversed(tokens)):
        assert (await verifying.verdict(token)).startswith("agent-")
    assert signatures == [*tokens, tokens[0]]
