"""What arrives and is no message of the protocol: refused by JSON-RPC's own errors, without a word of it."""

import json
from typing import Any, Literal, cast

import pydantic_core
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    jsonrpc_message_adapter,
)

from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.vocabulary.fields import Transport

MOST_OF_A_BATCH = 50
"""Requests of a batch that are refused one by one."""


def read_message(body: bytes) -> JSONRPCMessage:
    """The message that a request over HTTP holds.

    Raises:
        ValueError: it holds none.
    """
    return jsonrpc_message_adapter.validate_python(pydantic_core.from_json(body), by_name=False)


def is_request_without_id(message: JSONRPCMessage) -> bool:
    """Whether the SDK takes a request whose id is missing, null or no id for a notification, which nobody answers."""
    return isinstance(message, JSONRPCNotification) and not message.method.startswith("notifications/")


def refuse_text(transport: Transport) -> list[JSONRPCError]:
    """The refusal of what is not JSON."""
    _tell("message.not_json", transport)
    return [_error(None, PARSE_ERROR, "Not JSON: each message is one JSON object.")]


def refuse_value(value: object, transport: Transport) -> list[JSONRPCError]:
    """The refusals of JSON that is no message, by its id, or those of its requests; none for a reply, which would take
    the id for one of its own."""
    _tell("message.no_request", transport)
    if isinstance(value, list):
        members = [each for each in cast(list[object], value) if _id_of(each) is not None and not is_reply(each)]
        return [_invalid(_id_of(each)) for each in members[:MOST_OF_A_BATCH]] or [_invalid(None)]
    return [] if is_reply(value) else [_invalid(_id_of(value))]


def refuse_body(body: bytes) -> JSONRPCError:
    """The one refusal that a request over HTTP is answered with."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return refuse_text("http")[0]
    refusals = refuse_value(value, "http")
    return refusals[0] if len(refusals) == 1 and not isinstance(value, list) else _invalid(None)


def refuse_too_large(most: int) -> JSONRPCError:
    """The refusal of more bytes than are read."""
    return _error(None, INVALID_REQUEST, f"The request is too large: at most {most} bytes are read.")


def refuse_misdirected() -> JSONRPCError:
    """The refusal of an answer to a question that this process did not ask."""
    return _error(
        None,
        INVALID_REQUEST,
        "Another replica asked this. Its answer must reach that one: the load balancer has to keep a client's requests "
        "together.",
    )


def refuse_accept() -> JSONRPCError:
    """The refusal of a client that does not read both forms of an answer."""
    return _error(None, INVALID_REQUEST, "The Accept header must name both application/json and text/event-stream.")


def refuse_late() -> JSONRPCError:
    """The refusal of a request whose answer does not begin."""
    return _error(None, INTERNAL_ERROR, "The server did not answer in time; try again later.")


def dumped(error: JSONRPCError) -> bytes:
    """A refusal as the body of an answer."""
    return error.model_dump_json(by_alias=True, exclude_unset=True).encode()


def _invalid(message_id: str | int | None) -> JSONRPCError:
    return _error(
        message_id,
        INVALID_REQUEST,
        "No request of JSON-RPC 2.0: an object with jsonrpc, id and method, whose params, if any, are an object; "
        "batches are not taken.",
    )


def _error(message_id: str | int | None, code: int, message: str) -> JSONRPCError:
    return JSONRPCError(jsonrpc="2.0", id=message_id, error=ErrorData(code=code, message=message))


def _fields(value: object) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def _id_of(value: object) -> str | int | None:
    found: object = _fields(value).get("id")
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def is_reply(value: object) -> bool:
    """Whether it answers a request."""
    fields = _fields(value)
    return "method" not in fields and ("result" in fields or "error" in fields)


def _tell(event: Literal["message.not_json", "message.no_request"], transport: Transport) -> None:
    emit(event, transport=transport)
