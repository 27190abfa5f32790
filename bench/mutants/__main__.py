"""Whether the tests notice small changes to the domain, the policy and the contract.

cosmic-ray makes the changes; of all places, a seed chooses a sample. The tests run once without a change, so that each
mutant is met by those tests alone that run its statement, the fastest first, until one fails. A survivor is listed in
``survivors.toml`` with the reason, or gets a test. All of it happens in copies of the tree.

    uv run --group mutants python -m bench.mutants [--sample 150] [--seed 1] [--within PART_OF_A_PATH]

Exits with 1 if fewer than 90 % of the observable mutants are killed.
"""

import argparse
import os
import queue
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from bench.mutants import trees
from bench.mutants.choosing import choose
from bench.mutants.mutant import Mutant, known, reason_of
from bench.mutants.sight import Sight, watch

ENOUGH = 0.9
LEAST_TIME = 60.0
"""Seconds that the tests of any mutant may take, pytest's start included; and that one of them may take."""
FAR_LONGER = 4
"""How many times as long as without the mutant."""


class Outcome(NamedTuple):
    """What became of a mutant."""

    mutant: Mutant
    ending: trees.Ending
    tests: int
    """How many see it."""
    seconds: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=150, help="how many mutants (default: 150)")
    parser.add_argument("--seed", type=int, default=1, help="chooses them (default: 1)")
    parser.add_argument("--within", default="", metavar="PART", help="only modules with this in their path")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="mutants at a time")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        outcomes = list(_outcomes(Path(folder), arguments))
    return _report(outcomes)


def _outcomes(folder: Path, arguments: argparse.Namespace) -> Iterator[Outcome]:
    copies = [trees.copy(folder / str(number)) for number in range(arguments.workers)]
    mutants = choose(copies[0], arguments.sample, arguments.seed, arguments.within)
    sight = watch(copies[0], folder / "watched", arguments.workers)
    if not sight.seconds:
        sys.exit("No test passed without a change.")
    print(f"{len(mutants)} mutants, {len(sight.seconds)} tests watched\n", flush=True)
    free: queue.SimpleQueue[Path] = queue.SimpleQueue()
    for each in copies:
        free.put(each)

    def tried(mutant: Mutant) -> Outcome:
        root = free.get()
        try:
            return _try(root, mutant, sight)
        finally:
            free.put(root)

    with ThreadPoolExecutor(arguments.workers) as pool:
        for ended in as_completed([pool.submit(tried, mutant) for mutant in mutants]):
            outcome = ended.result()
            print(f"{outcome.ending:9} {outcome.seconds:4.0f} s, {outcome.tests:4} tests  {outcome.mutant}", flush=True)
            yield outcome


def _try(root: Path, mutant: Mutant, sight: Sight) -> Outcome:
    tests = sight.tests_of(mutant)
    seconds = [sight.seconds[test] for test in tests]
    limits = trees.Limits(
        LEAST_TIME + FAR_LONGER * sum(seconds), of_one=LEAST_TIME + FAR_LONGER * max(seconds, default=0.0)
    )
    began = time.monotonic()
    with trees.mutated(root, mutant):
        ending = trees.try_tests(root, tests, limits)
    return Outcome(mutant, ending, len(tests), time.monotonic() - began)


def _report(outcomes: list[Outcome]) -> int:
    """Print the figures and the survivors; the exit code."""
    survivors = known()
    lived = [(each.mutant, reason_of(each.mutant, survivors)) for each in outcomes if each.ending == "survived"]
    unobservable = sum(reason is not None for _, reason in lived)
    killed, observable = len(outcomes) - len(lived), len(outcomes) - unobservable
    late = sum(each.ending == "timed out" for each in outcomes)
    print(f"\n{killed} of {observable} observable mutants killed ({killed / (observable or 1):.0%}), {late} by time")
    print(f"{unobservable} more survive for a reason, {len(lived) - unobservable} without one:")
    for mutant, reason in lived:
        print(f"  {mutant}\n    {reason or 'no reason is listed: write a test'}")
    return 0 if killed >= ENOUGH * observable else 1


if __name__ == "__main__":
    sys.exit(main())
