"""``GET /checkout/return/TOKEN``: what the session of a token came to, for the buyer who comes back."""

from collections.abc import Mapping
from html import escape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.after_sale.return_address import PATH, digest_token
from checkout_server.checkout.after_sale.returned import Returned, ReturnState, find_returned
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.gateway.errors import GatewayError
from checkout_server.privacy.text import shown
from checkout_server.public.page import headers, message, page
from checkout_server.words.languages import Words, choose_words

LONGEST_KEY = 1000


def return_routes(desk: Desk) -> list[Route]:
    """The page of each token."""

    async def show(request: Request) -> Response:
        return await _show(request, desk)

    return [Route(f"{PATH}{{token}}", show, methods=["GET"])]


async def _show(request: Request, desk: Desk) -> Response:
    token = request.path_params["token"]
    if digest_token(token) is None:
        raise HTTPException(404)
    if request.url.query:
        # The provider appends who paid, and keys: out of the address bar, the history and everybody's logs.
        return RedirectResponse(f"{PATH}{token}", 303, headers=headers())
    try:
        returned = await find_returned(token, desk)
    except (LedgerUnavailable, GatewayError):
        return message("Not available", "Please try again in a minute.", 503)
    if returned is None:
        raise HTTPException(404)
    return _page(returned, choose_words(returned.language, request.headers.get("accept-language", "")))


_TITLES: Mapping[ReturnState, tuple[str, str | None]] = {
    ReturnState.PAID: ("paid_title", "paid_next"),
    ReturnState.CONFIRMED: ("ordered_title", None),
    ReturnState.REFUNDED: ("refunded_title", "refund_next"),
    ReturnState.PARTLY_REFUNDED: ("partly_title", "refund_next"),
    ReturnState.DISPUTED: ("used", None),
    ReturnState.PROCESSING: ("processing_title", "processing_next"),
    ReturnState.FAILED: ("failed_title", "ended_next"),
    ReturnState.OPEN: ("open_title", "unpaid_next"),
    ReturnState.ENDED: ("ended_title", "ended_next"),
}
"""The words of each state: its title, and what comes next, where the page can say so."""


def _page(returned: Returned, words: Words) -> Response:
    title, what_next = _TITLES[returned.state]
    parts: list[str] = []
    if returned.total is not None and returned.currency is not None:
        amount = escape(display(returned.total, returned.currency))
        parts.append(f'<dl><dt>{words["amount"]}</dt><dd id="amount" dir="ltr">{amount}</dd></dl>')
    if what_next is not None:
        parts.append(f'<p id="next">{words[what_next]}</p>')
    if returned.license_keys:
        texts = (escape(shown(key, LONGEST_KEY) or "") for key in returned.license_keys)
        keys = "".join(f'<li><code dir="ltr">{text}</code></li>' for text in texts)
        parts.append(f'<h2>{words["keys_title"]}</h2><ul id="keys">{keys}</ul><p>{words["keys_note"]}</p>')
    elif returned.are_keys_mailed:
        parts.append(f'<p id="mailed">{words["keys_mail"]}</p>')
    if returned.checkout_url is not None:
        parts.append(f'<p><a id="pay" href="{escape(returned.checkout_url)}">{words["back"]}</a></p>')
    if returned.state is ReturnState.PROCESSING:
        parts.append(f'<p><a id="again" href="">{words["again"]}</a></p>')
    if returned.is_test:
        parts.append(f"<p><small>{words['test']}</small></p>")
    return page(words[title], "\n".join(parts), words=words)
