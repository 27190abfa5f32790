"""Sealing of orders at rest: AES-256-GCM, bound to its place, with keys that can be rotated."""

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import secrets
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"
KEY_ID_BYTES = 4


class SealBroken(Exception):
    """What was sealed cannot be opened: another key, another place, or changed bytes."""


class KeyUnusable(Exception):
    """A sealing key cannot be used. The text says which one and where, never its value."""


class Sealer:
    """Seals with the first key and opens with all.

    A sealed text is bound to its ``context``, so that it cannot be moved to another row.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {_key_id(key): key for key in keys}
        self._first = _key_id(keys[0])

    def __repr__(self) -> str:
        return f"Sealer({len(self._keys)} keys)"

    def derived_keys(self, purpose: str) -> list[bytes]:
        """Keys of 32 bytes for another purpose, in the same order; equal wherever the sealing keys are."""
        ring = [self._keys[self._first], *(key for key_id, key in self._keys.items() if key_id != self._first)]
        return [hmac.digest(key, f"checkout {purpose}".encode(), "sha256") for key in ring]

    def fingerprint(self, content: bytes, *, purpose: str) -> str:
        """64 hex digits that tell contents apart and say nothing about them to who has no key."""
        return self.fingerprints(content, purpose=purpose)[0]

    def fingerprints(self, content: bytes, *, purpose: str) -> list[str]:
        """The fingerprint under every key, the present one first: what was stored before a rotation is found by it."""
        return [hmac.digest(key, content, "sha256").hex() for key in self.derived_keys(purpose)]

    def seal(self, plaintext: bytes, *, context: str) -> bytes:
        """The sealed bytes: version, key id, nonce, ciphertext with tag."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        header = VERSION + self._first
        sealed = _cipher(self._keys[self._first]).encrypt(nonce, plaintext, header + context.encode())
        return header + nonce + sealed

    def is_sealed_by_first(self, sealed: bytes) -> bool:
        """Whether the first key sealed it, as far as its own words go."""
        return sealed[1:5] == self._first

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """The plaintext.

        Raises:
            SealBroken: it was not sealed here, for this context, with one of these keys.
        """
        from cryptography.exceptions import InvalidTag

        header, nonce, body = sealed[:5], sealed[5:17], sealed[17:]
        key = self._keys.get(header[1:])
        if key is None or header[:1] != VERSION or len(nonce) != NONCE_BYTES:
            raise SealBroken
        try:
            return _cipher(key).decrypt(nonce, body, header + context.encode())
        except InvalidTag:
            raise SealBroken from None


def _cipher(key: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"checkout key id" + key).digest()[:KEY_ID_BYTES]


def parse_keys(text: str) -> list[bytes]:
    """Keys of the setting ``CHECKOUT_SECRET_KEYS``: comma-separated, 32 bytes each, base64url or hex.

    Raises:
        KeyUnusable: naming the number of the key.
    """
    return [
        _decode(part.strip(), f"CHECKOUT_SECRET_KEYS: key {number}") for number, part in enumerate(text.split(","), 1)
    ]


def _decode(text: str, place: str) -> bytes:
    key = b""
    with contextlib.suppress(ValueError, binascii.Error):
        key = (
            bytes.fromhex(text)
            if len(text) == KEY_BYTES * 2
            # Strictly: the lenient decoder leaves out what is not base64, and would open with a mistyped key.
            else base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        )
    if len(key) != KEY_BYTES:
        raise KeyUnusable(f"{place} is not 32 bytes in base64url or hex.")
    return key


def spellings(key: bytes) -> tuple[str, str, str]:
    """A key as it may have been written down."""
    return key.hex(), base64.urlsafe_b64encode(key).decode().rstrip("="), base64.b64encode(key).decode().rstrip("=")


def load_or_create_keys(path: Path) -> list[bytes]:
    """Keys of a file, one a line; a first key is made when there is no file. Two processes get the same.

    A file that others could read is made readable by its owner alone, where the system knows such modes.

    Raises:
        KeyUnusable: the file cannot be read, made or understood.
    """
    try:
        if not path.exists():
            _create(path)
        elif os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            with contextlib.suppress(OSError):
                path.chmod(0o600)
        lines = path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        raise KeyUnusable(
            "The key file beside the ledger cannot be read or made; check its folder, or set CHECKOUT_SECRET_KEYS."
        ) from None
    if not lines:
        raise KeyUnusable("The key file beside the ledger is empty; restore it, or move the ledger away with it.")
    return [_decode(line, f"The key file beside the ledger: line {number}") for number, line in enumerate(lines, 1)]


def _create(path: Path) -> None:
    """Write a whole file under another name, then give it its own without replacing one that came first."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".keys-")  # 0600 from the start
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            # Windows' rename does not replace; elsewhere a hard link does not.
            (os.rename if os.name == "nt" else os.link)(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
