"""The hosted checkout page, for a person with a browser. Everything from an order is escaped text."""

from collections.abc import Callable, Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import Any, cast, get_args
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from checkout_server.sandbox.answering import MAX_BODY_BYTES
from checkout_server.sandbox.body import part, parts
from checkout_server.sandbox.errors import ApiError
from checkout_server.sandbox.form import COUNTRIES, Unacceptable, asks_country, takes_codes, typed_in
from checkout_server.sandbox.page_order import money, order_table, text_of
from checkout_server.sandbox.payments import DECLINES, DisputeStatus, Payment
from checkout_server.sandbox.sessions import Sandbox, Session

_HEADERS = {
    # form-action would also stop the redirect to return_url after the form, so it is not set.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_INPUT_TYPES = {"text": "text", "number": "number", "email": "email", "url": "url", "date": "date"}


def page_routes(sandbox: Sandbox) -> list[Route]:
    """The page and what its buttons do."""

    async def show(request: Request) -> Response:
        session = sandbox.sessions.get(request.path_params["session_id"])
        return _shown(sandbox, session)

    async def show_short(request: Request) -> Response:
        return _shown(sandbox, sandbox.shorts.get(request.path_params["short"]))

    async def pay(request: Request) -> Response:
        return await _attempt(sandbox, request, "succeeded")

    async def fail(request: Request) -> Response:
        return await _attempt(sandbox, request, "failed")

    async def challenge(request: Request) -> Response:
        return await _attempt(sandbox, request, "requires_customer_action")

    async def refund(request: Request) -> Response:
        return await _after_sale(sandbox, request, _refund)

    async def dispute(request: Request) -> Response:
        return await _after_sale(sandbox, request, _dispute)

    async def invoice(request: Request) -> Response:
        payments = {each.id: each for each in sandbox.payments if each.status == "succeeded"}
        payment = payments.get(request.path_params["payment_id"])
        if payment is None:
            return _page("Not found", "<p>There is no such invoice.</p>", 404)
        buyer = f"<p>{text_of(payment.customer.name)}, {text_of(payment.customer.email)}</p>"
        return _page("Invoice", buyer + order_table(payment.quote.document, is_open=True))

    return [
        Route("/session/{session_id}", show, methods=["GET"]),
        Route("/buy/{short}", show_short, methods=["GET"]),
        Route("/session/{session_id}/pay", pay, methods=["POST"]),
        Route("/session/{session_id}/fail", fail, methods=["POST"]),
        Route("/session/{session_id}/challenge", challenge, methods=["POST"]),
        Route("/session/{session_id}/refund", refund, methods=["POST"]),
        Route("/session/{session_id}/dispute", dispute, methods=["POST"]),
        Route("/invoices/payments/{payment_id}", invoice, methods=["GET"]),
    ]


def _shown(sandbox: Sandbox, session: Session | None) -> Response:
    if session is None:
        return _page("Not found", "<p>This checkout session does not exist, or the sandbox was restarted.</p>", 404)
    if session.payment is not None and session.payment.status == "succeeded":
        return _used(session, session.payment)
    if sandbox.expired(session):
        return _page("Expired", "<p>This checkout session has expired. Ask the seller for a new link.</p>", 410)
    if session.payment is not None and session.payment.status == "requires_customer_action":
        return _page("Confirm the payment", _challenge(session), session=session)
    return _page("Checkout", _checkout(session), session=session)


async def _attempt(sandbox: Sandbox, request: Request, status: str) -> Response:
    """Pay, or try to, with what the form says; a challenge of the buyer's bank goes on with what it began with."""
    session = sandbox.sessions.get(request.path_params["session_id"])
    # A second click finds the first payment: nobody pays twice.
    if session is None or sandbox.expired(session) or (session.payment and session.payment.status == "succeeded"):
        return _shown(sandbox, session)
    form = await _form(request)
    is_challenged = session.payment is not None and session.payment.status == "requires_customer_action"
    reason = form.get("reason", "AUTHENTICATION_FAILURE" if is_challenged else "CARD_DECLINED")
    try:
        if reason not in DECLINES:
            raise Unacceptable("Choose a reason from the list.")
        typed = None if is_challenged else typed_in(session, form)
        payment = sandbox.pay(session, status, typed=typed, error_code=reason)
    except (Unacceptable, ApiError) as problem:
        text = "The discount code does not apply." if isinstance(problem, ApiError) else str(problem)
        alert = f'<p class="note" role="alert" id="problem">{text}</p>'
        return _page("Checkout", alert + _checkout(session), 422, session=session)
    if status == "requires_customer_action":
        return _shown(sandbox, session)
    flags = part(session.order, "feature_flags")
    target = session.redirect_url(payment.status)
    if target and flags.get("redirect_immediately"):
        return RedirectResponse(target, 303, headers=_HEADERS)
    return _ended(session, payment.status)


async def _after_sale(
    sandbox: Sandbox, request: Request, action: Callable[[Sandbox, Payment, Mapping[str, str]], bool]
) -> Response:
    session = sandbox.sessions.get(request.path_params["session_id"])
    if session is None or session.payment is None or session.payment.status != "succeeded":
        return _shown(sandbox, session)
    if not action(sandbox, session.payment, await _form(request)):
        return _page("Not possible", "<p>This cannot be done with this payment.</p>", 422, session=session)
    return _used(session, session.payment)


def _refund(sandbox: Sandbox, payment: Payment, form: Mapping[str, str]) -> bool:
    """Give back an amount in minor units, or all that is left."""
    left, text = payment.total - payment.refunded, form.get("amount", "").strip()
    amount = int(text) if text.isascii() and text.isdigit() else 0 if text else left
    if not 0 < amount <= left:
        return False
    sandbox.refund(payment, amount)
    return True


def _dispute(sandbox: Sandbox, payment: Payment, form: Mapping[str, str]) -> bool:
    status = form.get("status", "dispute_opened")
    if status not in get_args(DisputeStatus):
        return False
    sandbox.dispute(payment, cast(DisputeStatus, status))
    return True


async def _form(request: Request) -> dict[str, str]:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            raise HTTPException(413)
    return dict(parse_qsl(content.decode(errors="replace"), keep_blank_values=True))


def _used(session: Session, payment: Payment) -> Response:
    """What anybody sees who opens the page again: an address is for one attempt, as with the provider."""
    content = f"<p>This checkout session has been used.</p>{_later(session, payment)}"
    return _page("Payment succeeded", content, session=session)


def _ended(session: Session, status: str) -> Response:
    title = "Payment succeeded" if status == "succeeded" else "Payment failed"
    target = session.redirect_url(status)
    link = f'<p><a class="button" id="continue" href="{escape(target)}">Continue to the shop</a></p>' if target else ""
    keys = [each.key for each in session.payment.license_keys] if session.payment and status == "succeeded" else []
    shown_keys = f"<p>Licence keys: <code>{escape(', '.join(keys))}</code></p>" if keys else ""
    again = "" if status == "succeeded" else f'<p><a href="/session/{escape(session.id)}">Try again</a></p>'
    later = _later(session, session.payment) if session.payment and status == "succeeded" else ""
    return _page(title, f"<p>No money moved: this is a sandbox.</p>{shown_keys}{link}{again}{later}", session=session)


def _later(session: Session, payment: Payment) -> str:
    """What the merchant and the buyer's bank can do, so that it can be tried."""
    action = f"/session/{escape(session.id)}"
    options = "".join(f"<option>{status}</option>" for status in get_args(DisputeStatus))
    back = f"<p>Refunded: {money(payment.refunded, payment.currency)}</p>" if payment.refunds else ""
    disputed = f"<p>{text_of(payment.disputes[-1].status)}</p>" if payment.disputes else ""
    return f"""<details><summary>Play the merchant or the bank</summary>{back}{disputed}
<form method="post" action="{action}/refund">
  <label>Amount in minor units, empty for all that is left <input name="amount" inputmode="numeric"></label>
  <button id="refund" class="quiet">Refund</button>
</form>
<form method="post" action="{action}/dispute">
  <label>Dispute <select name="status">{options}</select></label>
  <button id="dispute" class="quiet">Tell the merchant</button>
</form></details>"""


def _challenge(session: Session) -> str:
    """3-D Secure, as the buyer's bank asks for it."""
    action = f"/session/{escape(session.id)}"
    return f"""<p>Your bank asks you to confirm this payment.</p>
<form method="post" action="{action}/pay">
  <button id="confirm" class="button">Confirm</button>
  <button id="reject" class="quiet" formaction="{action}/fail">Reject</button>
</form>"""


def _checkout(session: Session) -> str:
    document, order = session.quote.document, session.order
    due = money(document["current_breakup"]["total_amount"], document["currency"])
    customer = session.customer
    back = escape(order.get("cancel_url") or "")
    cancel = f'<a class="back" id="cancel" href="{back}">← Back to the shop</a>' if back else ""
    email, name = (escape(customer.email), escape(customer.name)) if customer else ("", "")
    action = f"/session/{escape(session.id)}"
    reasons = "".join(f"<option{' selected' * (each == 'CARD_DECLINED')}>{each}</option>" for each in DECLINES)
    button = text_of(_theme(session).get("pay_button_text") or "Pay")
    return f"""{cancel}
{order_table(document, is_open=part(order, "customization").get("show_order_details") is not False)}
<form method="post" action="{action}/pay">
  <label>E-mail <input name="email" type="email" autocomplete="email" required value="{email}"></label>
  <label>Name <input name="name" autocomplete="name" value="{name}"></label>
  {_choices(session)}
  {"".join(_custom_field(each) for each in parts(order, "custom_fields"))}
  <button id="pay" class="button">{button} {due}</button>
  <button id="challenge" class="quiet" formaction="{action}/challenge">Simulate 3-D Secure</button>
  <label>Reason of a decline <select name="reason">{reasons}</select></label>
  <button id="fail" class="quiet" formaction="{action}/fail">Simulate a declined card</button>
</form>
<p><small>This session ends {session.expires_at:%Y-%m-%d %H:%M} UTC.</small></p>"""


def _choices(session: Session) -> str:
    """A discount code and a country, where the order leaves them to the buyer."""
    countries = "".join(f"<option>{each}</option>" for each in COUNTRIES)
    code = '<label>Discount code <input name="discount_code"></label>' if takes_codes(session) else ""
    country = f'<select name="country"><option value="">Choose</option>{countries}</select>'
    return code + (f"<label>Country {country}</label>" if asks_country(session) else "")


def _custom_field(each: dict[str, Any]) -> str:
    required = " required" if each.get("required") else ""
    name, placeholder = escape(f"custom_{each['key']}"), escape(each.get("placeholder") or "")
    kind = each["field_type"]
    if kind == "dropdown":
        options = "".join(f"<option>{text_of(option)}</option>" for option in each["options"])
        control = f'<select name="{name}"{required}><option value="">Choose</option>{options}</select>'
    elif kind == "boolean":
        control = f'<input type="checkbox" name="{name}"{required}>'
    else:
        control = f'<input type="{_INPUT_TYPES[kind]}" name="{name}" placeholder="{placeholder}"{required}>'
    return f"<label>{text_of(each['label'])} {control}</label>"


def _theme(session: Session) -> dict[str, Any]:
    return part(session.order, "customization").get("theme_config") or {}


def _page(title: str, content: str, status: int = 200, *, session: Session | None = None) -> HTMLResponse:
    custom = part(session.order, "customization") if session else {}
    template = Template(files("checkout_server.sandbox").joinpath("page.html").read_text(encoding="utf-8"))
    html = template.substitute(
        title=escape(title),
        language=escape(custom.get("force_language") or "en"),
        theme=escape(custom.get("theme") or "system"),
        content=content,
    )
    return HTMLResponse(html, status, headers=_HEADERS)
