"""A team's server under load: many clients of several principals on replicas of one PostgreSQL.

First sales through disturbances: real MCP clients of both eras preview, sell with the hosted page and, approved, with
``confirm``, and ask for each other's sales, while one replica is killed and started again and the database crashes
once. Then every sale is looked up, and compared with what the upstream really made.

Then sales without disturbances, in turns with a bare SDK server that has the same check of tokens and makes the same
requests, on one replica and on two: as many sales a second as a part of the bare server's. What a sale costs on one
replica and on two is compared at the same rate of sales: a server that is kept busy does several things each time that
it wakes, and two that share the cores of one with their database wake more often.

    uv run python bench/load.py [--replicas 2] [--clients 64] [--seconds 45] [--turns 8] [--turn-seconds 3]
"""

import argparse
import asyncio
import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from faulty_upstream import Exchange, FaultyUpstream, hold
from issuers import running_issuer
from under_load.agents import Agent, Run
from under_load.measured import Turns, prepared
from under_load.team import Database, running_database, running_team
from under_load.verdict import judge
from upstream import running_upstream

AT_LEAST = 0.7
AT_LEAST_OF_TWO, CORES_FOR_TWO = 1.7, 6
ALIKE = 0.1
"""How far the cost of a sale on two replicas may be from that on one."""
EASY = 0.3
"""Of what one replica sells at most: the rate at which costs are compared."""
API_SECONDS = 0.05
"""From a creation to its answer."""


@asynccontextmanager
async def creations_in_flight(upstream: FaultyUpstream, count: int) -> AsyncGenerator[None]:
    """Begin the block with so many creations made and not answered, and answer them at its end."""
    left, enough = count, asyncio.Event()

    async def hold_and_count(exchange: Exchange) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            enough.set()
        await hold(exchange)

    upstream.released.clear()
    upstream.fault = hold_and_count
    await enough.wait()
    yield
    upstream.fault = create_slowly
    upstream.released.set()


async def create_slowly(exchange: Exchange) -> None:
    made = await exchange.create()
    await asyncio.sleep(API_SECONDS)
    await exchange.answer(made.status_code, made.content)


async def sell_through_disturbances(database: Database, replicas: int, clients: int, seconds: float) -> bool:
    """Sell, print, and say whether every promise was kept."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = await database.make("disturbed")
        async with (
            running_issuer() as issuer,
            FaultyUpstream(create_slowly).running() as upstream,
            running_team(replicas, Path(folder), upstream.url, ledger, issuer) as team,
        ):
            run = Run(team, issuer)
            await run.learn_what_is_unknown()
            selling = [asyncio.create_task(Agent(run, number).sell_until_over()) for number in range(clients)]
            await asyncio.sleep(seconds / 3)
            async with creations_in_flight(upstream, clients // 4):
                await team.kill(0)
            await asyncio.sleep(seconds / 12)
            await team.restart(0)
            await asyncio.sleep(seconds / 4)
            async with creations_in_flight(upstream, clients // 4):
                await database.crash()
            await database.start()
            await asyncio.sleep(seconds / 3)
            run.is_over = True
            await asyncio.gather(*selling)
            verdict = await judge(run, upstream)
            crashes = team.crashes()
    told = Counter(attempt.told for attempt in run.attempts)
    print(f"{replicas} replicas, {clients} clients: {verdict.sold} sales of {len(run.attempts)} attempts", dict(told))
    print(f"connections broken: {sum(run.broken.values())}", dict(run.broken))
    print(f"asked for another principal's: {sum(run.strangers.values())}", dict(run.strangers))
    print(f"pages of an unknown outcome, which nobody was given: {verdict.unknown}; made again: {verdict.second_pages}")
    kept = True
    for title, found in (
        ("double creations", verdict.doubles),
        ("lost outcomes", verdict.lost),
        ("wrong-principal answers", run.wrong_principal),
        ("crashes", crashes),
    ):
        print(f"{title}: {len(found)}", *found[:5], sep="\n  ")
        kept = kept and not found
    return kept


async def measure(database: Database, clients: int, turns: int, seconds: float) -> bool:
    """Measure, print, and say whether a sale costs two replicas what it costs one."""
    with tempfile.TemporaryDirectory() as folder, running_upstream() as upstream:
        async with (
            running_issuer() as issuer,
            prepared(database, Path(folder), upstream, issuer, clients) as servers,
        ):
            for each in servers.values():
                await each.take_turn(database, seconds, Turns())  # opens connections and warms caches
            for _ in range(turns):
                for each in servers.values():
                    await each.take_turn(database, seconds, each.fast)
            _, one, two = servers.values()
            for _ in range(turns):
                for each in (one, two):
                    await each.take_turn(database, seconds, each.paced, rate=EASY * one.fast.rate)
    rates = [each.fast.rate for each in servers.values()]
    print("sales a second: bare {:.0f}, one replica {:.0f}, two replicas {:.0f}".format(*rates))
    print(f"one replica beside bare: {rates[1] / rates[0]:.2f} × (at least {AT_LEAST} is asked)")
    cores = os.cpu_count() or 1
    if cores >= CORES_FOR_TWO:
        print(f"two replicas beside one: {rates[2] / rates[1]:.2f} × (at least {AT_LEAST_OF_TWO})")
    else:
        print(f"two replicas beside one: not run here, which takes {CORES_FOR_TWO} cores and has {cores}")
    costs = [each.fast.cpu_of_a_sale * 1000 for each in servers.values()]
    print("CPU milliseconds of a sale then: bare {:.2f}, one replica {:.2f}, two replicas {:.2f}".format(*costs))
    print(f"at {EASY * rates[1]:.0f} sales a second, on one replica and on two:")
    alike = True
    for title, of_one, of_two in (
        ("CPU milliseconds", one.paced.cpu_of_a_sale * 1000, two.paced.cpu_of_a_sale * 1000),
        ("ledger statements", one.paced.statements_of_a_sale, two.paced.statements_of_a_sale),
    ):
        print(f"{title} of a sale: one replica {of_one:.2f}, two replicas {of_two:.2f} ({of_two / of_one:.2f} ×)")
        alike = alike and abs(of_two / of_one - 1) <= ALIKE
    return (
        alike and rates[1] / rates[0] >= AT_LEAST and (cores < CORES_FOR_TWO or rates[2] / rates[1] >= AT_LEAST_OF_TWO)
    )


async def run(options: argparse.Namespace) -> bool:
    kept = True
    with running_database() as database:
        if options.seconds:
            kept = await sell_through_disturbances(database, options.replicas, options.clients, options.seconds)
        if options.turns:
            kept = await measure(database, options.clients, options.turns, options.turn_seconds) and kept
    return kept


def main() -> int:
    logging.getLogger("mcp").setLevel(logging.CRITICAL)  # of the clients, whose broken connections are counted
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicas", type=int, choices=(1, 2), default=2)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=45, help="of sales through disturbances; 0 leaves them out")
    parser.add_argument("--turns", type=int, default=8, help="of each server that is measured; 0 leaves them out")
    parser.add_argument("--turn-seconds", type=float, default=3)
    return 0 if asyncio.run(run(parser.parse_args())) else 1


if __name__ == "__main__":
    sys.exit(main())
