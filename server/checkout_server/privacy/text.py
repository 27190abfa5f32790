"""Text from outside, made safe to show: it is data, whatever it says."""

import re
import unicodedata
from collections.abc import Iterator
from typing import overload

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Control, format (bidi, zero-width), surrogate, private and unassigned characters."""
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
    "\u2800\ufffc\U00013441\U00013442\U0001d159\U0001da7f\U0001da80]"
)
"""Letters, marks and symbols that show nothing. First joiners, fillers and variation selectors
(Default_Ignorable_Code_Point), then those without ink by their definition: a Braille blank, what stands for an object,
hieroglyphic blanks, the null notehead, spaces of SignWriting."""
_MARKS = {"Mn", "Me"}
MOST_MARKS = 3
"""On one letter. More would reach into the lines above and below."""


@overload
def shown(text: str, limit: int = 200) -> str: ...
@overload
def shown(text: str | None, limit: int = 200) -> str | None: ...
def shown(text: str | None, limit: int = 200) -> str | None:
    """The text on one line without control, bidi and zero-width characters, at most ``limit`` characters."""
    if text is None:
        return None
    spaced = "".join(" " if character.isspace() else character for character in text[: limit * 8])
    visible = "".join(each for each in _BLANK.sub("", spaced) if unicodedata.category(each) not in _HIDDEN)
    one_line = " ".join("".join(_with_few_marks(visible)).split())
    return one_line if len(one_line) <= limit else one_line[: limit - 1] + "…"


_LOOKALIKES = str.maketrans(
    {**dict.fromkeys('“”„‟«»"＂″‶〝〞〟❝❞', "'"), **dict(zip("<>`*[]|~\\", "‹›'∗()/-/", strict=True))}
)
"""For what ends a quotation of ours, or means something in Markdown or HTML, what reads the same and means nothing."""
_DEFUSED = (
    (re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?=\S)"), r"\1: "),  # a link's scheme
    (re.compile(r"//"), "/ /"),  # a link without its scheme
    (re.compile(r"(?<=\w)\.(?=[^\W\d])"), ". "),  # a host's name, which many programs make a link of
    (re.compile(r"(?<=\d)\.(?=\d+\.\d+\.\d)"), ". "),  # an address of four numbers; 2.0 and 1.2.3 are versions
    (re.compile(r"&(?=#?\w+;)"), "& "),  # a character reference of HTML
    (re.compile(r"(?<![^\W_])_|_(?![^\W_])"), "-"),  # emphasis; inside a word an underscore is none
)


def plain(text: str, limit: int) -> str:
    """The text as ``shown``, and such that no program that shows Markdown or HTML finds any in it, nor a link.

    For what a person reads before they decide: a name must not look like more than a name.
    """
    plain_text = (shown(text, limit) or "").translate(_LOOKALIKES)
    for pattern, replacement in _DEFUSED:
        plain_text = pattern.sub(replacement, plain_text)
    return plain_text


def _with_few_marks(text: str) -> Iterator[str]:
    """The text without marks that pile up, or stand on nothing."""
    room = 0
    for character in text:
        if unicodedata.category(character) in _MARKS:
            room -= 1
            if room < 0:
                continue
        else:
            room = 0 if character == " " else MOST_MARKS
        yield character


def masked_email(email: str | None) -> str | None:
    """``jane@example.com`` as ``j***@e***.com``: enough to recognise, not enough to write to."""
    email = shown(email, 254)
    if not email:
        return None
    local, at, domain = email.rpartition("@")
    if not at or not local:
        return "***"
    top = domain.rpartition(".")[2] if "." in domain else ""
    return f"{local[0]}***@{domain[:1]}***" + (f".{top}" if top else "")


def masked_name(name: str | None) -> str | None:
    """``Jane Smith`` as ``J*** S***``."""
    name = shown(name)
    return " ".join(f"{word[0]}***" for word in name.split()[:4]) if name else None
