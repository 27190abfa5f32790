"""Requirements and tests point at each other, without a gap on either side."""

import pytest

from collected import COLLECTED
from requirements import REQUIREMENTS


def ids_of(item: pytest.Item) -> set[str]:
    return {requirement_id for mark in item.iter_markers("requirement") for requirement_id in mark.args}


@pytest.mark.requirement("tests.complete")
def test_every_test_names_what_it_proves(request: pytest.FixtureRequest) -> None:
    strays = {
        item.nodeid.partition("[")[0]: sorted(ids_of(item) - REQUIREMENTS.keys()) or "no id"
        for item in request.config.stash[COLLECTED]
        if not ids_of(item) or ids_of(item) - REQUIREMENTS.keys()
    }
    assert strays == {}


@pytest.mark.requirement("tests.complete")
def test_every_requirement_has_a_test(request: pytest.FixtureRequest) -> None:
    options = request.config.option
    whole = request.config.args == request.config.getini("testpaths") and not options.ignore
    if not whole or options.keyword or options.markexpr:
        pytest.skip("only a part of the suite was collected")
    proven = {requirement_id for item in request.config.stash[COLLECTED] for requirement_id in ids_of(item)}
    assert sorted(REQUIREMENTS.keys() - proven) == []


@pytest.mark.requirement("tests.complete")
def test_a_mark_stands_on_its_test_and_not_on_a_module(request: pytest.FixtureRequest) -> None:
    """Otherwise the test that proves it could go, and another in the file would stand for it."""
    modules = {
        node.nodeid
        for item in request.config.stash[COLLECTED]
        for node, _mark in item.iter_markers_with_node("requirement")
        if node is not item
    }
    assert modules == set()


@pytest.mark.requirement("tests.complete")
def test_a_requirement_is_one_sentence_with_a_source() -> None:
    for requirement_id, requirement in REQUIREMENTS.items():
        assert requirement.source, requirement_id
        assert requirement.sentence[-1:] not in {"", " "}, requirement_id
