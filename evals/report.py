"""The table of a run, and what failed in it."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from evals.run import Result


def write_report(runs: Sequence[Sequence[Result]]) -> str:
    """One line for each group and one for all.

    Args:
        runs: the results of every task, a list for each time that all of them were run.
    """
    repeats = len(runs)
    by_task = list(zip(*runs, strict=True))
    groups = [(name, list(rows)) for name, rows in groupby(by_task, key=lambda row: row[0].task.name.split("/")[0])]
    head = ("group", "tasks", "passed", f"pass^{repeats}", "calls", "tokens")
    lines = [head, *(_line(name, rows) for name, rows in groups), _line("all", by_task)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    table = [
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(cells))
        for cells in (list(zip(line, widths, strict=True)) for line in lines)
    ]
    return "\n".join([*table, *_failures(runs)])


def _line(name: str, rows: Sequence[Sequence[Result]]) -> tuple[str, ...]:
    results = [result for row in rows for result in row]
    passed = sum(result.passed for result in results)
    always = sum(all(result.passed for result in row) for row in rows)
    return (
        name,
        str(len(rows)),
        f"{passed}/{len(results)}",
        f"{always}/{len(rows)}",
        f"{_mean(result.calls for result in results):.1f}",
        f"{_mean(result.tokens for result in results):.0f}",
    )


def _mean(numbers: Iterable[int]) -> float:
    listed = list(numbers)
    return sum(listed) / len(listed)


def _failures(runs: Sequence[Sequence[Result]]) -> list[str]:
    return [
        f"FAILED {result.task.name}" + (f" (run {number})" if len(runs) > 1 else "") + f": {failure}"
        for number, results in enumerate(runs, 1)
        for result in results
        for failure in result.failures
    ]
