"""The fixture that runs a behaviour over memory, stdio and HTTP, in both protocol eras."""

import functools
import json
import os
import socket
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import pytest_asyncio
from jsonschema import Draft202012Validator

from browser import CHROMIUM, sharing_browser
from checkout_schemas.web_addresses import is_loopback
from collected import COLLECTED
from examples import configure_examples
from shared_shops import SharedShops
from shops import ERAS, TRANSPORTS, OpenShop, Person, Shop, open_shop_over

# Some images forbid writing bytecode. With it server processes start three times as fast, and so do the workers:
# half of what collecting the tests takes is compiling them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

STRICT_MACHINE = "STRICT_MACHINE"
"""Set for a run in which every test must run: what this machine lacks then fails the run."""

# A property that fails prints how to replay it. The README's command tries the same values everywhere, so that it says
# something about a change and nothing about luck; a stage of .ci/run looks further, at other values each time.
hypothesis.settings.register_profile("random", derandomize=False, print_blob=True, deadline=None)
hypothesis.settings.register_profile("fixed", derandomize=True, print_blob=True, deadline=None, database=None)
hypothesis.settings.load_profile("fixed")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_shops(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[SharedShops]:
    shops = SharedShops(tmp_path_factory.mktemp("shops"))
    yield shops
    await shops.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_browser() -> AsyncGenerator[None]:
    if CHROMIUM is None:
        pytest.skip("no browser: install Debian's package chromium")
    async with sharing_browser():
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What this machine could not run, once for each reason; the reasons say how to get what is missing."""
    reasons = [report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", ())]
    if reasons:
        must = f", and {STRICT_MACHINE} is set: install it" if os.environ.get(STRICT_MACHINE) else ""
        terminalreporter.section(f"not run on this machine{must}")
        for reason, tests in Counter(reasons).most_common():
            terminalreporter.write_line(f"{tests:>4} × {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get(STRICT_MACHINE) and terminal is not None and terminal.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough", choices=("without", "with", "only"), default="without",
        help="the tests marked thorough, which take long: leave them out, take them in, or run them alone",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    configure_examples(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose by ``--thorough``. What uses the shared shops or browser runs in the loop that they live in."""
    config.stash[COLLECTED] = list(items)
    for item in items:
        if _repeats_in_another_era(item):
            item.add_marker("thorough")
    chosen = config.getoption("--thorough")
    if chosen != "with" and not any("::" in each for each in config.args):  # a test that is named is run
        left_out = [each for each in items if (each.get_closest_marker("thorough") is None) == (chosen == "only")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [each for each in items if each not in set(left_out)]
    for item in items:
        loop = item.get_closest_marker("asyncio")  # that it names itself is its own affair
        is_shared = {"open_shop", "shared_browser"} & set(getattr(item, "fixturenames", ()))
        if is_shared and (loop is None or not loop.kwargs):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def _repeats_in_another_era(item: pytest.Item) -> bool:
    """The eras differ in how a person is asked; where nobody is, a tool does the same work in both."""
    if getattr(getattr(item, "callspec", None), "params", {}).get("open_memory_shop") != "memory-2025":
        return False
    promises = [str(promise) for mark in item.iter_markers("requirement") for promise in mark.args]
    return "person" not in getattr(item, "fixturenames", ()) and not any(p.startswith("approval.") for p in promises)


@pytest.fixture(params=[f"{transport}-{era}" for transport in TRANSPORTS for era in ERAS])
def open_shop(request: pytest.FixtureRequest, tmp_path: Path, shared_shops: SharedShops) -> OpenShop:
    """Opens a shop over each transport in each era: ``async with open_shop() as shop``.

    One with a policy or settings of its own is opened for the test; the others are shared.
    """
    transport, era = request.param.split("-")

    @asynccontextmanager
    async def opened(*, person: Any = None, **own: Any) -> AsyncGenerator[Shop]:
        if own:
            async with open_shop_over(transport, era, tmp_path, person=person, **own) as shop:
                yield shop
        else:
            yield await shared_shops.get(transport, era, person)

    return opened


@pytest.fixture(params=[f"memory-{era}" for era in ERAS])
def open_memory_shop(request: pytest.FixtureRequest, tmp_path: Path) -> OpenShop:
    """Opens a shop in memory in each era, for what does not depend on the transport."""
    transport, era = request.param.split("-")
    return functools.partial(open_shop_over, transport, era, tmp_path)


@pytest.fixture
def person() -> Person:
    """Somebody who accepts, until told otherwise."""
    return Person()


@pytest.fixture(autouse=True, scope="session")
def _each_schema_is_checked_once() -> Iterator[None]:
    """A client checks the schema of every tool that it calls: half of what opening a shop in memory takes."""
    check, checked = Draft202012Validator.check_schema, set[str]()

    def check_once(schema: Any) -> None:
        text = json.dumps(schema)
        if text not in checked:
            check(schema)
            checked.add(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Draft202012Validator, "check_schema", check_once)
        yield


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test talks to anything but this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not is_loopback(address[0]):
            raise AssertionError("a test tried to leave the machine")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
