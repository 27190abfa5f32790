"""Servers that share a ledger and do not share its keys are noticed, and no order of rotation locks anyone out."""

import asyncio
from typing import Any

import pytest

from checkout_server.checkout.ledger import key_probe
from checkout_server.checkout.ledger.contract import Ledger
from checkout_server.checkout.ledger.key_probe import check_keys
from checkout_server.privacy.sealing import KeyUnusable, Sealer

OLD, NEW, OTHER = (bytes([number]) * 32 for number in (1, 2, 3))


async def start(ledger: Ledger, *keys: bytes, generated: bool = False, serves: bool = True) -> None:
    await check_keys(ledger, Sealer(keys), generated=generated, serves=serves)


@pytest.mark.requirement("ledger.keys")
async def test_keys_are_rotated_step_by_step_without_locking_anyone_out(ledger: Ledger) -> None:
    for keys in ([OLD], [OLD, NEW], [NEW, OLD], [NEW]):
        await start(ledger, *keys)
        await start(ledger, *keys)
    with pytest.raises(KeyUnusable):
        await start(ledger, OLD)


@pytest.mark.requirement("ledger.keys")
async def test_servers_of_two_steps_of_a_rotation_start_in_any_order(ledger: Ledger) -> None:
    await start(ledger, OLD)
    for keys in ([OLD, NEW], [OLD], [NEW, OLD], [OLD, NEW], [NEW, OLD], [NEW], [NEW, OLD], [NEW]):
        await start(ledger, *keys)


@pytest.mark.requirement("ledger.keys")
async def test_an_operators_command_with_keys_of_an_earlier_step_locks_no_server_out(ledger: Ledger) -> None:
    await start(ledger, OLD, serves=False)
    for keys in ([OLD], [OLD, NEW], [NEW, OLD]):
        await start(ledger, *keys)
    await start(ledger, OLD, NEW, serves=False)
    await start(ledger, NEW)
    with pytest.raises(KeyUnusable):
        await start(ledger, OLD, serves=False)


@pytest.mark.requirement("ledger.keys")
async def test_other_keys_are_refused_with_a_way_on_and_change_nothing(ledger: Ledger) -> None:
    await start(ledger, OLD)
    for generated, sentence in (
        (False, "has none of the keys that the ledger is sealed with; add the key of its other servers"),
        (True, "sealed with a key of CHECKOUT_SECRET_KEYS, which is not set"),
    ):
        with pytest.raises(KeyUnusable, match=sentence):
            await start(ledger, OTHER, generated=generated)
    await start(ledger, OLD)


@pytest.mark.requirement("ledger.keys")
async def test_a_lost_generated_key_is_replaced_and_reported(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    monkeypatch.setattr(key_probe, "emit", events.append)
    await start(ledger, OLD, generated=True)
    await start(ledger, NEW, generated=True)
    assert events == ["ledger.key_lost"]
    await start(ledger, NEW, generated=True)
    with pytest.raises(KeyUnusable, match="a generated one is in the file beside the ledger"):
        await start(ledger, OTHER)
    await start(ledger, OTHER, NEW)
    with pytest.raises(KeyUnusable, match="which is not set"):
        await start(ledger, bytes(32), generated=True)


@pytest.mark.requirement("once.concurrent")
async def test_of_servers_that_start_at_once_with_different_keys_one_kind_starts(storage: Any) -> None:
    ledgers = [await storage.open() for _ in range(4)]
    ended = await asyncio.gather(
        *(start(ledger, OLD if number % 2 else NEW) for number, ledger in enumerate(ledgers)), return_exceptions=True
    )
    assert sorted(str(type(each)) for each in ended[::2]) == [str(type(ended[0]))] * 2
    assert {type(ended[0]), type(ended[1])} == {type(None), KeyUnusable}
