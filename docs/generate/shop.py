"""A server over the sandbox at a fixed time, whose ids are put into plain ones."""

import re
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mcp import Client

from checkout_server.app import build_server, open_desk
from checkout_server.settings import Settings, load_settings
from evals.upstream import Upstream, running_upstream
from evals.world import Person

NOW = datetime(2027, 1, 15, 10, 0, tzinfo=UTC)
HOSTED_PAGE = "https://test.checkout.dodopayments.com"
"""Where the payment API's test mode has its pages."""
_PLAIN = {
    "prv": "prv_AbCdEfGhIjKlMnOpQrStUv", "cks": "cks_Gi6KGJ2zFJo9rq9Ukifwa", "pay": "pay_8Qm2RtYw5ZxC",
    "sub": "sub_3Fh7KpLs9VbN",
}  # fmt: skip
_ID = re.compile(r"\b(prv|cks|pay|sub)_[A-Za-z0-9_-]+")


@dataclass
class Shop:
    """A client whose questions a person approves."""

    client: Client
    upstream: Upstream
    questions: list[str]

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The structured content of a call, which must succeed."""
        answer = await self.client.call_tool(tool, dict(arguments))
        if answer.is_error or answer.structured_content is None:
            raise RuntimeError(f"{tool} was refused: {answer.content}")
        return answer.structured_content

    def with_plain_ids(self, text: str) -> str:
        """The text as it reads anywhere: ids, short links and the page's host are the same at each run."""
        text = text.replace(self.upstream.url, HOSTED_PAGE)
        text = re.sub(r"(/buy/)[A-Za-z0-9_-]+", r"\1Xy7Kq2", text)
        text = re.sub(r"(?<=Reference: )\w+", "3f9c2a17", text)
        return _ID.sub(lambda match: _PLAIN[match[1]], text)


@asynccontextmanager
async def open_shop() -> AsyncGenerator[Shop]:
    """A shop in which nothing was sold yet, in test mode."""
    unset = {each.alias: each.default for each in Settings.model_fields.values() if each.alias is not None}
    with tempfile.TemporaryDirectory() as folder:
        async with running_upstream() as upstream:
            upstream.sandbox.clock = lambda: NOW
            ours = {
                "DODO_PAYMENTS_API_KEY": "test_key",
                "DODO_PAYMENTS_BASE_URL": upstream.url,
                "CHECKOUT_LEDGER": str(Path(folder) / "ledger.db"),
            }
            async with open_desk(load_settings(**unset | ours)) as desk:
                desk.clock = NOW.timestamp
                person = Person(approves=True)
                async with Client(build_server(desk), elicitation_callback=person) as client:
                    yield Shop(client, upstream, person.questions)
