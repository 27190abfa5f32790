"""``python -m evals``: runs the tasks with the scripted agent, or with a model; exits 1 where one failed."""

import argparse
import asyncio
import functools
import logging
import os
import sys
from collections.abc import Sequence

import httpx2

from evals.agent import Hire
from evals.model_agent import ModelAgent
from evals.model_api import APIS
from evals.report import write_report
from evals.run import Result, run_task
from evals.scripted_agent import ScriptedAgent
from evals.task import Task, choose, load_tasks
from evals.world import Transport

ANSWER_SECONDS = 180.0
"""How long one answer of a model may take."""
AT_ONCE = 4
"""Tasks that are worked at side by side."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print the table and what failed, and return the exit status."""
    options = _options(arguments)
    errors = logging.StreamHandler()
    errors.setLevel(logging.ERROR)
    logging.basicConfig(handlers=[errors])  # of the servers in this process; else the SDK shows every event
    runs = asyncio.run(_run_all(options))
    print(write_report(runs))
    return 0 if all(result.passed for results in runs for result in results) else 1


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals", description="Runs tasks for an agent with the tools.")
    parser.add_argument("--tasks", default="*", metavar="GLOB", help="those to run, such as 'guide/*'")
    parser.add_argument("--transport", choices=["memory", "stdio"], default="memory")
    parser.add_argument("--model", metavar="NAME", help="the model to run instead of the scripted agent")
    parser.add_argument("--url", help="of the model's API: ends before /chat/completions, or before /v1/messages")
    parser.add_argument("--key-env", metavar="VAR", help="the environment variable that holds the API's key")
    parser.add_argument("--api", choices=sorted(APIS), default="openai", help="the wire format")
    parser.add_argument("--repeat", type=int, metavar="N", help="runs of each task; 1 scripted, 3 with a model")
    options = parser.parse_args(arguments)
    options.chosen = choose(load_tasks(), options.tasks)
    if not options.chosen:
        parser.error("no task has such a name")
    if options.model is None:
        options.repeat = options.repeat or 1
        return options
    if options.url is None or options.key_env is None:
        parser.error("--model needs --url and --key-env")
    options.key = os.environ.get(options.key_env, "")
    if not options.key or not options.key.isascii() or not options.key.isprintable():
        parser.error(f"{options.key_env} holds no key")
    options.repeat = options.repeat or 3
    return options


async def _run_all(options: argparse.Namespace) -> list[list[Result]]:
    tasks: list[Task] = options.chosen
    async with httpx2.AsyncClient(timeout=ANSWER_SECONDS) as http:
        hire: Hire = lambda _task, world: ScriptedAgent(world)  # noqa: E731 - one of two
        if options.model is not None:
            api = APIS[options.api](http, options.url, options.model, options.key)
            hire = functools.partial(ModelAgent, api=api)
        room = asyncio.Semaphore(AT_ONCE)
        return [
            await asyncio.gather(*(_run_one(task, hire, options.transport, room) for task in tasks))
            for _ in range(options.repeat)
        ]


async def _run_one(task: Task, hire: Hire, transport: Transport, room: asyncio.Semaphore) -> Result:
    async with room:
        return await run_task(task, hire, transport)


if __name__ == "__main__":
    sys.exit(main())
