"""What every route of the API does alike: keys, bodies, errors, pages."""

import json
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from checkout_server.sandbox.errors import ApiError, bad_body

MAX_BODY_BYTES = 1024 * 1024
Handler = Callable[[Request], Awaitable[Any]]
PublicUrl = Callable[[Request], str]
"""Where the sandbox is, for who sent a request."""


def answered(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        headers = {"x-request-id": f"req_{secrets.token_hex(8)}"}
        try:
            if not request.headers.get("authorization", "").removeprefix("Bearer").strip():
                raise ApiError(401, "UNAUTHORIZED", "missing API key")
            return JSONResponse(await handler(request), headers=headers)
        except ApiError as error:
            return JSONResponse({"code": error.code, "message": error.message}, error.status, headers=headers)

    return endpoint


async def body_of(request: Request) -> Any:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            raise ApiError(413, "INVALID_REQUEST_BODY", "body is too large")
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise bad_body("body is not JSON") from None


def page_of(request: Request, rows: list[Any]) -> Any:
    try:
        number = int(request.query_params.get("page_number", "0"))
        size = int(request.query_params.get("page_size", "10"))
    except ValueError:
        number, size = -1, 0
    if number < 0 or not 1 <= size <= 100:
        raise ApiError(400, "INVALID_REQUEST_PARAMETERS", "page_number or page_size is out of range")
    return {"items": rows[number * size : (number + 1) * size]}


def moment_of(wanted: QueryParams, name: str, default: datetime) -> datetime:
    text = wanted.get(name)
    try:
        moment = datetime.fromisoformat(text) if text else default
    except ValueError:
        raise ApiError(400, "INVALID_REQUEST_PARAMETERS", f"{name} is not a date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def created_within(wanted: QueryParams, created_at: datetime) -> bool:
    """Whether the filters ``created_at_gte`` and ``created_at_lte`` let something pass."""
    earliest, latest = (moment_of(wanted, name, created_at) for name in ("created_at_gte", "created_at_lte"))
    return earliest <= created_at <= latest


def has_all(wanted: QueryParams, values: dict[str, str | None]) -> bool:
    """Whether each filter that is given, by its name, equals the value of a row."""
    return all(wanted.get(name) in {None, value} for name, value in values.items())
