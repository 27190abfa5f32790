"""The list of mutants that survive for a reason."""

import pytest

from bench.mutants.mutant import FILE, known
from docs.generate.documents import ROOT
from documented import in_the_source_tree


@in_the_source_tree
@pytest.mark.requirement("tests.mutants")
def test_a_survivor_is_a_change_to_a_line_that_exists_and_has_one_reason() -> None:
    survivors = known()
    assert [each for each in survivors if each.was not in (ROOT / each.module).read_text(encoding="utf-8")] == []
    assert [each for each in survivors if each.was == each.becomes or not each.reason.endswith(".")] == []
    assert len({each[:3] for each in survivors}) == len(survivors), FILE
