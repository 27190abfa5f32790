"""One ledger, several processes: real ones, started, raced and killed."""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from checkout_server.checkout.ledger.contract import Entry, Ledger, State
from checkout_server.checkout.ledger.migrations import SCHEMA_VERSION
from ledger_steps import ARGUMENTS, BUYER, GOODS, NOW, OWNER, expected

CALLS = 25
"""Concurrent calls of each process."""

RACER = f"""
import asyncio, collections, json, sys
from checkout_server.checkout.ledger.contract import Owner, State

OWNER = {OWNER}

def claim(preview_id, who, limit=None):
    return ledger.claim(
        preview_id, owner=OWNER, claim_id=who, from_state=State.QUOTED, attempts=0, can_charge=False,
        arguments={ARGUMENTS}, goods={GOODS!r}, sold_to={BUYER!r}, now={NOW}, lease_seconds=60, hourly_limit=limit)

RACES = {{
    "claim": lambda who: claim("prv_1", who),
    "hourly": lambda who: claim("prv_" + who, who, limit=7),
    "question": lambda who: ledger.count_question("prv_" + who, owner=OWNER, goods={GOODS!r}, now={NOW}, most=3),
    "account": lambda who: ledger.store_account("fingerprint", "acc_" + who),
}}

async def main(who, race):
    global ledger
    print("ready", flush=True)
    sys.stdin.readline()
    ledger = await open_ledger()
    print("open", flush=True)
    sys.stdin.readline()
    ended = await asyncio.gather(*(RACES[race](f"{{who}}-{{number}}") for number in range({CALLS})))
    print(json.dumps(collections.Counter(map(str, ended))), flush=True)
    sys.stdin.readline()
    await ledger.close()

asyncio.run(main(*sys.argv[1:]))
"""


class Racer:
    """A process that opens the ledger, makes its calls and ends, each when it is told to go on."""

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


Start = Callable[[int, str], Coroutine[Any, Any, list[Racer]]]


@pytest.fixture
async def start(storage: Any) -> AsyncIterator[Start]:
    """Starts racers that are ready to open the storage, and says what they will race for."""
    async with AsyncExitStack() as stack:

        @asynccontextmanager
        async def running(number: int, race: str) -> AsyncIterator[Racer]:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", storage.script + RACER, str(number), race,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
            racer = Racer(process)
            assert await racer.says() == "ready"
            try:
                yield racer
            finally:
                await process.communicate(b"\n\n\n")

        async def starting(count: int, race: str) -> list[Racer]:
            return [await stack.enter_async_context(running(number, race)) for number in range(count)]

        yield starting


async def all_say(racers: list[Racer]) -> list[str]:
    return list(await asyncio.gather(*(racer.next() for racer in racers)))


async def results(racers: list[Racer]) -> Counter[str]:
    """How many calls of all of them ended how."""
    return sum((Counter(json.loads(said)) for said in await all_say(racers)), Counter[str]())


@pytest.mark.requirement("once.concurrent")
async def test_of_two_processes_with_50_claims_one_wins(start: Start, ledger: Ledger, quoted: Entry) -> None:
    await ledger.add(quoted)
    racers = await start(2, "claim")
    assert await all_say(racers) == ["open", "open"]
    assert await results(racers) == {"taken": 1, "not_free": 2 * CALLS - 1}
    entry = await ledger.find("prv_1", owner=OWNER, now=NOW)
    assert entry is not None
    assert entry == expected(quoted, State.CLAIMED, claim_id=entry.claim_id or "")
    assert [row.event for row in await ledger.audit("prv_1")] == ["quoted", "claimed"]


@pytest.mark.requirement("policy.hourly")
async def test_processes_that_claim_at_once_stay_below_the_hourly_limit(
    start: Start, ledger: Ledger, quoted: Entry
) -> None:
    for process, number in product(range(2), range(CALLS)):
        await ledger.add(replace(quoted, preview_id=f"prv_{process}-{number}"))
    racers = await start(2, "hourly")
    await all_say(racers)
    assert await results(racers) == {"taken": 7, "too_many": 2 * CALLS - 7}


@pytest.mark.requirement("ledger.questions")
async def test_processes_that_ask_at_once_ask_as_often_as_is_allowed(start: Start, ledger: Ledger) -> None:
    racers = await start(2, "question")
    await all_say(racers)
    assert await results(racers) == {"True": 3, "False": 2 * CALLS - 3}
    assert not await ledger.count_question("prv_1", owner=OWNER, goods=GOODS, now=NOW, most=3)


@pytest.mark.requirement("preview.owner")
async def test_processes_that_store_an_account_at_once_agree_on_the_first(start: Start, ledger: Ledger) -> None:
    racers = await start(2, "account")
    await all_say(racers)
    assert await results(racers) == {await ledger.find_account("fingerprint"): 2 * CALLS}


@pytest.mark.requirement("once.crash")
async def test_a_claim_outlives_its_killed_process_and_becomes_unknown(
    start: Start, storage: Any, quoted: Entry
) -> None:
    ledger = await storage.open()
    await ledger.add(quoted)
    await ledger.close()
    [racer] = await start(1, "claim")
    assert await racer.next() == "open"
    assert await results([racer]) == {"taken": 1, "not_free": CALLS - 1}
    await racer.kill()
    again = await storage.open()
    states = [(await again.find("prv_1", owner=OWNER, now=NOW + after)).state for after in (0, 59, 60)]
    assert states == [State.CLAIMED, State.CLAIMED, State.UNKNOWN]


@pytest.mark.requirement("ledger.storage")
async def test_processes_that_start_at_once_make_one_ledger(start: Start, storage: Any, quoted: Entry) -> None:
    racers = await start(4, "claim")
    assert await all_say(racers) == ["open"] * 4
    ledger = await storage.open()
    await ledger.add(quoted)
    assert await results(racers) == {"taken": 1, "not_free": 4 * CALLS - 1}


@pytest.mark.requirement("ledger.migrations")
async def test_processes_that_start_at_once_migrate_one_ledger(start: Start, storage: Any, quoted: Entry) -> None:
    await storage.run(storage.released(1))
    racers = await start(4, "claim")
    assert await all_say(racers) == ["open"] * 4
    assert await storage.query(storage.version) == [(SCHEMA_VERSION,)]
    assert await storage.query("SELECT count(*) FROM {schema}preview WHERE goods IS NULL") == [(len(State),)]
    await (await storage.open()).add(quoted)
    assert await results(racers) == {"taken": 1, "not_free": 4 * CALLS - 1}


@pytest.mark.requirement("transport.stop")
def test_a_ledger_that_nobody_closes_does_not_keep_its_process_alive(storage: Any) -> None:
    abandoning = storage.script + "import asyncio\nledger = asyncio.run(open_ledger())\nprint('done')\n"
    ended = subprocess.run([sys.executable, "-c", abandoning], capture_output=True, text=True, timeout=30, check=True)
    assert ended.stdout == "done\n"
