"""The ledger's own key, and the principals that are known by it: the same whatever becomes of the sealing keys."""

import asyncio
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import Ledger
from checkout_server.checkout.ledger.ledger_key import LedgerKey
from checkout_server.checkout.principal import Principal, Scope
from checkout_server.checkout.principals import identify_principal
from checkout_server.privacy.sealing import KeyUnusable, Sealer

OLD, NEW = b"o" * 32, b"n" * 32
JANE = ("https://auth.example.com", "jane@example.com")


async def started(ledger: Ledger, *keys: bytes, generated: bool = False) -> LedgerKey:
    """The ledger's key at a server that starts with these sealing keys and asks for tokens."""
    key = LedgerKey(ledger, Sealer(keys))
    await key.seal_again(generated=generated)
    await key.load()
    return key


def identified(key: LedgerKey, *who: str) -> Principal:
    issuer, subject = who or JANE
    return identify_principal(key, issuer, subject, [Scope.READ, Scope.CREATE])


def id_of(key: LedgerKey, *who: str) -> str:
    return identified(key, *who).id


@pytest.mark.requirement("principal.id")
async def test_every_server_of_a_ledger_knows_a_principal_by_the_same_id(storage: Any) -> None:
    ledgers = [await storage.open() for _ in range(3)]
    servers = await asyncio.gather(*(started(each, OLD) for each in ledgers))
    assert len({id_of(each) for each in servers}) == 1


@pytest.mark.requirement("principal.id")
async def test_an_id_tells_nothing_of_whose_it_is_and_holds_what_the_token_allows(ledger: Ledger) -> None:
    jane = identified(await started(ledger, OLD))
    assert len(jane.id) == 32
    assert set(jane.id) <= set("0123456789abcdef")
    assert (jane.issuer, jane.subject, jane.scopes) == (*JANE, {Scope.READ, Scope.CREATE})
    assert "jane" not in repr(jane)
    assert "auth" not in repr(jane)


@pytest.mark.requirement("principal.id")
async def test_other_issuers_subjects_and_ledgers_have_other_ids(ledger: Ledger, storage: Any) -> None:
    key = await started(ledger, OLD)
    pairs = [JANE, ("https://auth.example.com", "jo"), ("https://auth.example.co", "m jane@example.com"), ("a b", "c")]
    ids = [id_of(key, *each) for each in (*pairs, ("a", "b c"), ("a", "\ud800"))]
    assert len(set(ids)) == len(ids)
    await storage.empty()
    assert id_of(await started(await storage.open(), OLD)) not in ids


@pytest.mark.requirement("principal.id")
async def test_rotating_the_sealing_keys_changes_nobodys_id(ledger: Ledger) -> None:
    jane = id_of(await started(ledger, OLD))
    for keys in [(OLD, NEW), (NEW, OLD), (NEW,)]:
        assert id_of(await started(ledger, *keys)) == jane


@pytest.mark.requirement("principal.id")
async def test_a_rotation_seals_the_key_again_before_anybody_signs_in(ledger: Ledger) -> None:
    jane = id_of(await started(ledger, OLD))
    await LedgerKey(ledger, Sealer([NEW, OLD])).seal_again(generated=False)
    assert id_of(await started(ledger, NEW)) == jane


@pytest.mark.requirement("principal.id")
async def test_a_server_without_the_key_that_sealed_it_does_not_start(ledger: Ledger) -> None:
    await started(ledger, OLD)
    with pytest.raises(KeyUnusable, match="add the key"):
        await LedgerKey(ledger, Sealer([NEW])).seal_again(generated=False)
    with pytest.raises(KeyUnusable, match="add the key"):
        await LedgerKey(ledger, Sealer([NEW])).load()


@pytest.mark.requirement("principal.id")
async def test_a_generated_key_that_was_lost_takes_the_ids_with_it_and_stops_no_start(ledger: Ledger) -> None:
    jane = id_of(await started(ledger, OLD, generated=True))
    after = await started(ledger, NEW, generated=True)
    assert id_of(after) != jane
    assert id_of(await started(ledger, NEW, generated=True)) == id_of(after)


@pytest.mark.requirement("principal.id")
async def test_nobody_is_identified_before_the_key_is_loaded(ledger: Ledger) -> None:
    with pytest.raises(RuntimeError):
        id_of(LedgerKey(ledger, Sealer([OLD])))


@pytest.mark.requirement("principal.id")
async def test_a_start_makes_no_key(ledger: Ledger) -> None:
    await LedgerKey(ledger, Sealer([OLD])).seal_again(generated=False)
    assert await ledger.find_ledger_key() is None


@pytest.mark.requirement("principal.id")
async def test_the_key_is_stored_sealed_and_replaced_by_who_saw_it_only(ledger: Ledger) -> None:
    await started(ledger, OLD)
    sealed = await ledger.find_ledger_key()
    assert sealed is not None
    assert not await ledger.store_ledger_key(b"another", instead_of=b"what was there before")
    assert not await ledger.store_ledger_key(b"another", instead_of=None)
    assert await ledger.find_ledger_key() == sealed
    assert await ledger.store_ledger_key(b"another", instead_of=sealed)
    assert await ledger.find_ledger_key() == b"another"
