"""Runs each host once for all tests of it."""

import inspect
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from mcp_types import ErrorData

from answers import PREVIEW_ID, Answer, texts
from clients import Host, run_host
from scenarios import open_client, prepared_shop
from visits import AnswersTo, Visit, VisitOf


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one loop, in which the runs of the hosts are kept; and a host's tests on one worker."""
    for item in items:
        if inspect.iscoroutinefunction(getattr(item, "function", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        host = getattr(item, "callspec", None) and item.callspec.params.get("host")  # pyright: ignore[reportAttributeAccessIssue] - pytest's own
        if isinstance(host, Host):
            item.add_marker(pytest.mark.xdist_group(host.name))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def visit_of(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[VisitOf]:
    visits: dict[str, Visit] = {}

    async def visit(host: Host) -> Visit:
        if host.name not in visits:
            visits[host.name] = await _visit(host, tmp_path_factory.mktemp("host"))
        return visits[host.name]

    yield visit


async def _visit(host: Host, folder: Path) -> Visit:
    async with prepared_shop(folder) as shop:
        handed = await run_host(host, shop, folder)
        (dearer,) = [call.arguments["preview_id"] for call in shop.calls if call.name == "price_changed"]
        sold: dict[str, list[int]] = {}
        async with open_client(shop.environment) as client:
            for channel, told in handed["price_changed"].items():
                fresh = sorted(set(PREVIEW_ID.findall(texts(told))) - {dearer})
                sold[channel] = [
                    (await client.call("create_checkout_session", {"preview_id": preview_id}))["total"]
                    for preview_id in fresh
                ]
    return Visit(handed, sold)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def answers_to(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[AnswersTo]:
    """What the server answers to each call, by whether the client announces forms."""
    known: dict[bool, dict[str, Answer]] = {}

    async def answers(host: Host) -> dict[str, Answer]:
        if host.announces_forms not in known:
            folder = tmp_path_factory.mktemp("reference")
            known[host.announces_forms] = await _answers(folder, announces_forms=host.announces_forms)
        return known[host.announces_forms]

    yield answers


async def _answers(folder: Path, *, announces_forms: bool) -> dict[str, Answer]:
    async def fail(_context: Any, _params: Any) -> ErrorData:
        return ErrorData(code=-32603, message="no form here")

    options: dict[str, Any] = {"mode": "legacy", "elicitation_callback": fail} if announces_forms else {}
    answers: dict[str, Answer] = {}
    async with prepared_shop(folder) as shop, open_client(shop.environment, **options) as client:
        for call in shop.calls:
            result = await client.client.call_tool(call.tool, dict(call.arguments))
            answers[call.name] = Answer(result.content[0].text, result.structured_content)
    return answers
