"""Who asked for progress hears words of ours while a call waits."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from checkout_server.calls.stage import Step
from checkout_server.privacy.vocabulary.fields import words
from checkout_server.tools import progress
from checkout_server.tools.progress import PROGRESS_SECONDS, WORDS
from evals.upstream import running_upstream
from forms import approving
from orders import CONFIRMED, HOSTED, ORDER
from processes import server_environment
from shops import ERAS, _memory, http_server

OFTEN = "import checkout_server.tools.progress as p; p.PROGRESS_SECONDS = 0.02"
"""Run before a server process: tests do not wait for 8 seconds."""


@asynccontextmanager
async def server_over(transport: str, folder: Path, url: str) -> AsyncGenerator[Any]:
    program = f"{OFTEN}; import sys; from checkout_server.cli import main; sys.exit(main())"
    environment = server_environment(folder / "ledger.db", url)
    if transport == "memory":
        async with _memory(folder / "ledger.db", url, folder / "errors") as (server, _desk):
            yield server
    elif transport == "stdio":
        parameters = StdioServerParameters(command=sys.executable, args=["-c", program], env=environment)
        with (folder / "errors").open("w") as errors:
            yield stdio_client(parameters, errlog=errors)
    else:
        async with http_server(environment, folder / "errors", program=program) as url:
            yield url


class Listener:
    """Notes what it hears, and lets a waiting upstream go when it has heard enough."""

    def __init__(self, most: int) -> None:
        self.heard: list[tuple[float, str | None]] = []
        self.enough = asyncio.Event()
        self._most = most

    async def __call__(self, value: float, _total: float | None, message: str | None) -> None:
        self.heard.append((value, message))
        if len(self.heard) >= self._most:
            self.enough.set()


def is_reporting() -> bool:
    """Whether a call of this process that ended is still reported."""
    return "_report" in {getattr(task.get_coro(), "__name__", "") for task in asyncio.all_tasks()}


@asynccontextmanager
async def waiting_shop(transport: str, era: str, folder: Path, person: Any = None) -> AsyncGenerator[Any]:
    async with (
        running_upstream() as upstream,
        server_over(transport, folder, upstream.url) as server,
        Client(server, mode=ERAS[era], elicitation_callback=person) as client,
    ):
        yield client, upstream


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PROGRESS_SECONDS", 0.02)


@pytest.mark.requirement("call.progress")
@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("transport", ["memory", "stdio", "http"])
async def test_a_client_hears_words_while_the_api_hangs(transport: str, era: str, tmp_path: Path) -> None:
    listener = Listener(3)
    async with waiting_shop(transport, era, tmp_path) as (client, upstream):
        upstream.gates["/checkouts/preview"] = listener.enough.wait
        result = await client.call_tool("preview_checkout", ORDER, progress_callback=listener)
        assert not is_reporting()
    assert not result.is_error
    values, messages = zip(*listener.heard, strict=True)
    assert list(values) == sorted(set(values))
    assert "Asking the payment API for the price" in messages
    assert set(messages) <= set(WORDS.values())


@pytest.mark.requirement("call.progress")
@pytest.mark.parametrize("transport", ["memory", "http"])
@pytest.mark.parametrize("era", ERAS)
async def test_a_client_that_gave_no_token_hears_nothing(transport: str, era: str, tmp_path: Path) -> None:
    notes: list[Any] = []

    async def note(message: Any) -> None:
        notes.append(message)

    async with (
        running_upstream() as upstream,
        server_over(transport, tmp_path, upstream.url) as server,
        Client(server, mode=ERAS[era], message_handler=note) as client,
    ):
        await client.call_tool("preview_checkout", ORDER)
    assert [each for each in notes if "rogress" in type(each).__name__] == []


@pytest.mark.requirement("call.progress")
async def test_the_words_count_the_attempts(tmp_path: Path) -> None:
    second = asyncio.Event()

    async def heard_second(_value: float, _total: float | None, message: str | None) -> None:
        if message == "Asking the payment API for the price (attempt 2)":
            second.set()

    async with waiting_shop("memory", "2026", tmp_path) as (client, upstream):
        upstream.statuses["/checkouts/preview"] = 503

        async def gate() -> None:
            if len(upstream.bodies("POST", "/checkouts/preview")) == 2:
                upstream.statuses.clear()
                await second.wait()

        upstream.gates["/checkouts/preview"] = gate
        await client.call_tool("preview_checkout", ORDER, progress_callback=heard_second)
    assert second.is_set()


@pytest.mark.requirement("call.progress")
@pytest.mark.parametrize("era", ERAS)
async def test_a_creation_in_a_task_of_its_own_is_told_of_too(era: str, tmp_path: Path) -> None:
    told = asyncio.Event()

    async def heard(_value: float, _total: float | None, message: str | None) -> None:
        if message == "Waiting for the payment API to create the session":
            told.set()

    async with waiting_shop("memory", era, tmp_path) as (client, upstream):
        preview = (await client.call_tool("preview_checkout", ORDER)).structured_content
        upstream.gates["/checkouts"] = told.wait
        arguments = {"preview_id": preview["preview_id"], **HOSTED}
        assert not (await client.call_tool("create_checkout_session", arguments, progress_callback=heard)).is_error
    assert told.is_set()


@pytest.mark.requirement("call.progress")
async def test_a_client_hears_that_a_person_is_waited_for(tmp_path: Path) -> None:
    """In the older era, where the call waits for the answer."""
    thought = asyncio.Event()

    async def heard(_value: float, _total: float | None, message: str | None) -> None:
        if message == "Waiting for a person's answer":
            thought.set()

    async def person(_context: Any, params: Any) -> Any:
        await thought.wait()
        return approving(params)

    async with waiting_shop("memory", "2025", tmp_path, person) as (client, _upstream):
        preview = (await client.call_tool("preview_checkout", ORDER)).structured_content
        arguments = {"preview_id": preview["preview_id"], **CONFIRMED}
        assert not (await client.call_tool("create_checkout_session", arguments, progress_callback=heard)).is_error


@pytest.mark.requirement("call.progress")
def test_every_step_has_words_that_are_ours() -> None:
    assert set(WORDS) == words(Step)
    assert all(each.isascii() and len(each) < 60 for each in WORDS.values())


@pytest.mark.requirement("call.progress")
def test_messages_come_more_often_than_every_ten_seconds() -> None:
    assert PROGRESS_SECONDS == 8.0  # as imported, before the tests' own
