"""What a text says to who decodes it, in one form for all spellings."""

import base64
import binascii
import re
import sys
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

LAYERS = 3
"""How many encodings over one another are undone."""

_ESCAPE = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}(?:\\x[0-9a-fA-F]{2})*|u[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})*|U[0-9a-fA-F]{8}|[\\/'nrtbf])"
)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_PERCENT = re.compile("%[0-9a-fA-F]{2}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


def folded(text: str) -> bytes:
    """NFKC without case; one space for white space and ``+``; a quote without its backslash."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(text.lower().replace("+", " ").replace('\\"', '"').split()).encode("utf-8", "replace")


def readings(text: str) -> Iterator[str]:
    """The text, and the same with one layer of encoding after another undone; what was base64 stands at its end."""
    for _ in range(LAYERS + 1):
        yield text
        plain = unquote(text) if _PERCENT.search(text) else text
        if "&" in plain:
            import html  # its table of two thousand names is rarely needed

            plain = html.unescape(plain)
        plain = " ".join((_ESCAPE.sub(_unescaped, plain), *_from_base64(text)))
        if plain == text:
            return
        text = plain


def _unescaped(match: re.Match[str]) -> str:
    """What JSON or ``repr`` escaped. Bytes are UTF-8, as in a ``repr`` of bytes, or else a string's own."""
    escape, kind = match[0], match[0][1]
    digits = re.sub(r"\\[xuU]", "", escape)
    match kind:
        case "x":
            raw = bytes.fromhex(digits)
            try:
                return raw.decode()
            except UnicodeDecodeError:
                return raw.decode("latin-1")
        case "u":  # JSON writes pairs of surrogates
            return bytes.fromhex(digits).decode("utf-16-be", "replace")
        case "U":
            return chr(min(int(digits, 16), sys.maxunicode))
        case _:
            return _CONTROLS.get(kind, kind)


def _from_base64(text: str) -> Iterator[str]:
    """What the longer words of a text say in base64, where that is new."""
    for match in _BASE64.finditer(text):
        word = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            said = base64.b64decode(word + "=" * (-len(word) % 4)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        if said not in text:
            yield said
