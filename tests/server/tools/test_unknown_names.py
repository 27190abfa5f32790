"""What is asked for by a name that does not exist."""

import json
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError

NAME = "jane-at-home"


@pytest.mark.requirement("error.no_echo")
async def test_an_unknown_tool_prompt_or_resource_is_refused_without_its_name(open_shop: Any) -> None:
    async with open_shop() as shop:
        for asked in (
            shop.client.call_tool(NAME, {NAME: NAME}),
            shop.client.get_prompt(NAME, {NAME: NAME}),
            shop.client.read_resource(f"file:///{NAME}"),
        ):
            with pytest.raises(MCPError) as refused:
                await asked
            error = refused.value.error
            assert error.code == -32602
            assert error.message.startswith("Unknown ")
            assert NAME not in json.dumps([error.message, error.data])
