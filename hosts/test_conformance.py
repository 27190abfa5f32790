"""The protocol's own suite, in both revisions, against ``serve`` and against its transport with the suite's tools."""

from pathlib import Path

import pytest

from conformance import REVISIONS, Outcomes, expected, run_suite
from processes import server_environment
from report import COMMAND, PAGE, conformance_table, with_table
from shops import http_server

pytestmark = [pytest.mark.requirement("transport.robust"), pytest.mark.timeout(300)]

PROGRAMS = {"serve": None, "suite": "import runpy; runpy.run_module('suite_server', run_name='__main__')"}
"""What serves: the product, or the product with the tools, prompts and resources that the suite calls by name."""


@pytest.mark.parametrize("target", PROGRAMS)
async def test_every_scenario_passes_but_for_the_known_reasons(tmp_path: Path, target: str) -> None:
    environment = server_environment(tmp_path / "ledger.db", None, PYTHONPATH=str(Path(__file__).parent))
    found: dict[str, Outcomes] = {}
    async with http_server(environment, tmp_path / "server.log", program=PROGRAMS[target]) as url:
        for revision in REVISIONS:
            found[revision] = await run_suite(url, revision, tmp_path / revision)
    known = expected(target).outcomes()
    for outcomes in found.values():
        assert outcomes == {name: known.get(name) for name in outcomes}
    assert {name for outcomes in found.values() for name in outcomes} == known.keys()


def test_nothing_is_known_both_to_pass_and_not_to_pass() -> None:
    for target in PROGRAMS:
        written = expected(target)
        excepted = [name for _, scenarios in written.exceptions for name in scenarios]
        assert len(excepted) == len(set(excepted))
        assert written.passes & set(excepted) == set()


def test_the_page_has_the_table_of_the_suite() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_table(page, "conformance", conformance_table()), f"run: {COMMAND}"
