"""openai-agents: a model that calls the tool once, and reads what the runner gives it back."""

import asyncio
import json
from typing import Any

from agents import Agent, Model, ModelResponse, Runner, Usage, set_tracing_disabled
from agents.mcp import MCPServerStdio
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText
from plan import SERVER, report


class ScriptedModel(Model):
    """Calls one tool, then says that it is done."""

    def __init__(self, tool: str, arguments: Any) -> None:
        self.call = ResponseFunctionToolCall(
            type="function_call", call_id="call_1", name=tool, arguments=json.dumps(arguments)
        )
        self.inputs: list[Any] = []

    async def get_response(self, system_instructions: Any, input: Any, *_args: Any, **_options: Any) -> ModelResponse:  # noqa: A002 - the base class's name
        self.inputs.append(input)
        text = ResponseOutputText(type="output_text", text="done", annotations=[])
        done = ResponseOutputMessage(id="1", type="message", role="assistant", status="completed", content=[text])
        output = self.call if len(self.inputs) == 1 else done
        return ModelResponse(output=[output], usage=Usage(), response_id=None)

    def stream_response(self, *_args: Any, **_options: Any) -> Any:
        raise NotImplementedError


async def main() -> None:
    set_tracing_disabled(True)
    async with MCPServerStdio(SERVER, client_session_timeout_seconds=30) as server:

        async def hand_over(tool: str, arguments: Any) -> Any:
            model = ScriptedModel(tool, arguments)
            await Runner.run(Agent(name="seller", model=model, mcp_servers=[server]), "go")
            return {"model": [item["output"] for item in model.inputs[1] if item.get("type") == "function_call_output"]}

        await report(hand_over)


asyncio.run(main())
