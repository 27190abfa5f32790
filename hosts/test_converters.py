"""The published input schemas survive the adapters through which models are shown them."""

from typing import Any

import pytest
import pytest_asyncio

from checkout_server.tools.served import TOOLS
from converters import WHOLE, Conversion, by_converter, outcome, run_converters
from report import COMMAND, KNOWN, PAGE, converter_table, with_table

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("converters")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def conversions(tmp_path_factory: pytest.TempPathFactory) -> list[Conversion]:
    return await run_converters(tmp_path_factory.mktemp("converters"))


@pytest.mark.requirement("schema.portable")
async def test_every_converter_keeps_every_field_but_for_the_known_reasons(conversions: list[Conversion]) -> None:
    outcomes = {name: outcome(found) for name, found in by_converter(conversions).items()}
    found = {name: told for name, told in outcomes.items() if told != WHOLE}
    assert found == {name: known["outcome"] for name, known in KNOWN.items()}


@pytest.mark.requirement("schema.portable")
async def test_every_converter_has_seen_every_tool(conversions: list[Conversion]) -> None:
    seen = {name: [each.tool for each in found] for name, found in by_converter(conversions).items()}
    assert len(seen) > 20
    assert set(map(tuple, seen.values())) == {tuple(tool.name for tool in TOOLS)}


def a_conversion(schema: Any, name: str = "x") -> Conversion:
    return Conversion(name, "get_checkout_session", schema, None, ())


@pytest.mark.requirement("schema.portable")
def test_a_field_that_is_lost_or_of_another_type_is_noticed() -> None:
    """Otherwise the tests above would prove nothing."""
    lost: dict[str, Any] = {"type": "object", "properties": {"session_id": {"type": "integer"}}}
    assert a_conversion(lost).losses() == ["preview_id", "session_id", "wait_seconds"]
    assert outcome([a_conversion(lost)]) == "loses fields"
    assert outcome([a_conversion(lost, "openai, strict")]) == "makes no strict schema"


@pytest.mark.requirement("schema.portable")
async def test_the_page_has_the_table_of_converters(conversions: list[Conversion]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_table(page, "converters", converter_table(conversions)), f"run: {COMMAND}"
