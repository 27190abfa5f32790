"""The page to pay on: the order on one side, the form on the other."""

from html import escape

from starlette.responses import Response

from checkout_server.sandbox.body import part
from checkout_server.sandbox.hosted import fields
from checkout_server.sandbox.hosted.cart import cart_fields
from checkout_server.sandbox.hosted.controls import attributes
from checkout_server.sandbox.hosted.draft import Draft
from checkout_server.sandbox.hosted.frame import SHOP, page
from checkout_server.sandbox.hosted.order import later_charges, order_lines, order_sums, pay_words
from checkout_server.sandbox.hosted.paying import paying_fields
from checkout_server.sandbox.pricing import quote
from checkout_server.sandbox.text import day, money


def checkout_page(draft: Draft, status: int = 200) -> Response:
    """The page for what is filled in so far, with what is wrong with it."""
    words = draft.words
    title = words["failed_title"] if draft.decline else words["checkout"]
    content = f"""<main class="checkout">
<div class="summary"><div class="inner">{fields.back_link(draft)}
<p class="shop">{escape(SHOP)}</p><h1>{title}</h1>
{_order(draft)}
</div></div>
<div class="pay"><div class="inner">{_form(draft)}</div></div>
</main>"""
    return page(title, content, words, status, order=draft.order)


def _order(draft: Draft) -> str:
    document, words = draft.document, draft.words
    due = money(document["current_breakup"]["total_amount"], document["currency"])
    undiscounted = quote(draft.order | {"discount_codes": None, "discount_code": None}, draft.session.created_at)
    is_open = part(draft.order, "customization").get("show_order_details") is not False
    later = "".join(f"<p>{each}</p>" for each in later_charges(draft.order, document, undiscounted.document, words))
    return f"""<p id="due" role="status"><span>{words["due"]}</span><strong id="total">{due}</strong></p>
<div id="terms">{later}</div>
<div id="order"><details{" open" if is_open else ""}><summary>{words["order"]}</summary>
{order_lines(document, words)}</details>{order_sums(document, words)}</div>
<div id="cart">{cart_fields(draft)}</div>"""


def _form(draft: Draft) -> str:
    words, session = draft.words, draft.session
    action = f"/session/{session.id}"
    problem = draft.decline or draft.problem
    opening = attributes(
        {"id": "checkout", "method": "post", "action": f"{action}/pay", "data-price": f"{action}/price"}
    )
    shown = attributes({"type": "hidden", "id": "shown_total", "name": "shown_total", "value": draft.total})
    return f"""<form{opening}>
<p id="problem" class="problem" role="alert">{words[problem] if problem else ""}</p>
<p class="quiet">{words["required_mark"]}</p>
<input{shown}>
<div id="who">{fields.contact_fields(draft)}</div>
<div id="where">{fields.address_fields(draft)}</div>
{fields.custom_fields(draft)}
{paying_fields(draft)}
<button id="pay" class="button">{pay_words(draft.order, draft.document, words)}</button>
</form>
{_return_link(draft)}
<p class="quiet">{words.filled("valid_until", date=day(f"{session.expires_at:%Y-%m-%d %H:%M}"))}</p>"""


def _return_link(draft: Draft) -> str:
    """After an attempt that failed: the provider's redirect, for who does not try again."""
    target = draft.session.redirect_url("failed") if draft.decline else None
    return f'<p><a id="continue" href="{escape(target)}">{draft.words["to_shop"]}</a></p>' if target else ""
