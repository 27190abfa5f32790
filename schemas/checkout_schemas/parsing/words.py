"""What was meant by a word of a closed vocabulary or by the name of a field, in our own words only."""

import difflib
from collections.abc import Iterable

from checkout_schemas.vocabularies.synonyms.folding import fold
from checkout_schemas.vocabularies.synonyms.meanings import LONGEST_WORD, VOCABULARIES, join_words, meant_by
from checkout_schemas.vocabularies.synonyms.short_words import SHORT_WORDS


def meant_in_vocabulary(value: object, vocabulary: str) -> str:
    """For a vocabulary too long to list. Spelling tells nothing here: three letters are near to many countries."""
    meant = meant_by(value, vocabulary) if isinstance(value, str) else None
    return f"did you mean {meant}?" if meant else VOCABULARIES[vocabulary].otherwise


def meant_in_list(value: object, words: list[str]) -> str:
    """For a short vocabulary that is published: by meaning, else by spelling, else all of it."""
    if isinstance(value, str) and len(value) <= LONGEST_WORD:
        key = fold(value)
        meant = [word for name, known in SHORT_WORDS.items() if fold(name) == key for word in known if word in words]
        if meant:
            return did_you_mean(meant)
        if near := nearest_spelling(value, words):
            return did_you_mean([near])
    return f"use {join_words(words, 'or')}"


def nearest_spelling(value: str, words: Iterable[str]) -> str | None:
    """The word that is spelt most alike; case, spaces, hyphens and underscores do not count."""
    if len(value) > LONGEST_WORD:
        return None
    folded = {fold(word): word for word in words}
    matches = difflib.get_close_matches(fold(value), sorted(folded), n=1, cutoff=0.7)
    return folded[matches[0]] if matches else None


def did_you_mean(words: Iterable[str]) -> str:
    return f"did you mean {join_words(words, 'or')}?"
