"""Who speaks in the demo: the agent, which calls tools, and the person, whom the server asks through the client."""

from collections.abc import Mapping
from typing import Any

from mcp import Client
from mcp_types import ElicitRequestFormParams, ElicitRequestParams, ElicitResult

from checkout_server.cli.screen import Screen, Styled


class UnexpectedStep(Exception):
    """A step of the demo came out otherwise. The text is a sentence of our own words."""


class Person:
    """Answers what the server asks. This demo plays it, and says so each time."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self.approves = False
        self.reads_aloud = True
        """Whether the whole question is printed."""

    async def __call__(self, context: Any, params: ElicitRequestParams) -> ElicitResult:
        if not isinstance(params, ElicitRequestFormParams):
            return ElicitResult(action="cancel")
        [(name, choice)] = params.requested_schema["properties"].items()
        refusal, approval = choice["enum"]  # in this order
        answer = approval if self.approves else refusal
        first, *lines = params.message.splitlines()
        self._screen.write(Styled(f"? {first}", "person"), indent=2, hang=2)
        for line in lines if self.reads_aloud else ():
            self._screen.write(line, indent=4, hang=2)
        self._screen.write("The demo answers in the person's place: ", Styled(answer, "person"), indent=2)
        return ElicitResult(action="accept", content={name: answer})


class Agent:
    """Calls tools and shows what it asked for."""

    def __init__(self, client: Client, screen: Screen) -> None:
        self._client = client
        self._screen = screen

    async def call(self, tool: str, arguments: Mapping[str, Any], about: str | None = None) -> dict[str, Any]:
        """The result of a call, which is shown with what it is about.

        Raises:
            UnexpectedStep: it was refused.
        """
        content = await self._call(tool, arguments, about)
        if "error" in content:
            raise UnexpectedStep(f"{tool} was refused with {content['error']['code']}.")
        return content

    async def expect_refusal(self, code: str, arguments: Mapping[str, Any], about: str) -> dict[str, Any]:
        """The error of a creation that must be refused.

        Raises:
            UnexpectedStep: it was not refused, or for another reason.
        """
        content = await self._call("create_checkout_session", arguments, about)
        error = content.get("error", {})
        if error.get("code") != code:
            raise UnexpectedStep(f"create_checkout_session was to be refused with {code}, and was not.")
        self._screen.write(Styled(f"← {code}", "bad"), f"  {error['message']}", indent=2, hang=2)
        return error

    async def _call(self, tool: str, arguments: Mapping[str, Any], about: str | None) -> dict[str, Any]:
        if about is not None:
            self._screen.write(Styled(f"→ {tool}", "name"), f"  {about}", indent=2, hang=2)
        result = await self._client.call_tool(tool, dict(arguments))
        return result.structured_content or {}
