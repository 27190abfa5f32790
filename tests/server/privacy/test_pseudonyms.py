"""Pseudonyms tell people apart, and name nobody."""

import hashlib
import hmac

import pytest

from checkout_server.privacy.pseudonyms import Pseudonyms

pytestmark = pytest.mark.requirement("privacy.pseudonyms")

KEY = b"k" * 32
NAMES = Pseudonyms(KEY)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("email", "Jane.Doe@Example.com", " jane.doe@example.COM"),
        ("phone", "+49 (151) 234-56789", "+4915123456789"),
        ("name", "Zoë  Müller", "zoe\u0308 mu\u0308ller"),
    ],
)
def test_what_is_the_same_to_a_person_has_one_pseudonym(kind: str, one: str, other: str) -> None:
    assert NAMES.of(kind, one) == NAMES.of(kind, other)  # pyright: ignore[reportArgumentType] - a kind of the table


def test_it_is_twelve_hex_digits_of_a_keyed_hash() -> None:
    pseudonym = NAMES.of("email", "jane@example.com")
    assert pseudonym == hmac.digest(KEY, b"email\x00jane@example.com", "sha256").hex()[:12]
    plain = [hashlib.new(name, b"jane@example.com").hexdigest() for name in ("md5", "sha1", "sha256")]
    assert not any(each.startswith(pseudonym or "?") for each in plain)


def test_kinds_and_keys_are_apart() -> None:
    made = {NAMES.of("email", "x@y.z"), NAMES.of("name", "x@y.z"), Pseudonyms(b"o" * 32).of("email", "x@y.z")}
    assert len(made) == 3


def test_without_a_key_it_ends_with_the_process() -> None:
    assert Pseudonyms().of("name", "Jane") != Pseudonyms().of("name", "Jane")
    assert "k" * 8 not in repr(NAMES)


@pytest.mark.parametrize(
    "card", ["4242424242424242", "4242 4242 4242 4242", "card 3782-822463-10005", "４２４２424242424242"]
)
def test_a_card_number_has_none(card: str) -> None:
    assert NAMES.of("name", card) is None
    assert NAMES.of("name", card.replace("2", "3", 1)) is not None
