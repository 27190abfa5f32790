"""What the pages name is there: paths, and every folder of tests."""

import re
from pathlib import Path

import pytest

from docs.generate.documents import ROOT, documents
from documented import in_the_source_tree

PAGES = [path for path in documents() if path.parent.name != "adr" and path.name != "CHANGELOG.md"]
"""A decision and a change name what there was then."""


@pytest.mark.requirement("docs.map")
@in_the_source_tree
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_path_on_the_page_exists(page: Path) -> None:
    written = re.sub(r"<!-- [\w-]+: generated.*?<!-- end -->", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    named = re.findall(r"`((?:[\w.-]+/)+(?:[\w.-]+\.\w+)?)`", written)
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.requirement("docs.map")
def test_the_table_has_every_folder_of_tests() -> None:
    """By itself, or with the folder of its package."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(tests/[\w/]+)` \|", text, re.MULTILINE)
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")} - {Path("tests")}
    packages = {Path(each) for each in listed} - {Path("tests/server")}
    assert listed == sorted(listed)
    assert {Path(each) for each in listed} - folders == set()
    assert [each for each in folders if each not in packages and each.parent not in packages] == [Path("tests/server")]


@pytest.mark.requirement("docs.map")
def test_a_decision_has_its_files_number() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("0*.md"))
    headed = {path.name: path.read_text(encoding="utf-8").partition(".")[0] for path in records}
    assert headed == {path.name: f"# {int(path.name[:4])}" for path in records}
