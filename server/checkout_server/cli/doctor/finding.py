"""What is found, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the report."""

    ok: bool
    subject: str
    sentence: str
    remedy: str = ""
    """What to do; for a row that is in order at most a hint."""


def fine(subject: str, sentence: str, hint: str = "") -> Finding:
    return Finding(True, subject, sentence, hint)


def wrong(subject: str, sentence: str, remedy: str) -> Finding:
    return Finding(False, subject, sentence, remedy)


def split_repair(subject: str, text: str, otherwise: str) -> Finding:
    """What is wrong, of a sentence that says its repair after a semicolon.

    Args:
        subject: what it is about.
        text: the sentence.
        otherwise: the repair of one that says none.
    """
    cause, _, repair = text.removesuffix(".").partition("; ")
    return wrong(subject, cause, repair or otherwise)
