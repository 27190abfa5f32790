"""One event for each call of a tool: how it ended, how long it took, and what it was about."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from checkout_schemas.contract_model import RequestModel, ResultModel
from checkout_schemas.errors import ErrorBody, Problem
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.refusals import CheckoutRefusal, PreviewUsedUp
from checkout_server.gateway.errors import GatewayError
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.sealing import SealBroken
from checkout_server.privacy.vocabulary.checks import CHECKS
from checkout_server.privacy.vocabulary.fields import Ending, Operation, ToolName
from checkout_server.privacy.vocabulary.paths import known_part

MOST_PATHS = 50
MOST_PRODUCTS = 20
_BEFORE_THE_PREVIEW: frozenset[Operation] = frozenset({"list_brands", "list_products"})
"""What asks whose account it is (``gateway.account``), before a preview is looked for."""


@dataclass(slots=True)
class LoggedCall:
    """What is known of a call so far."""

    tool: ToolName
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """As they came."""
    request: RequestModel | None = None
    code: Ending = "cancelled"
    """Until something else is known."""
    result: ResultModel | None = None
    principal: str | None = None
    """Their id, which names nobody."""
    error_id: str | None = None
    problems: Sequence[Problem] = ()
    error: Exception | None = None
    started: float = field(default_factory=time.perf_counter)

    def succeeded(self, result: ResultModel) -> None:
        self.code, self.result = "ok", result

    def failed(self, body: ErrorBody, error: Exception) -> None:
        self.code, self.error_id, self.problems = body.code, body.error_id, body.problems
        self.error = error.error if isinstance(error, PreviewUsedUp) else error

    def log(self) -> None:
        """Log the call. A ``preview_id`` that was not found is only what somebody typed."""
        failure = self.error if isinstance(self.error, GatewayError) else None
        found = self.result is not None or self._preview_was_found()
        emit(
            "tool.finished",
            tool=self.tool,
            code=self.code,
            duration_ms=round((time.perf_counter() - self.started) * 1000),
            environment=getattr(self.result, "environment", None),
            principal=self.principal,
            preview_id=getattr(self.result, "preview_id", None) or (self._asked("preview_id") if found else None),
            session_id=getattr(self.result, "session_id", None) or (self._asked("session_id") if self.result else None),
            product_ids=self._product_ids() or None,
            currency=getattr(self.result, "currency", None),
            total=getattr(self.result, "total", None),
            error_id=self.error_id,
            paths=self._wrong_fields() or None,
            count=len(self.problems) or None,
            rules=(self.error.rules or None) if isinstance(self.error, CheckoutRefusal) else None,
            status=failure.status if failure else None,
            gateway_code=failure.code if failure else None,
            request_id=failure.request_id if failure else None,
            error=self.error if isinstance(self.error, GatewayError | LedgerUnavailable | SealBroken) else None,
        )

    def _wrong_fields(self) -> list[str]:
        """Where the problems are, as far as the schemas know the fields; ``count`` tells of all of them."""
        paths = (known_part(problem.path) for problem in self.problems[:MOST_PATHS])
        return list(dict.fromkeys(path for path in paths if path is not None))

    def _product_ids(self) -> list[str]:
        """Of the cart, also of one that was refused: whatever has the form of an id and nothing else."""
        cart = self.arguments.get("product_cart")
        rows = cast(list[Any], cart)[:MOST_PRODUCTS] if isinstance(cart, list) else []
        typed: list[Any] = [cast(dict[str, Any], row).get("product_id") for row in rows if isinstance(row, dict)]
        if isinstance(self.request, PreviewCheckout):
            typed = [item.product_id for item in self.request.product_cart[:MOST_PRODUCTS]]
        return list(dict.fromkeys(each for each in typed if CHECKS["product_id"](each)))

    def _asked(self, name: str) -> str | None:
        """An id of the arguments, which a result does not repeat."""
        return getattr(self.request, name, None)

    def _preview_was_found(self) -> bool:
        if isinstance(self.error, GatewayError):
            return self.error.operation not in _BEFORE_THE_PREVIEW
        asked = self.code == "input_required"
        return asked or (isinstance(self.error, CheckoutRefusal) and self.code != "preview_not_found")
