"""The table of docs/unknown-outcomes.md, whole: each cell is measured again, the official client's too."""

import pytest

import faults


@pytest.mark.thorough
@pytest.mark.timeout(240)
@pytest.mark.requirement("docs.generated", "once.proof")
async def test_the_published_table_of_faults_is_what_happens() -> None:
    text = faults.DOCUMENT.read_text(encoding="utf-8")
    published = text.partition(faults.BEGIN)[2].partition(faults.END)[0]
    assert published.strip() == await faults.table(), "run: uv run python bench/faults.py --write"
