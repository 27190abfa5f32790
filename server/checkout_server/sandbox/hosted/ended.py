"""The pages that follow an attempt: a challenge, a receipt, a session that is over, an invoice."""

from html import escape
from typing import get_args

from starlette.responses import Response

from checkout_server.sandbox.hosted.frame import single
from checkout_server.sandbox.hosted.order import every, order_lines, order_sums, terms_of
from checkout_server.sandbox.payments import DisputeStatus, Payment
from checkout_server.sandbox.sessions import Session
from checkout_server.sandbox.text import day, money, text_of
from checkout_server.words.languages import ENGLISH, Words, choose_words

_DECLINES = {
    "INSUFFICIENT_FUNDS": "declined_funds",
    "EXPIRED_CARD": "declined_expired",
    "INVALID_EXPIRY_YEAR": "declined_expired",
    "INCORRECT_CVC": "declined_cvc",
    "INVALID_CVC": "declined_cvc",
    "AUTHENTICATION_FAILURE": "declined_authentication",
    "AUTHENTICATION_REQUIRED": "declined_authentication",
    "AUTHENTICATION_TIMEOUT": "declined_authentication",
    "CUSTOMER_CANCELLED": "declined_authentication",
}
"""What a buyer is told; whatever else went wrong, a stolen card too, is a plain decline (the provider's page
"handle payment failures")."""


def decline_word(payment: Payment) -> str:
    """The word of why a payment failed, for its buyer."""
    return _DECLINES.get(payment.error_code or "", "declined_other")


def challenge_page(session: Session, payment: Payment, words: Words) -> Response:
    """3-D Secure as the buyer's bank asks for it, or the approval of another provider."""
    action, provider = f"/session/{escape(session.id)}", payment.paid_by.provider
    question = (
        words["confirm_bank"] if provider is None else words.filled("confirm_provider", provider=escape(provider))
    )
    content = f"""<p>{question}</p>
<dl><dt>{words["amount"]}</dt><dd>{money(payment.total, payment.currency)}</dd></dl>
<form method="post" action="{action}/pay" class="buttons">
<button id="confirm" class="button">{words["confirm"]}</button>
<button id="reject" class="secondary" formaction="{action}/fail">{words["reject"]}</button>
</form>"""
    return single(words["confirm_title"], content, words, order=session.order)


def receipt_page(session: Session, payment: Payment, words: Words) -> Response:
    """For who paid, and only in the answer to the payment: the address alone shows nobody a key or the way back."""
    document, currency = payment.quote.document, payment.currency
    rows = [(words["amount"], f'<span id="amount">{money(payment.total, currency)}</span>')]
    rows.append((words["number"], f'<code dir="ltr">{escape(payment.id)}</code>'))
    for term in terms_of(document):
        amount = f"{money(term.renewal, currency)} {every(term.cycle, words)}"
        rows.append((words["next_renewal"], f'<span class="renewal">{day(term.next_date)}, {amount}</span>'))
    facts = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)
    keys = "".join(f'<li><code dir="ltr">{escape(each.key)}</code></li>' for each in payment.license_keys)
    shown_keys = f'<h2>{words["keys_title"]}</h2><ul id="keys">{keys}</ul>' if keys else ""
    content = f"""<dl id="receipt">{facts}</dl>
<h2>{words["order"]}</h2>{order_lines(document, words)}{order_sums(document, words)}
{shown_keys}{_to_shop(session, payment.status, words)}
<p class="quiet">{words["test"]}</p>{_played(session, payment)}"""
    return single(_paid_title(payment, words), content, words, order=session.order)


def used_page(session: Session, payment: Payment, words: Words) -> Response:
    """What anybody sees who opens the page again: an address is for one attempt, as with the provider."""
    if payment.status != "succeeded":
        content = f'<p id="problem" class="problem">{words["used"]}</p><p>{words["ended_next"]}</p>'
        return single(words["failed_title"], content, words, 410, order=session.order)
    content = f"<p>{words['used']}</p><p class='quiet'>{words['test']}</p>{_played(session, payment)}"
    return single(_paid_title(payment, words), content, words, order=session.order)


def failed_page(session: Session, payment: Payment, words: Words) -> Response:
    """The end of a session that takes one attempt."""
    content = f"""<p id="problem" class="problem" role="alert">{words[decline_word(payment)]}</p>
<p>{words["ended_next"]}</p>{_to_shop(session, payment.status, words)}"""
    return single(words["failed_title"], content, words, order=session.order)


def expired_page(session: Session, words: Words) -> Response:
    """A session whose time is over."""
    return single(words["ended_title"], f"<p>{words['ended_next']}</p>", words, 410, order=session.order)


def missing_page(words: Words) -> Response:
    """No session and no invoice is here."""
    return single(words["missing"], "", words, 404)


def impossible_page(session: Session) -> Response:
    """The merchant cannot do this with the payment. English, as all that plays the merchant is."""
    words = choose_words(ENGLISH, "")
    return single("Not possible", "<p>This cannot be done with this payment.</p>", words, 422, order=session.order)


def invoice_page(payment: Payment, words: Words) -> Response:
    """What ``invoice_url`` opens."""
    buyer = f"<p>{text_of(payment.customer.name)}, {text_of(payment.customer.email)}</p>"
    number = f'<p><code dir="ltr">inv_{escape(payment.id[4:])}</code></p>'
    document = payment.quote.document
    return single(words["invoice"], number + buyer + order_lines(document, words) + order_sums(document, words), words)


def _paid_title(payment: Payment, words: Words) -> str:
    return words["paid_title" if payment.total else "ordered_title"]


def _to_shop(session: Session, status: str, words: Words) -> str:
    target = session.redirect_url(status)
    if not target:
        return ""
    return f'<p class="buttons"><a class="button" id="continue" href="{escape(target)}">{words["to_shop"]}</a></p>'


def _played(session: Session, payment: Payment) -> str:
    """What the merchant and the buyer's bank can do, so that it can be tried."""
    action = f"/session/{escape(session.id)}"
    options = "".join(f"<option>{status}</option>" for status in get_args(DisputeStatus))
    back = f"<p>Refunded: {money(payment.refunded, payment.currency)}</p>" if payment.refunds else ""
    disputed = f"<p>{text_of(payment.disputes[-1].status)}</p>" if payment.disputes else ""
    return f"""<details class="played" lang="en" dir="ltr"><summary>Play the merchant or the bank</summary>
{back}{disputed}
<form method="post" action="{action}/refund">
<div class="field"><label for="refunded">Amount in minor units, empty for all that is left</label>
<input id="refunded" name="amount" inputmode="numeric"></div>
<button id="refund" class="secondary">Refund</button>
</form>
<form method="post" action="{action}/dispute">
<div class="field"><label for="status">Dispute</label><select id="status" name="status">{options}</select></div>
<button id="dispute" class="secondary">Tell the merchant</button>
</form></details>"""
