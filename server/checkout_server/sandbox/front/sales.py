"""What was sold, and which webhooks were sent. No buyer data is shown: neither names nor e-mail addresses."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from checkout_server.sandbox.payments import Payment
from checkout_server.sandbox.sessions import Sandbox, Session
from checkout_server.sandbox.text import money, text_of
from checkout_server.sandbox.webhooks import Delivery

MOST = 50
"""Rows of a list; older ones are counted."""
_TONES = {"succeeded": "good", "failed": "bad", "cancelled": "bad", "expired": "quiet"}


def sales(sandbox: Sandbox) -> str:
    """The sessions, newest first, each with every attempt to pay it."""
    sessions = sorted(sandbox.sessions.values(), key=lambda each: each.created_at, reverse=True)
    rows = "".join(_sale(each, is_expired=sandbox.expired(each)) for each in sessions[:MOST])
    return _section("sales", "Sessions and payments", rows, len(sessions), "Nothing sold yet.")


def webhooks(deliveries: Sequence[Delivery] | None) -> str:
    """The webhooks, newest first; None where none are sent."""
    if deliveries is None:
        nothing = "None are sent. Start the sandbox with <code>--webhook-url URL</code> to send them."
        return _section("webhooks", "Webhooks", "", 0, nothing)
    rows = "".join(_event(each) for each in list(reversed(deliveries))[:MOST])
    return _section("webhooks", "Webhooks", rows, len(deliveries), "Nothing sent yet.")


def _section(name: str, title: str, rows: str, count: int, nothing: str) -> str:
    older = f'<p class="quiet">And {count - MOST} older.</p>' if count > MOST else ""
    content = f"<ul>{rows}</ul>{older}" if rows else f'<p class="quiet">{nothing}</p>'
    return f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{title}</h2>{content}</section>'


def _sale(session: Session, *, is_expired: bool) -> str:
    document, attempts = session.quote.document, "".join(_attempt(each) for each in reversed(session.payments))
    lines = ", ".join(f"{text_of(line['name'])} × {line['quantity']}" for line in document["product_cart"])
    state = _state(session, is_expired=is_expired)
    due = money(document["current_breakup"]["total_amount"], document["currency"])
    link = f'<a href="/session/{escape(session.id)}"><code>{escape(session.id)}</code></a>'
    return f"""<li class="sale"><h3>{lines}</h3>
<p class="price">{due} · <span class="state {_TONES.get(state, "")}">{state.replace("_", " ")}</span></p>
<p class="detail quiet">{link} · {_moment(session.created_at)}</p>
{f'<ul class="detail">{attempts}</ul>' if attempts else ""}</li>"""


def _state(session: Session, *, is_expired: bool) -> str:
    """The newest attempt's; after its time a session that is not paid can no longer be."""
    status = session.payment.status if session.payment else "open"
    return "expired" if is_expired and status not in {"succeeded", "processing"} else status


def _attempt(payment: Payment) -> str:
    facts = [
        f"<code>{escape(payment.id)}</code>",
        f'<span class="{_TONES.get(payment.status, "")}">{payment.status.replace("_", " ")}</span>',
        money(payment.total, payment.currency),
    ]
    if payment.error_code:
        facts.append(f"<code>{text_of(payment.error_code)}</code>")
    if payment.refunds:
        facts.append(f"refunded {money(payment.refunded, payment.currency)}")
    facts += [each.status.replace("_", " ") for each in payment.disputes]
    facts += [f"<code>{escape(each.id)}</code> {each.status.replace('_', ' ')}" for each in payment.subscriptions]
    if payment.status == "succeeded":
        facts.append(f'<a href="/invoices/payments/{escape(payment.id)}">invoice</a>')
    return f"<li><small>{' · '.join(facts)}</small></li>"


def _event(delivery: Delivery) -> str:
    answers = ", then ".join("no answer" if each is None else str(each) for each in delivery.answers)
    tone = "good" if delivery.is_taken else "bad" if delivery.answers else ""
    follows = "" if delivery.is_over else ", sent again later" if delivery.answers else "being sent"
    status = f'<span class="state {tone}">{answers}</span>{follows}'
    return f"""<li class="event"><h3><code>{text_of(delivery.event_type)}</code></h3>
<span class="quiet">{status} · {_moment(delivery.happened_at)}</span></li>"""


def _moment(moment: datetime) -> str:
    return f'<time datetime="{moment.isoformat()}">{moment:%Y-%m-%d %H:%M:%S} UTC</time>'
