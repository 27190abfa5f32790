"""The hosted checkout page, for a person with a browser. Everything from an order is escaped text."""

import unicodedata
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from checkout_server.sandbox.body import Body, part, parts
from checkout_server.sandbox.catalogue import EXPONENTS
from checkout_server.sandbox.pricing import rows_of
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
        return _paid(sandbox, sandbox.sessions.get(request.path_params["session_id"]), "succeeded")

    async def fail(request: Request) -> Response:
        return _paid(sandbox, sandbox.sessions.get(request.path_params["session_id"]), "failed")

    return [
        Route("/session/{session_id}", show, methods=["GET"]),
        Route("/buy/{short}", show_short, methods=["GET"]),
        Route("/session/{session_id}/pay", pay, methods=["POST"]),
        Route("/session/{session_id}/fail", fail, methods=["POST"]),
    ]


def _shown(sandbox: Sandbox, session: Session | None) -> Response:
    if session is None:
        return _page("Not found", "<p>This checkout session does not exist, or the sandbox was restarted.</p>", 404)
    if session.payment is not None and session.payment.status == "succeeded":
        return _ended(session, "succeeded")
    if sandbox.expired(session):
        return _page("Expired", "<p>This checkout session has expired. Ask the seller for a new link.</p>", 410)
    return _page("Checkout", _checkout(session), session=session)


def _paid(sandbox: Sandbox, session: Session | None, status: str) -> Response:
    if session is None or sandbox.expired(session):
        return _shown(sandbox, session)
    # A second click finds the first payment: nobody pays twice.
    payment = sandbox.pay(session, status)
    flags = part(session.order, "feature_flags")
    target = session.redirect_url(payment.status)
    if target and flags.get("redirect_immediately"):
        return RedirectResponse(target, 303, headers=_HEADERS)
    return _ended(session, payment.status)


def _ended(session: Session, status: str) -> Response:
    title = "Payment succeeded" if status == "succeeded" else "Payment failed"
    target = session.redirect_url(status)
    link = f'<p><a class="button" id="continue" href="{escape(target)}">Continue to the shop</a></p>' if target else ""
    keys = session.payment.license_keys if session.payment and status == "succeeded" else []
    shown_keys = f"<p>Licence keys: <code>{escape(', '.join(keys))}</code></p>" if keys else ""
    again = "" if status == "succeeded" else f'<p><a href="/session/{escape(session.id)}">Try again</a></p>'
    return _page(title, f"<p>No money moved: this is a sandbox.</p>{shown_keys}{link}{again}", session=session)


def _checkout(session: Session) -> str:
    document, order = session.quote.document, session.order
    due = _money(document["current_breakup"]["total_amount"], document["currency"])
    customer = session.customer
    back = escape(order.get("cancel_url") or "")
    cancel = f'<a class="back" id="cancel" href="{back}">← Back to the shop</a>' if back else ""
    email, name = (escape(customer.email), escape(customer.name)) if customer else ("", "")
    action = f"/session/{escape(session.id)}"
    button = _text(_theme(session).get("pay_button_text") or "Pay")
    return f"""{cancel}
{_price(document, is_open=part(order, "customization").get("show_order_details") is not False)}
<form method="post" action="{action}/pay">
  <label>E-mail <input name="email" type="email" autocomplete="email" required value="{email}"></label>
  <label>Name <input name="name" autocomplete="name" value="{name}"></label>
  {"".join(_custom_field(each) for each in parts(order, "custom_fields"))}
  <button id="pay" class="button">{button} {due}</button>
  <button id="fail" class="quiet" formaction="{action}/fail" formnovalidate>Simulate a declined card</button>
</form>
<p><small>This session ends {session.expires_at:%Y-%m-%d %H:%M} UTC.</small></p>"""


def _price(document: Body, *, is_open: bool) -> str:
    """The lines, which sum to the amounts below them, what is charged later, and why a table does not add up."""
    currency = document["currency"]
    rows = [row for line in document["product_cart"] for row in rows_of(line)]
    now, later = document["current_breakup"], document["recurring_breakup"]
    sums = [("Subtotal", now["subtotal"]), ("Discount", -now["discount"] or None), ("Tax", now["tax"])]
    totals = "".join(
        f"<tr><th>{name}</th><td>{_money(amount, currency)}</td></tr>" for name, amount in sums if amount is not None
    )
    notes: list[str] = []
    if later:
        renewal, next_date = _money(later["total_amount"], currency), escape(document["next_billing_date"][:10])
        notes.append(f"Then {renewal} at each renewal, next on {next_date}.")
        if later["subtotal"] and sum(row["og_price"] for row in rows) != now["subtotal"]:
            notes.append("The lines of subscriptions show the price of a renewal.")
    if any(row["tax_inclusive"] for row in rows):
        notes.append("Tax is included in some of these prices.")
    due = f'<tr class="total"><th>Due now</th><td id="total">{_money(now["total_amount"], currency)}</td></tr>'
    return f"""<details{" open" if is_open else ""}><summary>Your order</summary>
<table id="lines">{"".join(_row(row, currency) for row in rows)}</table></details>
<table id="sums">{totals}{due}</table>{"".join(f"<p class='recurring'>{note}</p>" for note in notes)}"""


def _row(row: Body, currency: str) -> str:
    amounts = [("discount", row["discounted_price"] - row["og_price"]), ("tax", row["tax"])]
    shares = "".join(f"<br><small>{name} {_money(amount, currency)}</small>" for name, amount in amounts if amount)
    name = f"{_text(row['name'])} <small>× {row['quantity']}</small>"
    return f"<tr><td>{name}</td><td>{_money(row['og_price'], currency)}{shares}</td></tr>"


def _custom_field(each: dict[str, Any]) -> str:
    required = " required" if each.get("required") else ""
    name, placeholder = escape(f"custom_{each['key']}"), escape(each.get("placeholder") or "")
    kind = each["field_type"]
    if kind == "dropdown":
        options = "".join(f"<option>{_text(option)}</option>" for option in each["options"])
        control = f'<select name="{name}"{required}><option value="">Choose</option>{options}</select>'
    elif kind == "boolean":
        control = f'<input type="checkbox" name="{name}"{required}>'
    else:
        control = f'<input type="{_INPUT_TYPES[kind]}" name="{name}" placeholder="{placeholder}"{required}>'
    return f"<label>{_text(each['label'])} {control}</label>"


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


def _text(text: str | None) -> str:
    """Escaped, without control, bidi and zero-width characters."""
    return escape("".join(character for character in text or "" if unicodedata.category(character)[0] != "C"))


def _money(amount: int, currency: str) -> str:
    exponent = EXPONENTS.get(currency, 2)
    return f"{currency}\u00a0{amount / 10**exponent:,.{exponent}f}"
