"""The steps of one preview's life in a ledger."""

from dataclasses import replace
from typing import Any

from checkout_server.checkout.ledger.contract import (
    Claim,
    Entry,
    Ledger,
    Owner,
    State,
)

NOW = 1_800_000_000.0
LEASE = 60.0
OWNER = Owner(principal="local", environment="sandbox", account="acc_1")
GOODS = "digest of the goods"
BUYER = "digest of the buyer"
ARGUMENTS = b"sealed arguments"
CALL: dict[str, Any] = {
    "owner": OWNER, "attempts": 0, "can_charge": False, "arguments": ARGUMENTS, "goods": GOODS, "sold_to": BUYER
}  # fmt: skip
"""What a claim says of the call that takes it."""
ENDINGS = (State.CREATED, State.REFUSED, State.UNKNOWN)
RESULTS: dict[State, tuple[str | None, bytes | None, str | None]] = {
    State.CREATED: ("cks_1", b"sealed outcome", None),
    State.REFUSED: (None, None, "INVALID_TAX_ID"),
    State.UNKNOWN: (None, None, "NoAnswer"),
}
"""Session, outcome and detail that a claim ends with."""


async def find(ledger: Ledger, now: float = NOW) -> Entry | None:
    return await ledger.find("prv_1", owner=OWNER, now=now)


async def claim(
    ledger: Ledger,
    claim_id: str = "c1",
    from_state: State = State.QUOTED,
    *,
    preview_id: str = "prv_1",
    **changes: Any,
) -> bool:
    call: dict[str, Any] = {**CALL, "now": NOW, "lease_seconds": LEASE, **changes}
    return await ledger.claim(preview_id, claim_id=claim_id, from_state=from_state, **call) is Claim.TAKEN


async def try_claim(ledger: Ledger, preview_id: str = "prv_1", **changes: Any) -> Claim:
    """Claim a quoted preview, and return how that went."""
    call: dict[str, Any] = {**CALL, "claim_id": "c1", "from_state": State.QUOTED, "now": NOW, "lease_seconds": LEASE}
    return await ledger.claim(preview_id, **{**call, **changes})


async def finish(
    ledger: Ledger, state: State, claim_id: str = "c1", *, preview_id: str = "prv_1", now: float = NOW
) -> bool:
    session_id, outcome, detail = RESULTS.get(state, (None, None, None))
    return await ledger.finish(
        preview_id,
        claim_id=claim_id,
        state=state,
        session_id=session_id,
        outcome=outcome,
        detail=detail,
        purge_at=NOW + 9000,
        now=now,
    )


async def bring(ledger: Ledger, quoted: Entry, state: State, *, can_charge: bool = False) -> Entry:
    """Put the preview into a state, as the server would."""
    await ledger.add(quoted)
    if state is not State.QUOTED:
        assert await claim(ledger, can_charge=can_charge)
    if state in ENDINGS:
        assert await finish(ledger, state)
    return expected(quoted, state, can_charge=can_charge)


def expected(quoted: Entry, state: State, *, can_charge: bool = False, claim_id: str = "c1") -> Entry:
    """The preview in that state after one claim."""
    if state is State.QUOTED:
        return quoted
    claimed = replace(
        quoted,
        state=State.CLAIMED,
        claim_id=claim_id,
        lease_until=NOW + LEASE,
        attempts=1,
        can_charge=can_charge,
        arguments=ARGUMENTS,
        goods=GOODS,
        sold_to=BUYER,
        claimed_at=NOW,
    )
    if state is State.CLAIMED:
        return claimed
    return result_of(claimed, state)


def result_of(claimed: Entry, ending: State) -> Entry:
    """The preview after its claim ended so."""
    session_id, outcome, _ = RESULTS[ending]
    return replace(claimed, state=ending, lease_until=None, session_id=session_id, outcome=outcome, purge_at=NOW + 9000)
