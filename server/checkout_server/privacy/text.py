"""Text from outside, made safe to show: it is data, whatever it says."""

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Control, format (bidi, zero-width), surrogate, private and unassigned characters."""


def shown(text: str | None, limit: int = 200) -> str | None:
    """The text on one line without control, bidi and zero-width characters, at most ``limit`` characters."""
    if text is None:
        return None
    spaced = "".join(" " if character.isspace() else character for character in text[: limit * 8])
    visible = "".join(character for character in spaced if unicodedata.category(character) not in _HIDDEN)
    one_line = " ".join(visible.split())
    return one_line if len(one_line) <= limit else one_line[: limit - 1] + "…"


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
