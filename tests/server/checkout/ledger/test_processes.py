"""One ledger, several processes: real ones, started, raced and killed."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import Entry, Ledger, State
from ledger_steps import NOW, OWNER

pytestmark = pytest.mark.requirement("once.concurrent")

CLAIMS = 25
"""Concurrent claims of each process."""

CLAIMER = f"""
import asyncio, sys
from checkout_server.checkout.ledger.contract import Claim, State

async def main():
    print("ready", flush=True)
    sys.stdin.readline()
    ledger = await open_ledger()
    print("open", flush=True)
    sys.stdin.readline()
    taken = await asyncio.gather(*(
        ledger.claim("prv_1", principal="local", environment="sandbox", claim_id=f"{{sys.argv[1]}}-{{number}}",
                     from_state=State.QUOTED, can_charge=False, now={NOW}, lease_seconds=60)
        for number in range({CLAIMS})))
    print(taken.count(Claim.TAKEN), flush=True)
    sys.stdin.readline()
    await ledger.close()

asyncio.run(main())
"""


class Claimer:
    """A process that opens the ledger, claims and ends, each when it is told to go on."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process, self._input, self._output = process, process.stdin, process.stdout

    async def says(self) -> str:
        return (await self._output.readline()).decode().strip()

    async def next(self) -> str:
        self._input.write(b"\n")
        await self._input.drain()
        return await self.says()

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()


Start = Callable[[int], Coroutine[Any, Any, list[Claimer]]]


@pytest.fixture
async def start(storage: Any) -> AsyncIterator[Start]:
    """Starts claimers of the storage that are ready to open it."""
    async with AsyncExitStack() as stack:

        @asynccontextmanager
        async def running(number: int) -> AsyncIterator[Claimer]:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", storage.script + CLAIMER, str(number),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
            claimer = Claimer(process)
            assert await claimer.says() == "ready"
            try:
                yield claimer
            finally:
                await process.communicate(b"\n\n\n")

        async def starting(count: int) -> list[Claimer]:
            return [await stack.enter_async_context(running(number)) for number in range(count)]

        yield starting


async def all_say(claimers: list[Claimer]) -> list[str]:
    return list(await asyncio.gather(*(claimer.next() for claimer in claimers)))


async def test_of_two_processes_with_50_claims_one_wins(start: Start, ledger: Ledger, quoted: Entry) -> None:
    await ledger.add(quoted)
    claimers = await start(2)
    assert await all_say(claimers) == ["open", "open"]
    assert sorted(await all_say(claimers)) == ["0", "1"]
    entry = await ledger.find("prv_1", **OWNER, now=NOW)
    assert entry is not None
    assert entry == replace(quoted, state=State.CLAIMED, claim_id=entry.claim_id, lease_until=NOW + 60, attempts=1)
    assert [row.event for row in await ledger.audit("prv_1")] == ["quoted", "claimed"]


@pytest.mark.requirement("once.crash")
async def test_a_claim_outlives_its_killed_process_and_becomes_unknown(
    start: Start, storage: Any, quoted: Entry
) -> None:
    ledger = await storage.open()
    await ledger.add(quoted)
    await ledger.close()
    [claimer] = await start(1)
    assert [await claimer.next(), await claimer.next()] == ["open", "1"]
    await claimer.kill()
    again = await storage.open()
    states = [(await again.find("prv_1", **OWNER, now=NOW + after)).state for after in (0, 59, 60)]
    assert states == [State.CLAIMED, State.CLAIMED, State.UNKNOWN]


@pytest.mark.requirement("ledger.storage")
async def test_processes_that_start_at_once_make_one_ledger(start: Start, storage: Any, quoted: Entry) -> None:
    claimers = await start(4)
    assert await all_say(claimers) == ["open"] * 4
    ledger = await storage.open()
    await ledger.add(quoted)
    assert sorted(await all_say(claimers)) == ["0", "0", "0", "1"]


@pytest.mark.requirement("transport.stop")
def test_a_ledger_that_nobody_closes_does_not_keep_its_process_alive(storage: Any) -> None:
    abandoning = storage.script + "import asyncio\nledger = asyncio.run(open_ledger())\nprint('done')\n"
    ended = subprocess.run([sys.executable, "-c", abandoning], capture_output=True, text=True, timeout=30, check=True)
    assert ended.stdout == "done\n"
