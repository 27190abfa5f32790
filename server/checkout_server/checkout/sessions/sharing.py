"""What a paid sale has that says who the buyer is or is worth money: given only where the policy shares it."""

from datetime import timedelta

from checkout_schemas.results import FieldAnswer, Shared, Withheld
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.sessions.attempts import Attempts
from checkout_server.checkout.sessions.unread import Unread
from checkout_server.gateway.payment_answers import Payment, WholePayment
from checkout_server.privacy.text import shown

KEYS_PAGE_SIZE = 100
KEYS_PAGES = 3
"""Pages of a customer's licence keys since the payment that are searched for those of the payment."""
KEYS_MARGIN = timedelta(minutes=1)
"""How much earlier than its payment a key may be dated: two tables of the API need not round alike."""
MOST_KEYS = 50
ACTIVE = frozenset({None, "active"})
"""States of a licence key in which it is of use, as far as the API says."""
_KEY_CHARACTERS, _ANSWER_CHARACTERS = 300, 500


async def read_shared(attempts: Attempts, desk: Desk, unread: Unread) -> tuple[Shared | None, list[Withheld]]:
    """What the policy shares, and the names of what exists and is not given.

    Args:
        attempts: the payments of a sale that was paid, of this principal.
        desk: the context of the call.
        unread: takes note of what cannot be read.
    """
    share, whole = desk.policy.share, attempts.payment
    exists: dict[Withheld, bool] = {
        "license_keys": attempts.row is not None and attempts.row.has_license_key is True,
        "custom_field_responses": bool(whole and whole.custom_field_responses),
        "invoice_url": bool(whole and whole.invoice_url),
    }
    keys = None
    # Where the list of payments could not be read, nobody knows whether there are keys.
    may_exist = exists["license_keys"] or attempts.row is None or attempts.row.has_license_key is None
    if share.license_keys and may_exist and whole is not None:
        keys = await _license_keys(whole, desk, unread)
    shared = Shared(
        license_keys=keys or None,
        custom_field_responses=_answers(whole) if share.custom_field_responses and whole else None,
        invoice_url=whole.invoice_url if share.invoice_url and whole else None,
    )
    withheld: list[Withheld] = [name for name, there in exists.items() if there and getattr(shared, name) is None]
    return (shared if shared.wire() else None), withheld


async def _license_keys(payment: Payment, desk: Desk, unread: Unread) -> list[str]:
    """The keys of a payment that are active, made safe to show."""
    keys = list[str]()
    if payment.customer is None or payment.created_at is None or payment.payment_id is None:
        return keys
    for page_number in range(KEYS_PAGES):
        page = await unread.none_if_refused(
            "licence keys",
            desk.gateway.list_license_keys(
                page_number=page_number,
                page_size=KEYS_PAGE_SIZE,
                customer_id=payment.customer.customer_id,
                created_at_gte=payment.created_at - KEYS_MARGIN,
            ),
        )
        rows = page.items if page is not None else ()
        keys += [
            shown(row.key, _KEY_CHARACTERS) or ""
            for row in rows
            if row.payment_id == payment.payment_id and row.status in ACTIVE
        ]
        if page is None or page.is_last:
            break
    return keys[:MOST_KEYS]


def _answers(payment: WholePayment) -> list[FieldAnswer] | None:
    return [
        FieldAnswer(key=shown(each.key) or "", value=shown(each.value, _ANSWER_CHARACTERS) or "")
        for each in payment.custom_field_responses or ()
    ] or None
