"""Personal values of the requests in flight: the last net under what other libraries and prints say.

It is never asked about our own fields, or a caller could blank the diagnostics by a name that is a word of theirs.
"""

import html
import re
import sys
import threading
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import get_args
from urllib.parse import unquote, unquote_plus

from checkout_server.privacy.templates import TEMPLATES
from checkout_server.privacy.vocabulary import CHECKS, Event, Method

SHORTEST = 4
"""Characters of a value that is looked for; shorter ones are in every other line."""
FEWEST_DIGITS = 7
"""Of a value that is nothing but digits and signs: shorter ones are years, ports and counts."""
LONG = 24
"""From this length on a value's beginning and end are looked for, too: libraries cut values in the middle."""
REMEMBERED_SECONDS = 60.0
REMEMBERED_REQUESTS = 256
"""How long, and of how many, the values of ended requests are known: threads and queues log late."""

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_OUR_WORDS = "\n".join(
    (*TEMPLATES, *CHECKS, *get_args(Event), *get_args(Method), "critical", "error", "warning", "info", "debug", "other")
).casefold()


class Registry:
    """Knows the personal values of the requests in flight, and the secrets of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.RLock()  # a finaliser may log while the lock is held
        self._secrets: frozenset[str] = frozenset()
        self._requests: dict[int, frozenset[str]] = {}
        self._ended: deque[tuple[float, frozenset[str]]] = deque(maxlen=REMEMBERED_REQUESTS)
        self._next = 0

    @contextmanager
    def request(self, texts: Iterable[str]) -> Generator[None]:
        """Know the texts of a request while it is handled, and for ``REMEMBERED_SECONDS`` after. For all threads."""
        needles = _needles(texts)
        with self._lock:
            self._next += 1
            number = self._next
            self._requests[number] = needles
        try:
            yield
        finally:
            with self._lock:
                del self._requests[number]
                self._ended.append((self._clock() + REMEMBERED_SECONDS, needles))

    def note(self, *texts: str | None) -> None:
        """Know what an answer said of somebody, as long as the values of an ended request."""
        with self._lock:
            self._ended.append((self._clock() + REMEMBERED_SECONDS, _needles(filter(None, texts))))

    def keep_secret(self, *texts: str) -> None:
        """Know keys, tokens and passwords for the life of the process."""
        with self._lock:
            self._secrets |= _needles(texts)

    def holds(self, text: str) -> bool:
        """Whether a text contains one of the values: raw, case-folded, normalised, escaped or URL-encoded."""
        with self._lock:
            while self._ended and self._ended[0][0] < self._clock():
                self._ended.popleft()
            known = [self._secrets, *self._requests.values(), *(needles for _, needles in self._ended)]
        readings = _readings(text)
        return any(needle in reading for needles in known for needle in needles for reading in readings)


def _canonical(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _needles(texts: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for text in texts:
        # The encoded reading too: a caller may have sent a value that was encoded already.
        for whole in {_canonical(text).strip(), _canonical(unquote_plus(text)).strip()}:
            parts = [whole, *(line.strip() for line in whole.splitlines())]
            local, at, _domain = whole.rpartition("@")
            parts += [local] if at and len(local) > SHORTEST else []
            parts += [whole[: LONG // 2], whole[-LONG // 2 :]] if len(whole) >= LONG else []
            digits = "".join(character for character in whole if character.isdigit())
            parts += [digits] if whole[:1] == "+" else []
            found.update(part for part in parts if _tells_somebody(part))
    return frozenset(found)


def _tells_somebody(part: str) -> bool:
    if part in _OUR_WORDS:
        return False
    if not any(character.isalpha() for character in part):
        return sum(character.isdigit() for character in part) >= FEWEST_DIGITS
    # A name in a script of syllables or words says in two characters what takes six in Latin.
    return len(part) >= (SHORTEST if part.isascii() else 2)


def _readings(text: str) -> list[str]:
    """The text, and what it says to who decodes it."""
    raw = {text}
    if "%" in text or "+" in text:
        once = {unquote_plus(text), unquote(text)}
        raw |= once | {unquote_plus(each) for each in once}
    if "\\" in text:
        once = {_unescaped(each) for each in raw}
        raw |= once | {_unescaped(each) for each in once}
    if "&" in text:
        raw |= {html.unescape(each) for each in tuple(raw)}
    return [_canonical(each) for each in raw]


def _unescaped(text: str) -> str:
    """What JSON or ``repr`` escaped."""

    def character(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        return chr(min(int(code, 16), sys.maxunicode)) if code else _CONTROLS.get(match[4], match[4])

    decoded = _ESCAPE.sub(character, text)
    return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # JSON writes pairs of surrogates


in_flight = Registry()
"""Of this process."""
