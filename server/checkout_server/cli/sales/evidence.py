"""What an operator writes beside a record: who found it out, and how. The ledger's steps hold nothing of a buyer."""

import argparse
import re
import unicodedata

from checkout_server.privacy.text import shown

WHO = "1 to 40 of A-Z, a-z, 0-9 and . _ -"
WHY = (
    "1 to 200 visible characters without @ and without 9 digits in a row, be there blanks or . / ( ) - between them; "
    "dates such as 2026-11-27 do not count"
)
MOST_CHARACTERS = 200

_WHO = re.compile(r"[A-Za-z0-9._-]{1,40}")
_NUMBER = re.compile(r"(?:\d[ ./()-]*){9}")
"""Of a phone or a card, however it is grouped: 8 digits may still be a date or a ticket's number."""
_DATE = re.compile(r"(?<!\d)20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?!\d)")


def who(text: str) -> str:
    """The operator's name or handle.

    Raises:
        argparse.ArgumentTypeError: it is none, by the rule ``WHO``.
    """
    if not _WHO.fullmatch(text):
        raise argparse.ArgumentTypeError(f"must be {WHO}")
    return text


def why(text: str) -> str:
    """The reason on one line, in any language.

    Raises:
        argparse.ArgumentTypeError: it cannot be recorded, by the rule ``WHY``.
    """
    reason = re.sub(" +", " ", text).strip(" ")
    read = unicodedata.normalize("NFKC", reason)  # a full-width @ is one too
    if (
        not 1 <= len(reason) <= MOST_CHARACTERS
        or shown(reason, MOST_CHARACTERS) != reason
        or "@" in read
        or _NUMBER.search(_DATE.sub("date", read))
    ):
        raise argparse.ArgumentTypeError(f"must be {WHY}")
    return reason
