"""What a refused call says: one code, all problems of the call, and what to do next."""

from typing import Annotated, Literal

from checkout_schemas.contract_model import ResultModel
from checkout_schemas.json_schema import UNADVERTISED

ErrorCode = Literal[
    "invalid_request",
    "preview_required",
    "preview_not_found",
    "preview_expired",
    "price_changed",
    "policy_denied",
    "approval_required",
    "approval_declined",
    "preview_used",
    "outcome_unknown",
    "gateway_refused",
    "rate_limited",
    "gateway_unavailable",
    "not_authorized",
]
Retry = Literal["fix_and_retry", "new_preview", "ask_human", "retry_later", "do_not_retry"]


class Problem(ResultModel):
    """One thing to mend: where it is, what is wrong and what would be right. Never the value itself."""

    path: str
    problem: str
    suggestion: str | None = None


class PricedAt(ResultModel):
    """What is charged now, and at each renewal. Minor units."""

    currency: str
    total: int
    recurring: int | None = None
    display: dict[str, str]


class PriceChange(ResultModel):
    """Another price than the one that was shown."""

    preview_id: str
    """Of a fresh preview of the same order, at the new price."""
    old: PricedAt
    new: PricedAt


class ErrorBody(ResultModel):
    """The ``error`` of a refused call's structured content. Its published schema names what every refusal has."""

    code: ErrorCode
    message: str
    problems: Annotated[list[Problem], UNADVERTISED]
    retry: Retry
    gateway_code: Annotated[str | None, UNADVERTISED] = None
    """The payment API's own code, when it is one that we know."""
    price_change: Annotated[PriceChange | None, UNADVERTISED] = None
    error_id: Annotated[str | None, UNADVERTISED] = None
    """Stands in the log beside what happened."""


def said_once(message: str, problems: list[Problem]) -> list[Problem]:
    """The problems of an answer with no sentence twice: what the message says already goes, and a repair that an
    earlier problem names refers to it."""
    first: dict[str, str] = {}
    told: list[Problem] = []
    for problem in dict.fromkeys(problems):
        repair = problem.suggestion
        if repair == message:
            repair = None
        elif repair is not None and repair in first:
            repair = "as above" if first[repair] == problem.path else f"as for {first[repair]}"
        elif repair is not None:
            first[repair] = problem.path
        told.append(problem.model_copy(update={"suggestion": repair}))
    return told


class InvalidArguments(Exception):
    """The arguments of a call do not fit its contract."""

    def __init__(self, problems: list[Problem], *, retry: Retry = "fix_and_retry") -> None:
        super().__init__("the arguments do not fit the tool's schema")
        self.problems = problems
        self.retry: Retry = retry
