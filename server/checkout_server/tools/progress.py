"""What a client that asked for progress hears of a call while it waits: the step, in words of ours."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.mcpserver import Context

from checkout_server.calls.stage import CallStage, Step, noting_stage

PROGRESS_SECONDS = 8.0
"""From one message to the next; clients hear one at least every 10 seconds."""

WORDS: Mapping[Step, str] = {
    "working": "Working on the call",
    "waiting_for_person": "Waiting for a person's answer",
    "waiting_for_creation": "Waiting for the call that creates this session",
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
}


@asynccontextmanager
async def reporting_progress(context: Context[Any, Any]) -> AsyncGenerator[None]:
    """Report the step of the call now and then, until the block ends; nothing to a client that gave no token."""
    with noting_stage() as stage:
        if not _is_wanted(context):
            yield
            return
        reporting = asyncio.create_task(_report(context, stage))
        try:
            yield
        finally:
            reporting.cancel()
            await asyncio.wait({reporting})


def _is_wanted(context: Context[Any, Any]) -> bool:
    try:
        meta = context.request_context.meta
    except ValueError:  # a call from inside the process
        return False
    return meta is not None and meta.get("progress_token") is not None


async def _report(context: Context[Any, Any], stage: CallStage) -> None:
    told = 0
    while True:
        await asyncio.sleep(PROGRESS_SECONDS)
        told += 1
        try:
            await context.report_progress(told, message=_in_words(stage))
        except Exception:  # noqa: BLE001 - that nobody listens any more is no failure of the call
            return


def _in_words(stage: CallStage) -> str:
    return WORDS[stage.step] + (f" (attempt {stage.attempt})" if stage.attempt > 1 else "")
