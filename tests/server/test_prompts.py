"""Prompts and instructions, as a client gets them."""

from typing import Any

import pytest
from mcp.shared.exceptions import MCPError

from checkout_prompts.library import load_instructions, load_prompts


@pytest.mark.requirement("prompts.served")
async def test_a_client_lists_and_gets_the_prompts(open_shop: Any) -> None:
    async with open_shop() as shop:
        listed = (await shop.client.list_prompts()).prompts
        assert {prompt.name: [each.name for each in prompt.arguments or ()] for prompt in listed} == {
            prompt.name: [each.name for each in prompt.arguments] for prompt in load_prompts()
        }
        result = await shop.client.get_prompt("sell_a_product", {"product": "a mug"})
        [message] = result.messages
        assert 'Sell this to the buyer: "a mug"' in message.content.text
        assert shop.client.instructions == load_instructions()


@pytest.mark.requirement("prompts.served")
@pytest.mark.parametrize(
    ("name", "given"), [("sell_a_product", {}), ("quote_an_order", {"hunter2": "x", "order": "y"}), ("hunter2", {})]
)
async def test_a_wrong_request_for_a_prompt_is_invalid_params(name: str, given: dict[str, str], open_shop: Any) -> None:
    async with open_shop() as shop:
        with pytest.raises(MCPError) as caught:
            await shop.client.get_prompt(name, given)
        assert caught.value.error.code == -32602
        assert "hunter2" not in str(caught.value)
        assert (await shop.client.list_prompts()).prompts


@pytest.mark.requirement("prompts.served")
async def test_a_refused_prompt_leaves_no_traceback(open_memory_shop: Any, capsys: Any) -> None:
    async with open_memory_shop() as shop:
        with pytest.raises(MCPError):
            await shop.client.get_prompt("sell_a_product", {})
    assert "Traceback" not in capsys.readouterr().err
