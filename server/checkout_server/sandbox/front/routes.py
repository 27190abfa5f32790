"""``/``, and what its cart does."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from checkout_server.sandbox import documents
from checkout_server.sandbox.answering import PublicUrl
from checkout_server.sandbox.errors import ApiError
from checkout_server.sandbox.front.cart import order_of
from checkout_server.sandbox.front.catalogue import ORDER_PATH, codes_and_customers, shop
from checkout_server.sandbox.front.connecting import connecting
from checkout_server.sandbox.front.declines import declines
from checkout_server.sandbox.front.page import headers, page
from checkout_server.sandbox.front.sales import sales, webhooks
from checkout_server.sandbox.posted_form import read_form
from checkout_server.sandbox.sessions import Sandbox
from checkout_server.sandbox.validation import check_body
from checkout_server.sandbox.webhooks import Delivery


def front_routes(sandbox: Sandbox, public_url: PublicUrl, deliveries: Sequence[Delivery] | None) -> list[Route]:
    """The front page of a sandbox.

    Args:
        deliveries: the webhooks so far; None where none are sent.
    """

    def shown(request: Request, form: Mapping[str, str], problem: str = "", status: int = 200) -> Response:
        sections = (
            shop(form, problem),
            sales(sandbox),
            webhooks(deliveries),
            codes_and_customers(),
            declines(),
            connecting(public_url(request)),
        )
        return page("\n".join(sections), status, problem=bool(problem))

    async def show(request: Request) -> Response:
        return shown(request, {})

    async def check_out(request: Request) -> Response:
        url = public_url(request)
        if any(origin != url for origin in request.headers.getlist("origin")):
            return shown(request, {}, "Only this page may open a checkout.", 403)
        form = await read_form(request)
        try:
            session = sandbox.create(check_body(order_of(form, url), sandbox.customers))
        except ApiError as error:
            problem = f"The API refuses this cart: {error.status} {error.code}, {error.message}."
            return shown(request, form, problem, error.status)
        return RedirectResponse(documents.created_session(session, url)["checkout_url"], 303, headers=headers())

    async def come_back(_request: Request) -> Response:
        # Keeps what the provider appends, such as the e-mail address, out of the address bar and the history.
        return RedirectResponse("/#sales", 303, headers=headers())

    return [
        Route("/", show, methods=["GET"]),
        Route("/returned", come_back, methods=["GET"]),
        Route(ORDER_PATH, check_out, methods=["POST"]),
    ]
