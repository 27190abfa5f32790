"""What was meant by a word of a closed vocabulary, in our own words only."""

from collections.abc import Iterable

from checkout_schemas.parsing.spelling import nearest_spelling
from checkout_schemas.vocabularies.synonyms.folding import fold
from checkout_schemas.vocabularies.synonyms.meanings import LONGEST_WORD, VOCABULARIES, join_words, meant_by
from checkout_schemas.vocabularies.synonyms.short_words import SHORT_WORDS


def meant_in_vocabulary(value: object, vocabulary: str) -> str:
    """For a vocabulary too long to list. Spelling tells nothing here: three letters are near to many countries."""
    meant = meant_by(value, vocabulary) if isinstance(value, str) else None
    return f"did you mean {meant}?" if meant else VOCABULARIES[vocabulary].otherwise


def meant_in_list(value: object, words: Iterable[str], *, is_required: bool) -> str:
    """For a short vocabulary that is published: by meaning, else by spelling, else all of it.

    Whoever meant all of the words, or none, leaves an optional field out.
    """
    words = list(words)
    if isinstance(value, str) and len(value) <= LONGEST_WORD:
        key = fold(value)
        meant = [word for name, known in SHORT_WORDS.items() if fold(name) == key for word in known if word in words]
        if meant:
            return did_you_mean(meant)
        if near := nearest_spelling(value, words):
            return did_you_mean([near])
    return f"{'' if is_required else 'leave it out, or '}use {join_words(words, 'or')}"


def did_you_mean(words: Iterable[str]) -> str:
    return f"did you mean {join_words(words, 'or')}?"
