"""Sealing: only here, only there, only with a known key."""

import asyncio
import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_server.privacy.sealing import KeyUnusable, SealBroken, Sealer, load_or_create_keys, parse_keys

OLD, NEW = b"\x01" * 32, b"\x02" * 32


@pytest.mark.requirement("seal.orders")
@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_opens_again(plaintext: bytes, context: str) -> None:
    sealer = Sealer([OLD])
    sealed = sealer.seal(plaintext, context=context)
    assert sealer.open(sealed, context=context) == plaintext


@pytest.mark.requirement("seal.orders")
@given(st.data())
def test_a_changed_byte_breaks_the_seal(data: st.DataObject) -> None:
    sealer = Sealer([OLD])
    sealed = bytearray(sealer.seal(b"order", context="prv_1"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        sealer.open(bytes(sealed), context="prv_1")


@pytest.mark.requirement("seal.orders")
def test_a_seal_holds_for_its_context_and_keys_only() -> None:
    sealed = Sealer([OLD]).seal(b"order", context="prv_1")
    assert b"order" not in sealed
    with pytest.raises(SealBroken):
        Sealer([OLD]).open(sealed, context="prv_2")
    with pytest.raises(SealBroken):
        Sealer([NEW]).open(sealed, context="prv_1")
    with pytest.raises(SealBroken):
        Sealer([OLD]).open(b"", context="prv_1")


@pytest.mark.requirement("seal.orders")
def test_keys_rotate_the_first_seals_and_all_open() -> None:
    rotated = Sealer([NEW, OLD])
    assert rotated.open(Sealer([OLD]).seal(b"before", context="c"), context="c") == b"before"
    assert Sealer([NEW]).open(rotated.seal(b"after", context="c"), context="c") == b"after"


@pytest.mark.requirement("seal.keys")
def test_keys_are_read_as_hex_or_base64url() -> None:
    assert parse_keys(f"{OLD.hex()}, AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI") == [OLD, NEW]


@pytest.mark.requirement("seal.keys")
def test_an_unusable_key_is_named_by_its_number_alone() -> None:
    with pytest.raises(KeyUnusable, match=r"^CHECKOUT_SECRET_KEYS: key 2 is not 32 bytes in base64url or hex\.$"):
        parse_keys(f"{OLD.hex()},hunter2")


@pytest.mark.requirement("seal.keys")
def test_a_mistyped_key_is_refused_and_not_read_around() -> None:
    key = base64.urlsafe_b64encode(OLD).decode()
    assert parse_keys(key) == [OLD]
    with pytest.raises(KeyUnusable, match=r"^CHECKOUT_SECRET_KEYS: key 1 is not 32 bytes in base64url or hex\.$"):
        parse_keys(f"{key[:10]}!{key[10:]}")


@pytest.mark.requirement("seal.orders")
def test_a_sealer_does_not_show_its_keys() -> None:
    assert repr(Sealer([OLD, NEW])) == "Sealer(2 keys)"


@pytest.mark.requirement("seal.orders")
async def test_processes_that_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from checkout_server.privacy.sealing import load_or_create_keys; "
        "sys.stdin.readline(); print(load_or_create_keys(Path(sys.argv[1]))[0].hex())"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, str(tmp_path / "keys"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    outputs = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    assert len({output for output, _ in outputs}) == 1
    assert load_or_create_keys(tmp_path / "keys")[0].hex().encode() == outputs[0][0].strip()
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


@pytest.mark.requirement("seal.orders")
def test_a_new_key_file_gives_the_same_key_again(tmp_path: Path) -> None:
    [key] = load_or_create_keys(tmp_path / "keys")
    assert len(key) == 32
    assert load_or_create_keys(tmp_path / "keys") == [key]


@pytest.mark.requirement("ledger.owner_only")
@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_a_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    keys = load_or_create_keys(path)
    modes = [stat.S_IMODE(path.stat().st_mode)]
    path.chmod(0o644)
    assert load_or_create_keys(path) == keys
    modes.append(stat.S_IMODE(path.stat().st_mode))
    assert modes == [0o600, 0o600]


@pytest.mark.requirement("seal.keys")
def test_a_key_file_holds_one_key_a_line_and_a_bad_line_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"{OLD.hex()}\n{NEW.hex()}\n")
    assert load_or_create_keys(path) == [OLD, NEW]
    path.write_text(f"{OLD.hex()}\nhunter2\n")
    with pytest.raises(
        KeyUnusable, match=r"^The key file beside the ledger: line 2 is not 32 bytes in base64url or hex\.$"
    ):
        load_or_create_keys(path)


@pytest.mark.requirement("seal.orders")
def test_a_key_file_that_cannot_be_made_is_said_without_its_path(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable) as caught:
        load_or_create_keys(tmp_path / "no folder" / "keys")
    assert str(caught.value) == (
        "The key file beside the ledger cannot be read or made; check its folder, or set CHECKOUT_SECRET_KEYS."
    )


@pytest.mark.requirement("seal.keys")
def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").touch()
    with pytest.raises(KeyUnusable, match="empty"):
        load_or_create_keys(tmp_path / "keys")
