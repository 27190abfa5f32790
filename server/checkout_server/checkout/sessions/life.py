"""How long a session lives (the provider's guide, "Session Validity")."""

from checkout_server.checkout.ledger.contract import Entry

SESSION_SECONDS = 24 * 3600.0
CONFIRMED_SESSION_SECONDS = 15 * 60.0
KEPT_SECONDS = 7 * 24 * 3600.0
"""How long after it was recorded an outcome can still be asked for."""
CLOCK_MARGIN_SECONDS = 600.0
"""Extra seconds for a session whose answer was lost: it began after its claim, by the API's clock."""


def seconds_of_life(*, can_charge: bool) -> float:
    """Seconds from the creation of a session to its end; a confirmed one lives shorter."""
    return CONFIRMED_SESSION_SECONDS if can_charge else SESSION_SECONDS


def end_of_session(entry: Entry) -> float:
    """When the session of a claimed preview ends, in epoch seconds.

    Version 1 of the ledger did not store when a preview was claimed; its expiry is the latest possible moment.
    """
    begun = entry.claimed_at if entry.claimed_at is not None else entry.expires_at
    return begun + seconds_of_life(can_charge=entry.can_charge)
