"""``demo``: its options, and its course."""

import argparse
import asyncio
import tempfile
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError

from checkout_server.cli.demo.conversation import Agent, Person, UnexpectedStep
from checkout_server.cli.demo.recording import recorded
from checkout_server.cli.demo.scenes import SCENES, Stage
from checkout_server.cli.demo.shop import open_shop
from checkout_server.cli.program import program
from checkout_server.cli.screen import NOWHERE, Styled, open_screen
from checkout_server.privacy.logs.install import set_level
from checkout_server.privacy.logs.lines import say

_NEXT = (
    ("install CLIENT", "connects an agent of yours; --help lists the clients"),
    ("demo --browser", "lets you pay on the hosted page yourself"),
    ("demo --json", "prints the messages between agent and server"),
    ("sandbox", "runs the stand-in API on its own, to look around in"),
)


def run(arguments: argparse.Namespace) -> int:
    """0; 1 when a step came out otherwise than it should."""
    set_level("CRITICAL")
    with tempfile.TemporaryDirectory(prefix="dodo-checkout-demo-", ignore_cleanup_errors=True) as folder:
        try:
            asyncio.run(_perform(Path(folder), as_json=arguments.json, by_hand=arguments.browser))
        except UnexpectedStep as unexpected:
            return _stopped(str(unexpected))
        except (LookupError, TypeError, ValueError, httpx2.HTTPError, MCPError):
            return _stopped("an answer could not be used.")
        except ExceptionGroup:  # of the SDK's task groups, which are left without a failure of the play
            return _stopped("its server did not start, or ended.")
    return 0


def _stopped(sentence: str) -> int:
    say(f"The demo stopped: {sentence}")
    return 1


async def _perform(folder: Path, *, as_json: bool, by_hand: bool) -> None:
    screen = NOWHERE if as_json else open_screen()
    failure: Exception | None = None
    async with open_shop(folder) as shop:
        with shop.log.open("w", encoding="utf-8") as log:
            server: AbstractAsyncContextManager[Any] = stdio_client(shop.server(), errlog=log)
            person = Person(screen)
            async with Client(recorded(server) if as_json else server, elicitation_callback=person) as client:
                try:
                    await _play(client, Stage(screen, shop, Agent(client, screen), person, by_hand))
                except Exception as error:  # noqa: BLE001 - raised below: here the SDK's task groups would wrap it
                    failure = error
    if failure is not None:
        raise failure


async def _play(client: Client, stage: Stage) -> None:
    screen = stage.screen
    tools = ", ".join(each.name for each in (await client.list_tools()).tools)
    screen.write(Styled("An agent sells, a buyer pays and a person decides, all on this machine.", "heading"))
    screen.write("No account, no key and no money: a stand-in for the payment API, with made-up prices and taxes.")
    screen.write(Styled(f"MCP {client.protocol_version} over stdio; tools: {tools}", "quiet"))
    for scene in SCENES:
        await scene(stage)
    screen.write()
    screen.write(Styled("Everything came out as it should.", "good"))
    screen.table([[Styled(f"{program()} {command}", "name"), does] for command, does in _NEXT], indent=2)
