"""Whole agents: the model calls a tool, and the refusal stands in its next request, with the preview that mends it."""

import platform
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from answers import PREVIEW_ID, Answer, texts
from model_api import scripted_model
from scenarios import open_client, prepared_shop
from whole_hosts import run_gemini_cli, run_opencode

pytestmark = pytest.mark.timeout(300)

ON_LINUX_X64 = sys.platform == "linux" and platform.machine() == "x86_64"
Run = Callable[[str, dict[str, str], Path], Awaitable[str]]


@pytest.mark.requirement("schema.refusals_fit")
@pytest.mark.parametrize(
    "run",
    [
        pytest.param(run_gemini_cli, id="Gemini CLI"),
        pytest.param(
            run_opencode,
            id="opencode",
            marks=pytest.mark.skipif(not ON_LINUX_X64, reason="its locked package is a program for Linux on x86-64"),
        ),
    ],
)
async def test_a_refusal_reaches_the_model_and_its_fresh_preview_sells(run: Run, tmp_path: Path) -> None:
    async with prepared_shop(tmp_path) as shop, open_client(shop.environment) as client:
        (call,) = [call for call in shop.calls if call.name == "price_changed"]
        result = await client.client.call_tool(call.tool, dict(call.arguments))
        answer = Answer(result.content[0].text, result.structured_content)
        async with scripted_model(call.tool, call.arguments) as model:
            printed = await run(model.url, shop.environment, tmp_path)
        assert printed.strip().endswith("done")
        (handed,) = model.handed
        assert answer.stands_in(handed)
        (fresh,) = set(PREVIEW_ID.findall(texts(handed))) - {call.arguments["preview_id"]}
        sold = await client.call(call.tool, {"preview_id": fresh})
        assert sold["total"] == answer.structured["error"]["price_change"]["new"]["total"]
