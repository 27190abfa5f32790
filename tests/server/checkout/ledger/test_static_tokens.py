"""Static tokens in a ledger: found by their hash while they count, and listed without being found."""

from dataclasses import replace
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import Ledger
from checkout_server.checkout.ledger.static_tokens import StaticToken

BOT = StaticToken(
    token_id="tok_1", token_hash="hash 1", ending="wxyz", name="bot", scopes="checkout:read", created_at=1.0
)
OTHER = replace(BOT, token_id="tok_2", token_hash="hash 2", created_at=2.0)


@pytest.mark.requirement("authorization.static")
async def test_a_token_is_found_by_its_hash_until_it_is_revoked(storage: Any, ledger: Ledger) -> None:
    another = await storage.open()
    assert not await ledger.has_tokens()
    await ledger.store_token(BOT)
    await ledger.store_token(OTHER)
    assert [await each.find_token("hash 1") for each in (ledger, another)] == [BOT, BOT]
    assert await ledger.find_token("tok_1") is None
    assert await another.revoke_token("tok_1", now=3.0)
    assert [await each.find_token("hash 1") for each in (ledger, another)] == [None, None]
    assert not await ledger.revoke_token("tok_1", now=4.0)
    assert not await ledger.revoke_token("tok_9", now=4.0)
    assert await ledger.list_tokens(most=10) == [OTHER, replace(BOT, revoked_at=3.0)]
    assert await ledger.list_tokens(most=1) == [OTHER]


@pytest.mark.requirement("authorization.static")
async def test_a_ledger_remembers_that_it_had_tokens_when_none_counts(ledger: Ledger) -> None:
    await ledger.store_token(BOT)
    await ledger.revoke_token("tok_1", now=2.0)
    assert await ledger.has_tokens()
