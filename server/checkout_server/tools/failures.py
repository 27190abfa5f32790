"""Every way a call can fail, put into words in one place."""

import math
import secrets

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.errors import ErrorBody, InvalidArguments, Problem, said_once
from checkout_server.calls.deadline import CallTimedOut
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.refusals import CheckoutRefusal, PreviewUsedUp, is_of_order, preview_required
from checkout_server.checkout.sessions.answers import IF_IT_GOES_ON
from checkout_server.gateway.api_codes import API_CODES
from checkout_server.gateway.errors import (
    GatewayError,
    NotAuthorized,
    NotFound,
    OutOfTime,
    Overloaded,
    RateLimited,
    Refused,
)
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.sealing import KeyUnusable, SealBroken
from checkout_server.privacy.vocabulary.fields import ToolName
from checkout_server.tools.named_ids import unknown_ids

_UNAVAILABLE = (
    f"The payment API gave no usable answer. Nothing was created by this call; try again later. {IF_IT_GOES_ON}"
)
_LEDGER = f"The server cannot use its ledger. Nothing was created by this call; try again later. {IF_IT_GOES_ON}"
_OUT_OF_TIME = (
    "The call ran out of time before it was done. Nothing was created by this call; try again later. " + IF_IT_GOES_ON
)
_NO_TIME_TO_CREATE = (
    "Too little time was left of this call to create the session, so nothing was sent and nothing was created; try "
    f"again later. {IF_IT_GOES_ON}"
)
_SLOW_DOWN = "The payment API asks to slow down. Nothing was created by this call; try again in "
_OVERLOADED = (
    "This server has as many requests to the payment API under way as it allows. Nothing was created by this call; try "
    f"again in 5 seconds. {IF_IT_GOES_ON}"
)
_LONGEST_NAMED_SECONDS = 3600
_NO_REASON = "The payment API refused the request for a reason that it did not name. Ask the operator to look into it."
_SEALED = (
    "The server cannot open what the ledger keeps: the operator must give CHECKOUT_SECRET_KEYS the key that "
    "sealed it. Nothing was created by this call."
)
_USED_UP = " This preview is used up."
_FOR_ANOTHER_TRY = " For another try call preview_checkout for a new one."
_UNEXPECTED = "Something went wrong inside the server. The operator finds it in the log by error_id."


def explain(error: Exception, tool: ToolName, request: RequestModel | None = None) -> ErrorBody:
    """The error that the model reads. Nothing in it comes from outside.

    Args:
        error: how the call failed.
        tool: which was called.
        request: its arguments, where they could be read.
    """
    match error:
        case InvalidArguments() if _lacks_preview(error):
            return explain(preview_required(error.problems), tool, request)
        case InvalidArguments():
            body = ErrorBody(
                code="invalid_request",
                message="The call has problems; nothing was sent.",
                problems=error.problems,
                retry=error.retry,
            )
        case CheckoutRefusal():
            body = ErrorBody(
                code=error.code,
                message=error.message,
                problems=error.problems,
                retry=error.retry,
                gateway_code=error.gateway_code,
                price_change=error.price_change,
            )
        case GatewayError():
            body = _gateway(error, tool, request)
        case PreviewUsedUp():
            body = _gateway(error.error, tool, request)
            body = body.model_copy(update={"message": body.message + _USED_UP})
            if body.retry != "do_not_retry":
                retry = body.retry if body.retry == "ask_human" else "new_preview"
                body = body.model_copy(update={"message": body.message + _FOR_ANOTHER_TRY, "retry": retry})
        case LedgerUnavailable():
            body = _unavailable(_LEDGER)
        case CallTimedOut():
            body = _unavailable(_OUT_OF_TIME)
        case SealBroken() | KeyUnusable():
            body = ErrorBody(
                code="gateway_unavailable", message=_SEALED, problems=[], retry="do_not_retry", error_id=_new_id()
            )
        case _:
            body = ErrorBody(
                code="gateway_unavailable",
                message=_UNEXPECTED,
                problems=[],
                retry="do_not_retry",
                error_id=_new_id(),
            )
            emit("tool.crashed", tool=tool, error_id=body.error_id, error=error)
    return body.model_copy(update={"problems": said_once(body.message, body.problems)})


def _lacks_preview(error: InvalidArguments) -> bool:
    """Whether a creation came without a preview: that is said first, whatever else is wrong."""
    return any(problem.path == "preview_id" and problem.problem == "is required" for problem in error.problems)


def _new_id() -> str:
    return f"err_{secrets.token_hex(6)}"


def _gateway(error: GatewayError, tool: ToolName, request: RequestModel | None) -> ErrorBody:
    if isinstance(error, NotAuthorized):
        return ErrorBody(
            code="not_authorized",
            message="The payment API does not accept this server's API key for this. The operator must check it.",
            problems=[],
            retry="do_not_retry",
        )
    if isinstance(error, RateLimited):
        return ErrorBody(
            code="rate_limited",
            message=f"{_SLOW_DOWN}{_when(error.retry_after)}. {IF_IT_GOES_ON}",
            problems=[],
            retry="retry_later",
        )
    if isinstance(error, Overloaded):
        return ErrorBody(code="rate_limited", message=_OVERLOADED, problems=[], retry="retry_later")
    if isinstance(error, Refused):
        return _refused(error, tool, request)
    if isinstance(error, OutOfTime):
        return _unavailable(_NO_TIME_TO_CREATE if error.operation == "create" else _OUT_OF_TIME)
    return _unavailable(_UNAVAILABLE)


def _unavailable(message: str) -> ErrorBody:
    return ErrorBody(code="gateway_unavailable", message=message, problems=[], retry="retry_later", error_id=_new_id())


def _when(seconds: float | None) -> str:
    """When to come back: a number of ours, where the API gave one that can be waited for."""
    if seconds is None or seconds > _LONGEST_NAMED_SECONDS:
        return "a minute"
    return f"{(whole := max(1, math.ceil(seconds)))} second" + ("" if whole == 1 else "s")


def _refused(error: Refused, tool: ToolName, request: RequestModel | None) -> ErrorBody:
    code = error.code or ("NOT_FOUND" if isinstance(error, NotFound) else None)
    known = API_CODES.get(code) if code is not None else None
    if known is None:
        return ErrorBody(code="gateway_refused", message=_NO_REASON, problems=[], retry="do_not_retry")
    problems: list[Problem] = []
    if code == "NOT_FOUND":
        problems = unknown_ids(request)
    elif known.path is not None:
        problems = [Problem(path=known.path, problem="was refused by the payment API", suggestion=known.sentence)]
    retry = known.retry
    if retry == "fix_and_retry" and tool == "create_checkout_session" and is_of_order(known.path):
        retry = "new_preview"
    return ErrorBody(
        code="gateway_refused", message=known.sentence, problems=problems, retry=retry, gateway_code=error.code
    )
