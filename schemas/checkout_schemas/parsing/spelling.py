"""Which word a slip of the keyboard made another one of."""

from collections.abc import Iterable

from checkout_schemas.parsing.host_fields import snake_case

LONGEST_SPELT = 64
"""Characters. What is longer is no slip, and comparing it takes time."""
_SHORTEST_WITH_ONE_SLIP = 4
_SHORTEST_WITH_TWO_SLIPS = 9
"""Letters. In shorter words as many slips make another word, such as ``quality`` of ``quantity``."""


def nearest_spelling(value: str, words: Iterable[str]) -> str | None:
    """The word with the fewest slips: a letter missing, added, replaced or swapped with its neighbour.

    Case, spaces, hyphens and underscores do not count. A digit or a whole word that differs is no slip: it changes what
    is meant, as in ``line2`` or ``require_address``.
    """
    if len(value) > LONGEST_SPELT:
        return None
    found = [(slips, word) for word in words if (slips := _slips_between(value, word)) is not None]
    return min(found, key=lambda each: each[0])[1] if found else None


def _slips_between(value: str, word: str) -> int | None:
    """How many slips lie between two words; None where they are no slips."""
    parts, other_parts = snake_case(value).split("_"), snake_case(word).split("_")
    one, other = "".join(parts), "".join(other_parts)
    if one == other:
        return 0
    shortest = min(len(one), len(other))
    most = (shortest >= _SHORTEST_WITH_ONE_SLIP) + (shortest >= _SHORTEST_WITH_TWO_SLIPS)
    is_another = len(parts) != len(other_parts) or _digits(one) != _digits(other)
    if is_another or abs(len(one) - len(other)) > most:
        return None
    slips = count_slips(one, other)
    return slips if slips <= most else None


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def count_slips(one: str, other: str) -> int:
    """The Damerau-Levenshtein distance in which each letter is touched once (optimal string alignment)."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        here = [row]
        for column, facing in enumerate(other, 1):
            fewest = min(above[column] + 1, here[-1] + 1, above[column - 1] + (letter != facing))
            if row > 1 and column > 1 and (letter, one[row - 2]) == (other[column - 2], facing):
                fewest = min(fewest, before[column - 2] + 1)
            here.append(fewest)
        before, above = above, here
    return above[-1]
