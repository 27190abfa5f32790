"""Personal values of the requests in flight: the last net under what other libraries and prints say.

It is never asked about our own fields, or a caller could blank the diagnostics by a name that is a word of theirs.
"""

import builtins
import re
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from functools import lru_cache
from typing import get_args
from urllib.parse import unquote_plus

from checkout_server.privacy.personal_values.readings import folded, readings
from checkout_server.privacy.vocabulary.checks import CHECKS
from checkout_server.privacy.vocabulary.event_names import Event
from checkout_server.privacy.vocabulary.fields import Method
from checkout_server.privacy.vocabulary.routes import ROUTES
from checkout_server.privacy.vocabulary.templates import TEMPLATES

HEAD = 4
"""Bytes by which a piece is looked up. What is shorter is in every other line, and not looked for."""
FEWEST_DIGITS = 7
"""Of a value that is nothing but digits and signs: shorter ones are years, ports and counts."""
WHOLE_WORD = 12
"""Bytes. An ASCII piece below this must stand by itself: ``Anna`` is not in ``annals``."""
CUT = 12
"""Bytes. Of a value twice as long parts of this length are looked for too: libraries cut values in the middle."""
LOOKED_AT = 2048
"""Characters of a value; what follows is not looked for."""
LOOKED_AT_IN_ALL = 32_768
"""Characters of one request, which may be megabytes: while its values are taken, every other call waits."""
MOST_PIECES = 2_000
"""Of one request."""
REMEMBERED_SECONDS = 60.0
REMEMBERED_PIECES = 20_000
"""How long, and how many, the values of ended requests are known: threads and queues log late."""

_BESIDE_EMAILS = re.compile(r"[\s\"'<>()\[\]{},;:/?&=]+")
_TOKEN = re.compile(r"eyJ[\w-]{20,}|dcm_[\w-]{20,}|[A-Za-z0-9]_secret_(?=\w*[0-9])\w{8,}")
"""A JWT, a static token of ours, or a payment's client secret. By its form, since it comes often or outlives a call."""
_NUMBER = re.compile(r"\+?[0-9][0-9 ()./-]{5,30}[0-9]")
_WHOLE_NUMBER = re.compile(rf"(?<!\w){_NUMBER.pattern}(?!\w)")
"""No part of an id."""
_OUR_WORDS = "\n".join(
    (
        *TEMPLATES, *CHECKS, *ROUTES, *get_args(Event), *get_args(Method),
        "critical", "error", "warning", "info", "debug", "other", "none", "null", "true", "false",
    )
).casefold()  # fmt: skip


class Registry:
    """Knows the personal values of the requests in flight, and the secrets of this process.

    ``holds`` costs the same however many are known, and takes no lock: a line can come from any thread at any
    moment, also from a finaliser in the one that holds it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._uses: Counter[bytes] = Counter()
        self._lengths: dict[int, Counter[int]] = {}
        """Of the pieces that begin with a head."""
        self._ended: deque[tuple[float, frozenset[bytes]]] = deque()
        self._remembered = 0

    @contextmanager
    def request(self, texts: Iterable[str]) -> Generator[None]:
        """Know the texts of a request while it is handled, and for ``REMEMBERED_SECONDS`` after. For all threads."""
        pieces = self._know(texts)
        try:
            yield
        finally:
            self._end(pieces)

    def note(self, *texts: str | None) -> None:
        """Know what an answer said of somebody, as long as the values of an ended request."""
        self._end(self._know(filter(None, texts)))

    def keep_secret(self, *texts: str) -> None:
        """Know keys, tokens and passwords for the life of the process."""
        self._know(texts)

    def holds(self, text: str) -> bool:
        """Whether a text contains one of the values, raw, case-folded, normalised, escaped or encoded; or any token."""
        if _TOKEN.search(text):
            return True
        return bool(self._lengths) and any(
            self._stands_in(folded(each)) or any(map(self._is_known_number, _WHOLE_NUMBER.findall(each)))
            for each in readings(text)
        )

    def _is_known_number(self, number: str) -> bool:
        """Whether a number is one of the values, however it is grouped, and with a country's code before it."""
        digits = _digits(number)
        starts = range(4) if number.startswith("+") or digits.startswith("00") else range(1)
        return any(digits.lstrip("0")[start:].encode() in self._uses for start in starts)

    def _stands_in(self, text: bytes) -> bool:
        # Every four bytes as a number, since most lines are no hit and this runs in C.
        heads: set[int] = set()
        for offset in range(min(HEAD, len(text) - HEAD + 1)):
            heads.update(memoryview(text)[offset : len(text) - (len(text) - offset) % HEAD].cast("I"))
        return any(self._begins(head, text) for head in filter(self._lengths.__contains__, heads))

    def _begins(self, head: int, text: bytes) -> bool:
        """Whether one of the pieces with this head stands in a text."""
        lengths = tuple(self._lengths.get(head, ()))
        first = head.to_bytes(HEAD, sys.byteorder)
        start = text.find(first)
        while start >= 0:
            for length in lengths:
                piece = text[start : start + length]
                if piece in self._uses and _stands_alone(text, start, start + length) and not _is_code(piece):
                    return True
            start = text.find(first, start + 1)
        return False

    def _know(self, texts: Iterable[str]) -> frozenset[bytes]:
        found: set[bytes] = set()
        left = LOOKED_AT_IN_ALL
        for text in texts:
            found |= _pieces(text)
            left -= min(len(text), LOOKED_AT) + HEAD
            if left < 0 or len(found) >= MOST_PIECES:
                break
        with self._lock:
            self._forget_old()
            for piece in found:
                self._uses[piece] += 1
                if self._uses[piece] == 1:
                    self._lengths.setdefault(_head(piece), Counter())[len(piece)] += 1
        return frozenset(found)

    def _end(self, pieces: frozenset[bytes]) -> None:
        with self._lock:
            self._ended.append((self._clock() + REMEMBERED_SECONDS, pieces))
            self._remembered += len(pieces)
            self._forget_old()

    def _forget_old(self) -> None:
        now = self._clock()
        while self._ended and (self._ended[0][0] < now or self._remembered > REMEMBERED_PIECES):
            _, pieces = self._ended.popleft()
            self._remembered -= len(pieces)
            for piece in pieces:
                self._forget(piece)

    def _forget(self, piece: bytes) -> None:
        self._uses[piece] -= 1
        if self._uses[piece]:
            return
        del self._uses[piece]
        head, length = _head(piece), len(piece)
        lengths = self._lengths[head]
        lengths[length] -= 1
        if not lengths[length]:
            del lengths[length]
        if not lengths:
            del self._lengths[head]


def _pieces(text: str) -> set[bytes]:
    """What a value is known by: itself, its lines, e-mails and numbers in it, and the parts of a long one."""
    found: set[bytes] = set()
    # The decoded reading too: a caller may have sent a value that was encoded already.
    for whole in {text[:LOOKED_AT], unquote_plus(text[:LOOKED_AT])}:
        parts = [whole, *whole.splitlines()]
        for email in _BESIDE_EMAILS.split(whole) if "@" in whole else ():
            local, at, _host = email.rpartition("@")
            parts += [email] * bool(at) + [local] * (len(local) > HEAD)
        for number in _NUMBER.findall(whole):
            parts += [number, _digits(number), _digits(number).lstrip("0")]
        for part in filter(_tells_somebody, map(folded, parts)):
            found.add(part)
            if len(part) >= 2 * CUT:
                found |= {part[at : at + CUT] for at in range(0, len(part) - CUT, CUT // 2)} | {part[-CUT:]}
    return found


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))


def _tells_somebody(part: bytes) -> bool:
    text = part.decode()
    enough = any(character.isalpha() for character in text) or sum(map(str.isdigit, text)) >= FEWEST_DIGITS
    return enough and len(part) >= HEAD


def _is_code(piece: bytes) -> bool:
    """Whether a value says nothing but words of ours or of code: a caller must not blank the lines they stand in.

    Asked only of a piece that was found, so that it costs a line nothing.
    """
    text = piece.decode("utf-8", "replace")
    words, names = _words_of_code(len(sys.modules))
    return text in _OUR_WORDS or text in words or (len(piece) >= CUT and text in names)


@lru_cache(maxsize=1)
def _words_of_code(_loaded: int) -> tuple[frozenset[str], str]:
    """Of which names of modules, files and exceptions are made, and the whole names in one text, for parts of them."""
    modules = [name.lower() for name in list(sys.modules)]
    files = [name.replace(".", "/") for name in modules]
    whole = {*modules, *(f"{file}.py" for file in files), *(f"{file}/__init__.py" for file in files)}
    names = {part for name in modules for part in (name, *name.split("."))} | set(map(str.lower, dir(builtins)))
    words = names | {word for name in names for word in name.split("_")}
    return frozenset(words | {f"{word}.py" for word in words} | whole), "\n".join(whole)


def _head(piece: bytes) -> int:
    return int.from_bytes(piece[:HEAD], sys.byteorder)


def _stands_alone(text: bytes, start: int, end: int) -> bool:
    """Whether a short ASCII piece is a word of its own; any other counts wherever it is."""
    if end - start >= WHOLE_WORD or not text[start:end].isascii():
        return True
    before, after = text[max(start - 1, 0) : start + 1], text[end - 1 : end + 1]
    return not (len(before) == 2 and before.isalnum()) and not (len(after) == 2 and after.isalnum())


in_flight = Registry()
"""Of this process."""
