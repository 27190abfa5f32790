"""What real servers write to stderr and to a collector of spans during a sale."""

import asyncio
import base64
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collector import Collector, running_collector

CENSUS = Path(__file__).with_name("logger_census.py")
SECRET = "hunter2"
CART = {"product_cart": [{"product_id": "prod_ebook_guide", "quantity": 1}]}


@pytest.fixture(scope="module")
def collector() -> Generator[Collector]:
    with running_collector() as collector:
        yield collector


def environment(folder: Path, collector: Collector) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DODO_PAYMENTS_", "CHECKOUT_", "OTEL_"))}
    return kept | {
        "CHECKOUT_LEDGER": str(folder / "ledger.db"),
        "CHECKOUT_LOG_LEVEL": "DEBUG",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_RESOURCE_ATTRIBUTES": f"buyer={SECRET}",
    }


@asynccontextmanager
async def stdio(folder: Path, settings: dict[str, str]) -> AsyncGenerator[Any]:
    from mcp import StdioServerParameters
    from mcp.client.stdio import stdio_client

    server = StdioServerParameters(command=sys.executable, args=[str(CENSUS), str(folder / "names")], env=settings)
    with (folder / "stderr").open("w") as errlog:
        yield stdio_client(server, errlog=errlog)


@asynccontextmanager
async def http(folder: Path, settings: dict[str, str]) -> AsyncGenerator[Any]:
    arguments = [sys.executable, str(CENSUS), str(folder / "names"), "serve", "--port", "0"]
    process = await asyncio.create_subprocess_exec(*arguments, env=settings, stderr=subprocess.PIPE)
    assert process.stderr is not None
    lines: list[bytes] = []
    while not lines or not lines[-1].startswith(b"http://"):
        lines.append(await process.stderr.readline())
        assert lines[-1], lines
    rest = asyncio.create_task(process.stderr.read())
    yield lines.pop().decode().strip()
    process.terminate()
    lines.append(await rest)
    await process.wait()
    (folder / "stderr").write_bytes(b"".join(lines))


async def sell(folder: Path, transport: Any, collector: Collector) -> None:
    """A whole sale, with mistakes, from a server of its own."""
    from mcp import Client
    from mcp.shared.exceptions import MCPError

    async with transport(folder, environment(folder, collector)) as server, Client(server) as client:
        preview = (await client.call_tool("preview_checkout", CART)).structured_content
        buyer = {"email": f"{SECRET}@example.com", "name": SECRET}
        sold = {"preview_id": preview["preview_id"], "customer": buyer, "metadata": {SECRET: SECRET}}
        await client.call_tool("create_checkout_session", sold)
        await client.call_tool("get_checkout_session", {"preview_id": SECRET})
        await client.call_tool("preview_checkout", {SECRET: SECRET, "product_cart": [{"product_id": SECRET}]})
        with pytest.raises(MCPError):
            await client.call_tool(SECRET, {})
        with pytest.raises(MCPError):
            await client.get_prompt(SECRET)
        trace: Any = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01", "tracestate": f"buyer={SECRET}"}
        await client.call_tool("list_products", {"query": SECRET}, meta=trace)


@pytest.fixture(scope="module", params=[stdio, http], ids=["stdio", "http"])
def sale(request: pytest.FixtureRequest, collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sale."""
    folder = tmp_path_factory.mktemp("sale")
    asyncio.run(sell(folder, request.param, collector))
    return folder


def events(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "stderr").read_text().splitlines()]


@pytest.mark.requirement("privacy.channels")
def test_no_line_holds_what_the_caller_said(sale: Path) -> None:
    assert SECRET not in (sale / "stderr").read_text()


@pytest.mark.requirement("privacy.diagnostics")
def test_each_call_is_told_with_its_outcome(sale: Path) -> None:
    finished = [event for event in events(sale) if event["event"] == "tool.finished"]
    told = [(event["tool"], event["code"], "preview_id" in event, "dropped" in event) for event in finished]
    assert told == [
        ("preview_checkout", "ok", True, False),
        ("create_checkout_session", "ok", True, False),
        ("get_checkout_session", "preview_not_found", False, False),
        ("preview_checkout", "invalid_request", False, False),
        ("list_products", "ok", False, False),
    ]


@pytest.mark.requirement("privacy.diagnostics")
def test_each_request_to_the_payment_api_is_told(sale: Path) -> None:
    answered = [event for event in events(sale) if event["event"] == "gateway.answered"]
    assert [(event["operation"], event["method"], event["route"], event["status"]) for event in answered] == [
        ("preview", "POST", "/checkouts/preview", 200),
        ("get_product", "GET", "/products/{id}", 200),
        ("create", "POST", "/checkouts", 200),
        ("list_products", "GET", "/products", 200),
    ]


@pytest.mark.requirement("privacy.diagnostics")
def test_nothing_that_we_log_is_dropped(sale: Path) -> None:
    ours = [event for event in events(sale) if event["logger"] == "checkout"]
    assert [event for event in ours if "dropped" in event] == []
    assert {event["event"] for event in ours} >= {
        "server.started", "preview.quoted", "session.claimed", "session.created", "server.stopped",
    }  # fmt: skip


@pytest.mark.requirement("privacy.channels")
def test_nobody_adds_a_handler_that_prints(sale: Path) -> None:
    assert [event for event in events(sale) if event["event"] in {"stderr.text", "stdout.text"}] == []


@pytest.mark.requirement("privacy.channels")
def test_every_logger_that_exists_by_then_is_rewritten_and_known(sale: Path) -> None:
    names = (sale / "names").read_text().splitlines()
    rewritten = [
        event["logger"] for event in events(sale) if (event["level"], event["event"]) == ("CRITICAL", "library.logged")
    ]
    assert len(names) > 20
    # The secret that the census sends through our own logger's name does not pass as ours.
    assert sorted(set(names) - set(rewritten)) == ["checkout"]
    assert rewritten.count("other") == 1


@pytest.mark.requirement("privacy.spans")
def test_a_collector_gets_spans_of_known_words_only(sale: Path, collector: Collector) -> None:
    assert all(SECRET.encode() not in body for body in collector.bodies)
    assert {span["name"] for span in collector.spans} >= {
        "tools/call preview_checkout", "tools/call", "prompts/get", "POST /checkouts", "GET /products/{id}",
    }  # fmt: skip
    assert any(span["traceId"] == base64.b64encode(b"\xab" * 16).decode() for span in collector.spans)
    assert {span["scope"]["name"] for span in collector.spans} == {"mcp-python-sdk", "dodo-checkout-mcp"}
    for span in collector.spans:
        assert {each["key"] for each in span["resource"]["attributes"]} == {
            "service.name", "service.version", "service.instance.id",
        }  # fmt: skip
        assert span.keys().isdisjoint({"events", "traceState"})
        assert span.get("status", {}).keys() <= {"code"}


LINE_PARTS = (
    '"event":"library.logged"', 'library.logged","where', '","level":', '"logger":"aiosqlite","event',
    "httpcore2._trace", "httpcore2/_trace.py", "httpcore2/_trace.py:85", '_trace.py:85"', "aiosqlite/core.py:67",
    '"where":"aiosqlite/core',
)  # fmt: skip


@pytest.mark.requirement("privacy.tripwire")
async def test_nobody_blanks_the_lines_of_libraries_by_what_lines_are_made_of(
    tmp_path: Path, collector: Collector
) -> None:
    """Punctuation of JSON, places in the code, the time: all of it a caller can guess."""
    from mcp import Client

    async with stdio(tmp_path, environment(tmp_path, collector)) as transport, Client(transport) as client:
        minutes = [(datetime.now(UTC) + timedelta(minutes=ahead)).isoformat() for ahead in range(3)]
        for text in (*LINE_PARTS, *minutes):
            await client.call_tool("list_products", {"query": text})
        preview = await client.call_tool("preview_checkout", CART)
        preview_id = (preview.structured_content or {})["preview_id"]
        noted = {f"at_{number}": text for number, text in enumerate((*LINE_PARTS, *minutes))}
        result = await client.call_tool("create_checkout_session", {"preview_id": preview_id, "metadata": noted})
        assert not result.is_error
    shown = [event["event"] for event in events(tmp_path)]
    assert "privacy.withheld" not in shown
    assert shown.count("library.logged") > 20


@pytest.mark.requirement("privacy.stalled")
async def test_a_client_that_never_reads_the_log_holds_up_no_call(tmp_path: Path, collector: Collector) -> None:
    from mcp import Client, StdioServerParameters
    from mcp.client.stdio import stdio_client

    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    settings = environment(tmp_path, collector) | {"CHECKOUT_LOG_LEVEL": "INFO"}
    server = StdioServerParameters(command=sys.executable, args=["-m", "checkout_server"], env=settings)
    with os.fdopen(writer, "w") as errlog:
        async with Client(stdio_client(server, errlog=errlog)) as client:
            for _ in range(3):
                assert (await client.call_tool("list_products", {"page": -1})).is_error
            os.set_blocking(reader, False)
            with contextlib.suppress(BlockingIOError):
                while os.read(reader, 65536):
                    pass
            os.set_blocking(reader, True)
            await client.call_tool("list_products", {"page": -1})
    with os.fdopen(reader, "rb") as log:
        lines = [json.loads(line) for line in log.read().splitlines() if line.startswith(b"{")]
    assert [(line["event"], line.get("count")) for line in lines[:2]] == [
        ("logging.lines_lost", 4),  # the start and three calls
        ("tool.finished", 1),  # with its one problem
    ]


DESCRIPTORS = """
import os, sys
from checkout_server.privacy.logs.install import install_logging

install_logging()
opened = os.pipe()
sys.stdout = os.fdopen(os.dup(int(sys.argv[1])), "w")
print(min(opened) > 2, [os.fstat(number).st_rdev == os.stat(os.devnull).st_rdev for number in (0, 1, 2)])
print("hunter2", file=sys.stderr, flush=True)
"""


@pytest.mark.requirement("privacy.channels")
@pytest.mark.skipif(os.name != "posix", reason="Windows has no shell to close a descriptor")
def test_a_closed_standard_descriptor_becomes_nobodys_file() -> None:
    read, write = os.pipe()
    command = f'exec "$0" -c "$1" {write} <&- >&- 2>&-'
    subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, DESCRIPTORS], pass_fds=[write], stdin=subprocess.DEVNULL, check=True
    )
    os.close(write)
    with os.fdopen(read) as told:
        assert told.read() == "True [True, True, True]\n"
