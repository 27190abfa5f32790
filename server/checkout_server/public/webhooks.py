"""``POST /webhooks/dodo``: signed by the Standard Webhooks scheme, acknowledged once it is stored."""

import asyncio
import json
from collections.abc import Sequence

from pydantic import ValidationError
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from checkout_server.checkout.after_sale.events import take_event
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.gateway.errors import GatewayError
from checkout_server.gateway.webhook_answers import WebhookEvent
from checkout_server.privacy.logs.events import emit

PATH = "/webhooks/dodo"
MAX_BODY = 1024 * 1024
BODY_SECONDS = 20.0
"""How long a body may take to arrive."""
RETRY_SECONDS = 10
LONGEST_ID = 256

_ID, _TIME, _SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_ACCEPTED, _UNVERIFIED, _SLOW, _TOO_LARGE, _AWAY = 204, 401, 408, 413, 503


def webhook_routes(desk: Desk, keys: Sequence[str]) -> list[Route]:
    """The endpoint; none without a key."""
    verifiers = [Webhook(key) for key in keys]

    async def receive(request: Request) -> Response:
        return await _receive(request, verifiers, desk)

    return [Route(PATH, receive, methods=["POST"])] if verifiers else []


async def _receive(request: Request, verifiers: Sequence[Webhook], desk: Desk) -> Response:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _read(request)
    except (TimeoutError, ClientDisconnect):
        return Response(status_code=_SLOW)
    if body is None:
        return Response(status_code=_TOO_LARGE, headers={"connection": "close"})
    headers = _signed_headers(request)
    if headers is None or not _is_verified(body, headers, verifiers):
        emit("webhook.refused")
        return Response(status_code=_UNVERIFIED)
    try:
        event = WebhookEvent.model_validate(json.loads(body))
    except ValidationError:  # signed, so it is the provider's, in a shape that it will not change by a retry
        emit("webhook.odd")
        return Response(status_code=_ACCEPTED)
    try:
        await take_event(headers[_ID], float(headers[_TIME]), event, desk)
    except (LedgerUnavailable, GatewayError):
        return Response(status_code=_AWAY, headers={"retry-after": str(RETRY_SECONDS)})
    return Response(status_code=_ACCEPTED)


def _signed_headers(request: Request) -> dict[str, str] | None:
    """What a signature is about. Of two headers of a name one would be verified and the other one used."""
    given = {name: request.headers.getlist(name) for name in (_ID, _TIME, _SIGNATURE)}
    if any(len(values) != 1 for values in given.values()):
        return None
    headers = {name: value for name, [value] in given.items()}
    return headers if 0 < len(headers[_ID]) <= LONGEST_ID else None


def _is_verified(body: bytes, headers: dict[str, str], verifiers: Sequence[Webhook]) -> bool:
    """Whether one of the keys signed this body and its id, a short while ago, and it is JSON."""
    for verifier in verifiers:
        try:
            verifier.verify(body, headers)
        # The package lets what it trips over through: text and base64 that are none, and JSON that is none or too deep.
        except (WebhookVerificationError, ValueError, RecursionError):
            continue
        return True
    return False


async def _read(request: Request) -> bytes | None:
    """The body as it came; None where it is too large."""
    body = bytearray()
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY:
        return None
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)
