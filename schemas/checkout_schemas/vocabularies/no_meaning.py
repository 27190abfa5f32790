"""Words that callers send where they mean nothing in particular, and that look like codes."""

_WORDS = frozenset("na n/a n.a n.a. n\\a n-a all".split())
"""``NA`` is Namibia and ``ALL`` the Albanian lek, in capitals only."""


def means_nothing(word: str) -> bool:
    return "".join(word.split()).casefold() in _WORDS
