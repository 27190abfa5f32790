"""Text from outside, as it is shown."""

import pytest

from checkout_server.privacy.text import shown

KEPT = ["Café №1", "ก็กี้ ที่", "हिन्दी क्ष्म्य", "שָׁלוֹם", "Vie\u0323\u0302t", "日本語　ガイド".replace("　", " "), "🛒"]
SHOWN = {
    "bidi\u202eidib": "bidiidib",
    "zero\u200b\u200c\u200d\ufeffwidth": "zerowidth",
    "joined\u034fgraphemes": "joinedgraphemes",
    "a\U000e0141\U000e0142 hidden word": "a hidden word",
    "variation\ufe0f\U000e0100": "variation",
    "\u3164\u2800\u115f\uffa0": "",
    "\ufffc\U0001d159\U0001da7f\U00013441": "",
    "lines\r\nand\u2028separators": "lines and separators",
    "Z\u0301\u0302\u0303\u0304\u0305": "Z\u0301\u0302\u0303",
    "\u0301on nothing \u0301": "on nothing",
    "x" * 61: "x" * 59 + "…",
}


@pytest.mark.requirement("error.data_is_data")
@pytest.mark.parametrize("text", KEPT)
def test_what_people_write_is_shown_as_it_is(text: str) -> None:
    assert shown(text, 60) == text


@pytest.mark.requirement("error.data_is_data")
@pytest.mark.parametrize("text", SHOWN)
def test_what_cannot_be_seen_or_leaves_its_line_is_not_shown(text: str) -> None:
    assert shown(text, 60) == SHOWN[text]
