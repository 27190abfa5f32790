"""Which variables of the environment were meant for this server, by their names alone."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping

PREFIXES = ("CHECKOUT_", "DODO_PAYMENTS_")

_OF_SHOPS = frozenset({"CHECKOUT_URL"})
"""What other programs of a shop call their own page: no slip of ``CHECKOUT_PUBLIC_URL``."""
_OF_A_SERVICE = re.compile(
    r".+_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)"
)
"""What Kubernetes gives each container of a namespace in which a service is named ``checkout``."""
_NEAR_WORD = 0.7
"""Of difflib's ratio: ``POLICIES`` is near ``POLICY``, and ``FILE`` is not near ``LEVEL``."""
_SHORTEST_STEM = 3
"""Letters of an abbreviation such as ``ENV``."""


def spellings(environment: Iterable[str], setting: str) -> list[str]:
    """How the environment spells a setting; capitals do not count."""
    return sorted(name for name in environment if name.upper() == setting)


def find_misspelt(environment: Iterable[str], settings: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names that begin with a setting's, or nearly spell one, that is not set itself; each with that setting."""
    given = {name.upper(): name for name in sorted(environment)}
    unset = [setting for setting in settings if setting not in given]
    for upper, name in given.items():
        if not _may_be_meant(upper, settings) or upper in _OF_SHOPS:
            continue
        if (meant := _meant(upper, unset)) is not None:
            yield name, meant


def find_unknown(environment: Iterable[str], settings: Iterable[str]) -> list[str]:
    """Names with a prefix of ours that are no setting, and not known to be another program's."""
    return sorted(
        name for name in environment if name.upper().startswith(PREFIXES) and _may_be_meant(name.upper(), settings)
    )


def without_settings(environment: Mapping[str, str], settings: Iterable[str]) -> dict[str, str]:
    """The environment without whatever this server would read, or refuse to start on."""
    return {
        name: value
        for name, value in environment.items()
        if not name.upper().startswith(PREFIXES) and _meant(name.upper(), settings) is None
    }


def _may_be_meant(upper: str, settings: Iterable[str]) -> bool:
    return not (upper in settings or _OF_A_SERVICE.fullmatch(upper))


def _meant(upper: str, settings: Iterable[str]) -> str | None:
    """The setting that a name begins with, and else the nearest one that it nearly spells."""
    begun = [setting for setting in settings if upper.startswith(setting)]
    near = begun or [setting for setting in settings if _nearly_spells(upper, setting)]
    return max(near, key=lambda each: (_ratio(upper, each), each), default=None)


def _nearly_spells(upper: str, setting: str) -> bool:
    """Whether a name differs by slips within its words, by an underscore, or by one word that it lacks."""
    if f"{upper}_" in PREFIXES or upper[:2] != setting[:2]:  # the second so that a start compares few words
        return False
    words, right = upper.split("_"), setting.split("_")
    if len(words) == len(right):
        return all(map(_is_near, words, right))
    if len(words) == len(right) - 1 and words[0] == right[0]:
        lacking_one = ([*right[:place], *right[place + 1 :]] for place in range(len(right)))
        return words in lacking_one or "".join(words) == "".join(right)
    return "".join(words) == "".join(right)


def _is_near(word: str, right: str) -> bool:
    stem = min(word, right, key=len)
    return (
        word == right
        or (len(stem) >= _SHORTEST_STEM and word.startswith(stem) and right.startswith(stem))
        or _ratio(word, right) >= _NEAR_WORD
    )


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()
