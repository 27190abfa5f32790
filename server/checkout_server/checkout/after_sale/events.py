"""Taking an event of the provider: it updates what is known of its sale and wakes who waits, and decides nothing."""

from checkout_server.checkout.after_sale.facts import sealed_part
from checkout_server.checkout.after_sale.reported import EventOdd, Reported, read_reported
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import Entry, Owner
from checkout_server.checkout.ledger.sale_parts import Kind, SalePart
from checkout_server.gateway.webhook_answers import WebhookEvent
from checkout_server.privacy.logs.events import emit

NOTED_SECONDS = 60.0
"""How exactly the time of the last webhook is remembered."""


async def take_event(webhook_id: str, sent_at: float, event: WebhookEvent, desk: Desk) -> None:
    """Store what an event reports of a sale in this ledger. Returns once that is committed, or nothing is to be stored.

    Args:
        webhook_id: the provider's, which is the same when it sends the event again.
        sent_at: epoch seconds at which it was sent this time: an event says how things are then.
        event: what it carries, verified.
        desk: the context.

    Raises:
        LedgerUnavailable: it was not stored.
        GatewayError: the API did not say whose sales these are; nothing was stored.
    """
    owner, now = await desk.find_owner(), desk.clock()
    if (noted := await desk.ledger.find_last_webhook(owner=owner)) is None or noted < now - NOTED_SECONDS:
        await desk.ledger.note_webhook(owner=owner, now=now)
    try:
        reported = read_reported(event)
    except EventOdd:
        emit("webhook.odd", webhook=event.type)
        return
    if await desk.ledger.was_webhook_seen(webhook_id):
        return
    entry = await _find_sale(reported, owner, desk) if reported is not None else None
    if reported is None or entry is None:
        emit("webhook.forgotten", webhook=event.type if reported is not None else None)
        return
    for subscription_id in reported.subscription_ids:
        # So that its own events are known, which name no payment.
        await desk.ledger.store_part(
            SalePart(
                part_id=subscription_id, preview_id=entry.preview_id, kind=Kind.SUBSCRIPTION, as_of=0.0, content=b""
            )
        )
    as_of = reported.as_of if reported.as_of is not None else sent_at
    part = sealed_part(reported.part_id, entry.preview_id, reported.kind, as_of, reported.facts, desk.sealer)
    if await desk.ledger.store_webhook(webhook_id, event.type, part, now=now):
        emit("webhook.stored", preview_id=entry.preview_id, webhook=event.type)
        desk.news.wake(entry.preview_id)


async def _find_sale(reported: Reported, owner: Owner, desk: Desk) -> Entry | None:
    """The sale by its session, by a part that is known, or by our mark."""
    if reported.session_id is not None:
        entry = await desk.ledger.find_sale(owner=owner, session_id=reported.session_id)
        if entry is not None:
            return entry
    for part_id in (reported.part_id, *reported.belongs_to):
        if (entry := await desk.ledger.find_sale_of_part(part_id, owner=owner)) is not None:
            return entry
    if reported.preview_id is None:
        return None
    entry = await desk.ledger.find_sale(owner=owner, preview_id=reported.preview_id)
    # Whoever opens a payment link of the merchant can write metadata: a payment must come from the session itself.
    if entry is None or (reported.kind is Kind.PAYMENT and entry.session_id not in {None, reported.session_id}):
        return None
    return entry
