"""How text is compared: without case, accents, apostrophes and hyphens, in the singular and the plural."""

import pytest

from checkout_server.checkout.catalogue.words import Haystack, singulars, words_of


@pytest.mark.requirement("find.words")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Café CRÈME", ["cafe", "creme"]),
        ("Łódź, Øresund & Straße", ["lodz", "oresund", "strasse"]),
        ("İstanbul ıhlamur", ["istanbul", "ihlamur"]),
        ("women's women’s womenʼs women`s women′s", ["womens"] * 5),
        ("E-book e\u2011book e‐book e–book E_BOOK ebook", ["ebook"] * 6),
        ("pay\u00adment pay\u200bment", ["payment"] * 2),
        ("(one), two; three/four: five! «six» 「seven」・eight…", "one two three four five six seven eight".split()),
        ("ｆｕｌｌ ﬁt x²", ["full", "fit", "x2"]),
        ("ऑनलाइन कोर्स", ["ऑनलाइन", "कोर्स"]),
        ("คอร์สออนไลน์", ["คอร์สออนไลน์"]),
        (" - _ ' ", []),
        ("", []),
    ],
)
def test_text_is_folded_into_words(text: str, words: list[str]) -> None:
    assert [word.joined for word in words_of(text)] == [*map(unicode_form, words)]


def unicode_form(word: str) -> str:
    """As folding leaves a word that has no accents."""
    import unicodedata

    return unicodedata.normalize("NFKD", word)


@pytest.mark.requirement("find.words")
@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("laptops", "laptop"),
        ("boxes", "box"),
        ("courses", "course"),
        ("licences", "licence"),
        ("companies", "company"),
        ("cookies", "cookie"),
        ("knives", "knife"),
        ("shelves", "shelf"),
        ("mice", "mouse"),
        ("women", "woman"),
        ("keys", "key"),
    ],
)
def test_a_plural_and_its_singular_find_each_other(plural: str, singular: str) -> None:
    assert Haystack(words_of(plural)).holds(next(words_of(singular)))
    assert Haystack(words_of(singular)).holds(next(words_of(plural)))


@pytest.mark.requirement("find.words")
@pytest.mark.parametrize("word", ["glass", "bus", "is", "s", "es"])
def test_a_word_that_only_looks_like_a_plural_stays(word: str) -> None:
    assert singulars(word) == {word}


@pytest.mark.requirement("find.words")
@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("ebook", "E-book", True),
        ("e-book", "ebook", True),
        ("e-book", "an E book", True),
        ("book", "ebooks", True),
        ("Handbuch", "Benutzerhandbuch", True),
        ("ガイド", "東京ガイド", True),
        ("本", "日本語の本", True),
        ("one", "phone", False),
        ("pro", "professional", False),
        ("e-reader", "an e-book", False),
        ("guidebook", "guide", False),
    ],
)
def test_a_word_is_found_joined_in_parts_or_inside_a_longer_one(word: str, text: str, found: bool) -> None:
    assert Haystack(words_of(text)).holds(next(words_of(word))) is found
