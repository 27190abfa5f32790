"""What a client that asked for progress hears of a call while it waits: the step, in words of ours."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from mcp.server.mcpserver import Context

from checkout_server.calls.beside import running_beside
from checkout_server.calls.stage import CallStage, Step, noting_stage

PROGRESS_SECONDS = 8.0
"""From one message to the next; clients hear one at least every 10 seconds."""

WORDS: Mapping[Step, str] = {
    "working": "Working on the call",
    "waiting_for_person": "Waiting for a person's answer",
    "waiting_for_creation": "Waiting for the call that creates this session",
    "waiting_for_payment": "Waiting for news of the payment",
    "list_brands": "Asking the payment API which account this is",
    "list_products": "Asking the payment API for its products",
    "get_product": "Asking the payment API for a product",
    "list_addons": "Asking the payment API for add-ons",
    "list_saved_methods": "Asking the payment API for saved payment methods",
    "preview": "Asking the payment API for the price",
    "create": "Waiting for the payment API to create the session",
    "get_session": "Asking the payment API for the session",
    "list_payments": "Searching the payments",
    "get_payment": "Asking the payment API for the payment",
    "get_subscription": "Asking the payment API for a subscription",
    "list_license_keys": "Asking the payment API for licence keys",
}


@asynccontextmanager
async def reporting_progress(context: Context[Any, Any]) -> AsyncGenerator[None]:
    """Report the step of the call now and then, until the block ends. The SDK sends it to who gave a token."""
    with noting_stage() as stage:
        async with running_beside(partial(_report, context, stage), after=PROGRESS_SECONDS):
            yield


async def _report(context: Context[Any, Any], stage: CallStage) -> None:
    for number in itertools.count(1):
        try:
            await context.report_progress(number, message=_in_words(stage))
        except Exception:  # noqa: BLE001 - that nobody listens any more is no failure of the call
            return
        await asyncio.sleep(PROGRESS_SECONDS)


def _in_words(stage: CallStage) -> str:
    return WORDS[stage.step] + (f" (attempt {stage.attempt})" if stage.attempt > 1 else "")
