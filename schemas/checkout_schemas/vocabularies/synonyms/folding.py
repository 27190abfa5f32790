"""One form for all spellings of a word."""

import re
import unicodedata

_DROPPED = {"the"}
_SPELT_OUT = {"st": "saint", "&": "and"}
_WORD = re.compile(r"&|[^\W_]+|[^\w\s]")


def fold(text: str) -> str:
    """A word without case, accents, spaces, punctuation, plural and ``the``: ``U.S. dollars`` and ``usDollar`` alike.

    Currency symbols stay.
    """
    plain = "".join(
        each
        for each in unicodedata.normalize("NFKD", text.casefold())
        if unicodedata.category(each) != "Mn" and each not in ".'’`"
    )
    found: list[str] = _WORD.findall(plain)
    words = [_SPELT_OUT.get(word, word) for word in found if word not in _DROPPED]
    kept = (word for word in words if word.isalnum() or unicodedata.category(word[0]) == "Sc")
    return "".join(word.removesuffix("s") if len(word) > 3 else word for word in kept)
