"""A product's name in a question is text: nothing in it is Markdown, HTML, a link or a line of its own."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from checkout_server.privacy.text import plain
from orders import CONFIRMED, TWO
from quotes import QUOTES, with_lines

NAMES = {
    "a link": "[Pay here](https://evil.example/pay)",
    "an image": "![x](https://evil.example/x.png)",
    "an address": "https://evil.example/pay",
    "an address in brackets": "<https://evil.example>",
    "an address of numbers": "http://1.2.3.4/pay",
    "an address without its scheme": "//localhost/pay",
    "a host": "www.evil.com/pay",
    "a bare host": "evil.com",
    "an e-mail": "seller@evil.com",
    "a scheme": "javascript:alert(1)",
    "a telephone": "tel:+14155550123",
    "bold": "**Approve** __now__",
    "emphasis": "*Approve* _now_",
    "code": "`rm -rf`",
    "struck out": "~~USD 500.00~~",
    "a table": "a | b",
    "a tag": "<b>Approved</b><script>alert(1)</script>",
    "an entity": "&lt;b&gt; &#60;b&#62;",
    "a quotation that ends": "Mug”\nDue now: USD 0.00",
    "control characters": "Mug\u202e\u200b\x07\r\nDue now: USD 0.00",
    "an escape": "\\[link\\](x)",
}
READER = MarkdownIt("gfm-like", {"html": True, "linkify": True})
"""Shows Markdown as GitHub does, lets HTML through, and makes a link of whatever looks like a host or an address."""


def meanings(text: str) -> set[str]:
    """What a client that shows Markdown, HTML and links would make of a text, beside text."""
    return {
        token.type
        for block in READER.parse(text)
        for token in (block, *(block.children or ()))
        if token.type not in {"paragraph_open", "paragraph_close", "inline", "text", "softbreak"}
    }


@pytest.mark.requirement("approval.names")
@pytest.mark.parametrize("case", NAMES)
async def test_a_name_is_only_a_name(open_memory_shop: Any, person: Any, case: str) -> None:
    def named(quote: Any) -> Any:
        quote["product_cart"][0]["name"] = NAMES[case]
        return quote

    async with open_memory_shop(person=person) as shop:
        shop.upstream.rewrites["/checkouts/preview"] = named
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(**TWO), **CONFIRMED})
    [question] = person.questions
    lines = question.split("\n")
    assert (lines[0], lines[2][:8]) == ("Approve this sale? TEST MODE: no money moves.", "Due now:")
    name = lines[1].removeprefix("- 2 × “").removesuffix("”")
    assert lines[1] == f"- 2 × “{name}”"
    assert name.isprintable()
    assert meanings(name) == set()
    assert question.count("Due now:") == 1 + name.count("Due now:")


BLANK = {
    "nothing": "",
    "a filler": "\u3164",
    "a Braille blank": "\u2800",
    "what stands for an object": "\ufffc",
    "a hieroglyphic blank": "\U00013441",
    "a null notehead": "\U0001d159",
    "a space of SignWriting": "\U0001da7f",
    "a mark on nothing": "\u0301",
}


@pytest.mark.requirement("approval.names")
@pytest.mark.parametrize("case", BLANK)
async def test_a_name_that_shows_nothing_gives_way_to_the_id(open_memory_shop: Any, person: Any, case: str) -> None:
    async with open_memory_shop(person=person) as shop:
        shop.upstream.rewrites[QUOTES] = with_lines({"name": BLANK[case]})
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id(**TWO), **CONFIRMED})
    assert person.questions[0].split("\n")[1] == "- 2 × “prod_premium_plan”"


SHOWN = {
    "Café №1 – 2.0 GB": "Café №1 – 2.0 GB",
    "Firmware 1.2.3": "Firmware 1.2.3",
    "1.2.3.4": "1. 2.3.4",
    "Node.js course": "Node. js course",
    "R&D handbook": "R&D handbook",
    "snake_case_guide": "snake_case_guide",
    "東京ガイド": "東京ガイド",
    "E-book: the guide": "E-book: the guide",
    "10:30 class": "10:30 class",
}


@pytest.mark.requirement("approval.names")
@pytest.mark.parametrize("name", SHOWN)
def test_a_plain_name_stays_readable(name: str) -> None:
    assert plain(name, 60) == SHOWN[name]


PIECES = st.sampled_from(
    [
        *"*_`~[]()<>!|#&;:/\\.@-+ \"'x1",
        "http",
        "www",
        "com",
        "evil",
        "mailto",
        "javascript",
        "lt",
        "b",
        "\u202e",
        "\u200b",
        "127.0.0.1",
        "localhost",
    ]
)


@pytest.mark.requirement("approval.names")
@given(st.lists(PIECES, max_size=40).map("".join))
def test_whatever_a_name_is_made_of_it_means_nothing(name: str) -> None:
    shown = plain(name, 60)
    assert meanings(f"x {shown} x") == set()
    assert "”" not in shown
    assert "\n" not in shown


@pytest.mark.requirement("approval.names")
def test_the_reader_of_these_tests_would_see_it() -> None:
    seen = {case: meanings(f"x {name} x") for case, name in NAMES.items()}
    assert [case for case, found in seen.items() if not found] == [
        "a scheme",
        "a telephone",
        "a table",
        "an entity",
        "a quotation that ends",
        "control characters",
        "an escape",
    ]
