"""Whoever follows a link in the documents arrives, and every page can be reached from the index."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from docs.generate.documents import ROOT, documents
from documented import tokens_of


def links_of(path: Path) -> list[str]:
    inline = [child for token in tokens_of(path) for child in token.children or ()]
    return [str(child.attrs["href"]) for child in inline if child.type == "link_open"]


def anchors_of(path: Path) -> set[str]:
    """As GitHub makes them: lower case, without punctuation, spaces as hyphens."""
    pairs = pairwise(tokens_of(path))
    headings = [after.content for token, after in pairs if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.requirement("docs.links")
@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_of_a_document_leads_somewhere(path: Path) -> None:
    broken: list[str] = []
    for link in links_of(path):
        if re.match("[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        page = (path.parent / target).resolve() if target else path
        if not page.exists() or (anchor and anchor not in anchors_of(page)):
            broken.append(link)
    assert broken == []


@pytest.mark.requirement("docs.links")
def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    named = {(index.parent / link).resolve() for link in links_of(index)}
    pages = {path for path in (ROOT / "docs").glob("*.md") if path != index}
    assert pages - named == set()
