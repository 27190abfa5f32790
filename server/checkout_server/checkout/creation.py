"""At most one session per preview: claim, send, record.

The claim is written before the request leaves. What the answer proves is recorded; what it does not prove is
unknown, and said to be. The request itself is never repeated here, and runs in a task of its own so that
nobody's cancellation can cut it.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from checkout_schemas.errors import InvalidArguments, Problem
from checkout_schemas.requests.create_checkout_session import PREVIEW_ID_KEY, CreateCheckoutSession
from checkout_schemas.rules import broken_rules, missing_fallbacks
from checkout_server.checkout import refusals
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.drift import needs_requote, refuse_another_price
from checkout_server.checkout.ledger.contract import Claim, Entry, LedgerUnavailable, State
from checkout_server.checkout.orders import Outcome, SealedOrder
from checkout_server.checkout.policy.enforcement import denied_order, denied_price, denied_sale
from checkout_server.checkout.quoting import refuse_denied
from checkout_server.gateway.answers import Session
from checkout_server.gateway.errors import GatewayError, NotSent, RateLimited, Refused
from checkout_server.privacy.events import emit
from checkout_server.privacy.vocabulary import Event, Failure

LEASE_SECONDS = 60.0
"""A claim whose process died becomes unknown after this; longer than the gateway's deadline for a creation."""
SESSION_SECONDS = 24 * 3600.0
CONFIRMED_SESSION_SECONDS = 15 * 60.0
"""How long a session lives (the provider's guide, "Session Validity")."""
KEPT_SECONDS = 7 * 24 * 3600.0
"""How long after its end a preview's outcome can still be asked for."""
ANSWERED_AT_ONCE = 5.0
"""Seconds for which a price is not asked for twice in one call, however short the policy's trust is."""
RECORD_SECONDS = 1.0
RECORD_ATTEMPTS = 120
"""How often, and how many times, a record that could not be written is tried again."""
WATCH_SECONDS = 0.2
"""How often another process's creation is looked at."""

_TRIED_WITHOUT_CONFIRM = Problem(
    path="confirm",
    problem="cannot be set: a creation without it was already tried with this preview",
    suggestion="leave it out, or call preview_checkout for a new preview_id",
)


@dataclass(frozen=True, slots=True)
class Sale:
    """A creation that passed the first three guardrails: preview, policy and price."""

    entry: Entry
    order: SealedOrder
    body: dict[str, Any] = field(repr=False)
    """What will be sent to ``POST /checkouts``."""
    checked_at: float
    """Epoch seconds at which the guardrails were passed."""
    outcome: Outcome | None = None
    """Of an earlier call: it is returned again, and nothing else happens."""


async def prepare_sale(request: CreateCheckoutSession, desk: Desk) -> Sale:
    """Check everything that can be checked before a person is asked and anything is claimed.

    Raises:
        InvalidArguments: the whole order breaks a rule of the API.
        CheckoutRefusal: a guardrail refused.
        GatewayError: the price could not be asked for again.
    """
    entry = await _usable(request.preview_id, desk)
    order = SealedOrder.open(desk.sealer, entry.order, entry.preview_id)
    if entry.outcome is not None:
        return Sale(entry, order, {}, desk.clock(), Outcome.open(desk.sealer, entry.outcome, entry.preview_id))
    body = _body(request, order)
    if entry.state is State.CLAIMED:
        return Sale(entry, order, body, desk.clock(), await _joined(entry.preview_id, desk))
    if entry.state is not State.QUOTED and body.get("confirm") is True:
        raise InvalidArguments([_TRIED_WITHOUT_CONFIRM])  # now: the claim would fail after a person had approved
    refuse_denied(
        [
            *denied_sale(body, desk.policy, desk.environment),
            *denied_order(body, desk.policy),
            *denied_price(order, desk.policy),
        ]
    )
    if needs_requote(entry, body, desk):
        await refuse_another_price(order, body, desk)
    return Sale(entry, order, body, desk.clock())


def went_stale(sale: Sale, desk: Desk) -> bool:
    """Whether so much time passed since the guardrails, while a person was asked, that they must be passed again."""
    trusted = max(desk.policy.preview.requote_after_seconds, ANSWERED_AT_ONCE)
    return not 0 <= desk.clock() - sale.checked_at < trusted


async def create_session(sale: Sale, desk: Desk) -> tuple[Outcome, bool]:
    """Create the session of a prepared and, where needed, approved sale.

    Returns:
        How it ended, and whether an earlier call made it.

    Raises:
        CheckoutRefusal: the outcome is unknown, or too many were created this hour.
        GatewayError: the API provably refused, or was not reached.
        LedgerUnavailable: the claim could not be written; nothing was sent.
    """
    if sale.outcome is not None:
        return sale.outcome, True
    if sale.entry.preview_id in desk.creations:
        return await _joined(sale.entry.preview_id, desk), True
    task = desk.start_creation(sale.entry.preview_id, _claim_and_send(sale.entry, sale.body, desk))
    return await asyncio.shield(task)


async def _joined(preview_id: str, desk: Desk) -> Outcome:
    """The outcome of a creation that another call has in hand, here or in another process."""
    if (running := desk.creations.get(preview_id)) is not None:
        outcome, _ = await asyncio.shield(running)
        return outcome
    return await _watch(preview_id, desk)


async def _usable(preview_id: str, desk: Desk) -> Entry:
    entry = await desk.ledger.find(preview_id, principal=desk.principal, environment=desk.environment, now=desk.clock())
    if entry is None:
        raise refusals.preview_not_found()
    if entry.state in {State.REFUSED, State.UNKNOWN} and entry.can_charge:
        raise (
            refusals.refused_for_good()
            if entry.state is State.REFUSED
            else refusals.outcome_unknown(second_attempt=False)
        )
    if entry.state not in {State.CREATED, State.CLAIMED} and entry.expires_at <= desk.clock():
        if entry.state is State.UNKNOWN:
            raise refusals.outcome_unknown(second_attempt=False)
        raise refusals.preview_expired()
    return entry


def _body(request: CreateCheckoutSession, order: SealedOrder) -> dict[str, Any]:
    """The request body: the previewed half, the rest, and the mark by which a lost session is found again."""
    rest: dict[str, Any] = request.model_dump(mode="json", exclude_unset=True, exclude={"preview_id"})
    whole = order.order | rest
    problems = broken_rules(whole, "create_checkout_session", with_preview=True)
    if problems:
        raise InvalidArguments(problems)
    whole["metadata"] = {**whole.get("metadata", {}), PREVIEW_ID_KEY: request.preview_id}
    return whole


async def _claim_and_send(entry: Entry, body: dict[str, Any], desk: Desk) -> tuple[Outcome, bool]:
    can_charge = body.get("confirm") is True
    claim_id = secrets.token_urlsafe(12)
    claimed = await desk.ledger.claim(
        entry.preview_id,
        principal=desk.principal,
        environment=desk.environment,
        claim_id=claim_id,
        from_state=entry.state,
        can_charge=can_charge,
        now=desk.clock(),
        lease_seconds=LEASE_SECONDS,
        hourly_limit=desk.policy.limits.creations_per_hour,
    )
    if claimed is Claim.TOO_MANY:
        raise refusals.too_many_creations()
    if claimed is Claim.NOT_FREE:
        return await _watch(entry.preview_id, desk), True
    emit("session.claimed", preview_id=entry.preview_id, total=entry.total, currency=entry.currency)
    try:
        session = await desk.gateway.create(body)
    except GatewayError as error:
        proven = _proves_refusal(error, can_charge=can_charge)
        await _record(
            entry,
            claim_id,
            desk,
            # What a refusal proves of this attempt says nothing of an earlier one whose answer was lost.
            State.REFUSED if proven and entry.state is not State.UNKNOWN else State.UNKNOWN,
            detail=error.code or error.name,
            failure=error.name,
        )
        if proven:
            raise
        raise refusals.outcome_unknown(second_attempt=not can_charge) from None
    except BaseException as error:
        # A cancellation at shutdown, or a defect of ours: whatever was sent may have been answered.
        await asyncio.shield(_record(entry, claim_id, desk, State.UNKNOWN, detail="interrupted", failure="interrupted"))
        if isinstance(error, Exception):
            emit("session.crashed", preview_id=entry.preview_id, error=error)
            raise refusals.outcome_unknown(second_attempt=not can_charge) from None
        raise
    outcome = _outcome(session, body, desk)
    if not await _record(entry, claim_id, desk, State.CREATED, outcome=outcome):
        outcome.warnings.append(
            "The session exists but could not be recorded here yet: keep session_id, do not create again."
        )
    return outcome, False


def _proves_refusal(error: GatewayError, *, can_charge: bool) -> bool:
    """Whether an error proves that no session was made: nothing left, or a 4xx answered.

    A 429 to a request that can charge is not proof enough.
    """
    if isinstance(error, RateLimited) and can_charge:
        return False
    return isinstance(error, NotSent | Refused)


def _outcome(session: Session, body: dict[str, Any], desk: Desk) -> Outcome:
    lacking = missing_fallbacks(body)
    warnings = [f"allowed_payment_method_types lacks {' and '.join(lacking)}: the buyer may find no method to pay by."]
    return Outcome(
        session_id=session.session_id,
        checkout_url=session.checkout_url,
        payment_id=session.payment_id,
        expires_at=desk.clock() + (CONFIRMED_SESSION_SECONDS if body.get("confirm") is True else SESSION_SECONDS),
        warnings=warnings if lacking else [],
    )


_ENDED: dict[State, Event] = {
    State.CREATED: "session.created",
    State.REFUSED: "session.refused",
    State.UNKNOWN: "session.unknown",
}


async def _record(
    entry: Entry,
    claim_id: str,
    desk: Desk,
    state: State,
    *,
    outcome: Outcome | None = None,
    detail: str | None = None,
    failure: Failure | None = None,
) -> bool:
    """Record how a claim ended. A failure to do so is logged, and never hides what happened upstream."""
    session_id = outcome.session_id if outcome else None

    async def finish() -> bool:
        return await desk.ledger.finish(
            entry.preview_id,
            claim_id=claim_id,
            state=state,
            session_id=session_id,
            outcome=outcome.seal(desk.sealer, entry.preview_id) if outcome else None,
            detail=detail,
            purge_at=desk.clock() + KEPT_SECONDS,
            now=desk.clock(),
        )

    try:
        recorded = await finish()
    except LedgerUnavailable:
        recorded = False
        desk.start_later(_record_later(finish, entry.preview_id))
    emit(
        _ENDED[state] if recorded else "session.not_recorded",
        preview_id=entry.preview_id,
        session_id=session_id,
        environment=desk.environment,
        failure=failure,
    )
    return recorded


async def _record_later(finish: Callable[[], Awaitable[bool]], preview_id: str) -> None:
    """Write the record once the ledger is back, so that the session is found and never made again."""
    for _ in range(RECORD_ATTEMPTS):
        await asyncio.sleep(RECORD_SECONDS)
        with contextlib.suppress(LedgerUnavailable):
            emit("session.recorded_late" if await finish() else "session.not_recorded", preview_id=preview_id)
            return


async def _watch(preview_id: str, desk: Desk) -> Outcome:
    """Wait for a creation that another process has in hand, at most as long as its lease.

    By the loop's time: the desk's clock may be set back, and the call would hang for as long.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + LEASE_SECONDS
    while True:
        try:
            entry = await _usable(preview_id, desk)
        except LedgerUnavailable:
            raise refusals.still_in_progress() from None  # not "nothing was sent": the other may have sent
        if entry.outcome is not None:
            return Outcome.open(desk.sealer, entry.outcome, preview_id)
        if entry.state is not State.CLAIMED:
            raise (
                refusals.outcome_unknown(second_attempt=True)
                if entry.state is State.UNKNOWN
                else refusals.refused_elsewhere()
            )
        if loop.time() >= until:
            raise refusals.still_in_progress()
        await asyncio.sleep(WATCH_SECONDS)
