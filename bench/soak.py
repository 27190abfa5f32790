"""A long randomised run of sales through faults, kills and cancellations, over both ledgers.

For each ledger two server processes sell from one faulty upstream, which counts what it really made: one that lives as
long as the run, and one that is killed now and then. The same seed gives the same plan. Printed are the previews that
were charged twice or got a third page, the answers that were not true, and of the servers that lived memory,
descriptors and tasks, as they were after two minutes (or half the time) and are at the end.

    uv run python bench/soak.py --minutes 10 --seed 1 [--plan 20]
"""

import argparse
import asyncio
import base64
import itertools
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

import postgres
from fault_cases import CASES, accept, call, environment, word
from faulty_upstream import FaultyUpstream, hold, no_fault
from orders import CONFIRMED, HOSTED, ORDER

FAULTS = sorted(CASES.keys() - {"hang past the deadline"})
"""Those that do not take the deadline of a creation."""
LEDGERS = ("sqlite", "postgres")
ACTIONS = ("ask again", "twice at once", "on both servers", "cancel", "kill")
WEIGHTS = (6, 2, 2, 2, 1)
SETTLED_SECONDS = 25.0
"""After this a claim of a killed process has lapsed."""
KEYS = base64.urlsafe_b64encode(b"k" * 32).decode()
WARM_SECONDS = 120.0
"""After this every cache and pool has its size."""
LAUNCHER = """
import asyncio, gc, os, signal, sys
from pathlib import Path

pid_file = Path(sys.argv.pop())

def count_tasks(_number, _frame):
    running = sum(isinstance(each, asyncio.Task) and not each.done() for each in gc.get_objects())
    written = pid_file.with_suffix(".counted")
    written.write_text(str(running))
    written.rename(pid_file.with_suffix(".tasks"))

signal.signal(signal.SIGUSR1, count_tasks)
pid_file.write_text(str(os.getpid()))
from checkout_server.cli import main
sys.exit(main([]))
"""


class Usage(NamedTuple):
    """What a process holds."""

    mebibytes: float
    """Resident memory."""
    descriptors: int
    tasks: int
    """Those that still run."""


class Step(NamedTuple):
    """One sale of the plan."""

    ledger: str
    confirmed: bool
    fault: str
    action: str


def plan(seed: int) -> Iterator[Step]:
    """The sales of a run, without end; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - a plan, and no secret
    while True:
        yield Step(
            chance.choice(LEDGERS),
            chance.random() < 0.5,
            chance.choice(FAULTS),
            chance.choices(ACTIONS, WEIGHTS)[0],
        )


@dataclass
class Server:
    """A server process over stdio, and how it is started again."""

    environment: dict[str, str]
    pid_file: Path
    client: Client | None = None
    _life: asyncio.Task[None] | None = None
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        self._over, ready = asyncio.Event(), asyncio.Event()
        self._life = asyncio.create_task(self._live(ready))
        await ready.wait()

    async def _live(self, ready: asyncio.Event) -> None:
        """In a task of its own: the client must be closed by the task that opened it, in any order of the servers."""
        arguments = ["-c", LAUNCHER, str(self.pid_file)]
        parameters = StdioServerParameters(command=sys.executable, args=arguments, env=self.environment)
        with self.pid_file.with_suffix(".log").open("a") as log:
            async with Client(stdio_client(parameters, errlog=log), elicitation_callback=accept) as self.client:
                ready.set()
                await self._over.wait()

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        assert self.client is not None
        return await call(self.client, tool, **arguments)

    @property
    def pid(self) -> int:
        return int(self.pid_file.read_text())

    async def stop(self) -> None:
        self._over.set()
        if self._life is not None:
            await asyncio.wait({self._life})
            self._life.exception()  # the connection of a killed server ends in errors of many kinds

    async def kill_and_restart(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        await self.stop()
        await self.start()

    async def usage(self) -> "Usage":
        """What the process holds now; it counts its own tasks when it is signalled, before its next answer."""
        counted = self.pid_file.with_suffix(".tasks")
        counted.unlink(missing_ok=True)
        os.kill(self.pid, signal.SIGUSR1)
        while not counted.exists():
            await self.call("list_products")
        return self._usage(int(counted.read_text()))

    def _usage(self, tasks: int) -> "Usage":
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        return Usage(resident / 1024, sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir()), tasks)


@dataclass
class Run:
    """The servers by ledger (one that lives, one that is killed), what was sold, and what was wrong."""

    upstream: FaultyUpstream
    servers: dict[str, tuple[Server, Server]]
    sold: list[tuple[str, Step]] = field(default_factory=list[tuple[str, Step]])
    untrue: list[str] = field(default_factory=list[str])
    kills: int = 0

    async def sell(self, step: Step) -> None:
        """One sale: through its fault and its action, and then looked up and asked for once more without a fault."""
        living, doomed = self.servers[step.ledger]
        rest = CONFIRMED if step.confirmed else HOSTED
        self.upstream.fault = no_fault
        preview_id = (await living.call("preview_checkout", **ORDER))["preview_id"]
        self.sold.append((preview_id, step))
        self.upstream.arrived.clear()
        self.upstream.released.clear()
        self.upstream.fault = hold if step.action in {"cancel", "kill"} else CASES[step.fault].fault
        arguments: dict[str, Any] = {"preview_id": preview_id, **rest}
        match step.action:
            case "kill":
                creating = asyncio.create_task(doomed.call("create_checkout_session", **arguments))
                await self._wait_for_request(preview_id, step, creating)
                await doomed.kill_and_restart()
                self.kills += 1
                await asyncio.gather(creating, return_exceptions=True)
            case "cancel":
                creating = asyncio.create_task(living.call("create_checkout_session", **arguments))
                await self._wait_for_request(preview_id, step, creating)
                creating.cancel()
                await asyncio.gather(creating, return_exceptions=True)
            case "twice at once" | "on both servers":
                others = (living, doomed if step.action == "on both servers" else living)
                told = await asyncio.gather(*(each.call("create_checkout_session", **arguments) for each in others))
                for each in told:
                    self._judge(preview_id, step, each)
            case _:
                self._judge(preview_id, step, await living.call("create_checkout_session", **arguments))
        self.upstream.fault = no_fault
        self.upstream.released.set()
        await self.look_up(preview_id, step)
        if step.action != "kill":  # before its lease has ended the call would wait
            self._judge(preview_id, step, await living.call("create_checkout_session", **arguments))

    async def _wait_for_request(self, preview_id: str, step: Step, creating: asyncio.Task[dict[str, Any]]) -> None:
        """Wait until the creation has reached the upstream; one that ends before is wrong."""
        arrived = asyncio.create_task(self.upstream.arrived.wait())
        await asyncio.wait({creating, arrived}, return_when=asyncio.FIRST_COMPLETED)
        arrived.cancel()
        if creating.done() and not self.upstream.arrived.is_set():
            self.untrue.append(f"{preview_id} {step} sent nothing: {creating.exception() or creating.result()}")

    async def look_up(self, preview_id: str, step: Step) -> None:
        told = await self.servers[step.ledger][0].call("get_checkout_session", preview_id=preview_id)
        made = self.upstream.sessions_of(preview_id)
        if "session_id" in told:
            wrong = told["session_id"] not in made
        elif "error" in told:
            wrong = True  # nothing was wrong with the API or the ledger
        else:
            wrong = bool(made) and told["status"] in {"not_created", "refused"}
        if wrong:
            self.untrue.append(f"{preview_id} {step} looked up: {told}")

    def _judge(self, preview_id: str, step: Step, told: dict[str, Any]) -> None:
        made = self.upstream.sessions_of(preview_id)
        wrong = told["session_id"] not in made if word(told) == "session" else False
        if wrong or (word(told) in {"gateway_refused", "rate_limited", "gateway_unavailable"} and made):
            self.untrue.append(f"{preview_id} {step} created: {told}")

    def doubles(self) -> list[str]:
        """Previews with more than one charge, or more than two pages."""
        return [
            f"{preview_id} {step}"
            for preview_id, step in self.sold
            if len(self.upstream.sessions_of(preview_id)) > (1 if step.confirmed else 2)
        ]


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Run]:
    with postgres.start("soak") as database:
        url = await postgres.empty_database(database)
        async with FaultyUpstream().running() as upstream:
            ledgers = {"sqlite": str(folder / "ledger.db"), "postgres": url}
            servers: dict[str, tuple[Server, Server]] = {}
            for name in LEDGERS:
                ours = environment(folder, upstream.url) | {
                    "CHECKOUT_LEDGER": ledgers[name],
                    "CHECKOUT_SECRET_KEYS": KEYS,
                }
                one, two = (Server(ours, folder / f"{name}-{number}") for number in range(2))
                servers[name] = one, two
            try:
                for server in itertools.chain(*servers.values()):
                    await server.start()
                yield Run(upstream, servers)
            finally:
                for server in itertools.chain(*servers.values()):
                    await server.stop()


async def soak(minutes: float, seed: int) -> bool:
    """Run, print, and say whether nothing was wrong."""
    with tempfile.TemporaryDirectory() as name:
        async with opened(Path(name)) as run:
            begun, steps = time.monotonic(), plan(seed)
            until, warm_at = begun + 60 * minutes, begun + min(WARM_SECONDS, 30 * minutes)
            warm: dict[str, Usage] = {}
            while time.monotonic() < until:
                await run.sell(next(steps))
                if not warm and time.monotonic() >= warm_at:
                    warm = {ledger: await servers[0].usage() for ledger, servers in run.servers.items()}
            await asyncio.sleep(SETTLED_SECONDS)
            for preview_id, step in run.sold:
                await run.look_up(preview_id, step)
            print(f"seed {seed}: {len(run.sold)} sales, {run.kills} kills")
            for title, found in (("doubles", run.doubles()), ("untrue answers", run.untrue)):
                print(f"{title}: {len(found)}", *found, sep="\n  ")
            for ledger, (living, _) in run.servers.items():
                last = await living.usage()
                first = warm.get(ledger, last)
                print(
                    f"{ledger}: memory {first.mebibytes:.1f} → {last.mebibytes:.1f} MiB "
                    f"({last.mebibytes / first.mebibytes:.2f} ×), "
                    f"descriptors {first.descriptors} → {last.descriptors}, tasks {first.tasks} → {last.tasks}"
                )
            return not run.doubles() and not run.untrue


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plan", type=int, metavar="N", help="print the first N sales of the plan, and sell nothing")
    arguments = parser.parse_args()
    if arguments.plan is not None:
        print(*itertools.islice(plan(arguments.seed), arguments.plan), sep="\n")
        return 0
    return 0 if asyncio.run(soak(arguments.minutes, arguments.seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
