"""The API's routes of what is sold, and of checkout sessions."""

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from checkout_server.sandbox import documents
from checkout_server.sandbox.answering import PublicUrl, answered, body_of, page_of
from checkout_server.sandbox.body import part
from checkout_server.sandbox.catalogue import ADDONS, PRODUCTS
from checkout_server.sandbox.errors import not_found, unprocessable
from checkout_server.sandbox.pricing import quote
from checkout_server.sandbox.sessions import Sandbox
from checkout_server.sandbox.validation import check_body


def api_routes(sandbox: Sandbox, public_url: PublicUrl) -> list[Route]:
    """The routes of what is sold and of sessions, answering from one sandbox."""

    async def list_products(request: Request) -> Any:
        recurring = {"true": True, "false": False}.get(request.query_params.get("recurring", ""))
        archived = request.query_params.get("archived") == "true"
        rows = [
            documents.listed_product(product, request.query_params.get("locale"))
            for product in PRODUCTS.values()
            if product.archived is archived
            and recurring in {None, product.cycle is not None}
            and request.query_params.get("brand_id") in {None, documents.BRAND_ID}
        ]
        return page_of(request, rows)

    async def get_product(request: Request) -> Any:
        product = PRODUCTS.get(request.path_params["product_id"])
        if product is None:
            raise not_found("product")
        return documents.whole_product(product, request.query_params.get("locale"))

    async def list_addons(request: Request) -> Any:
        return page_of(request, [documents.addon(each, request.query_params.get("locale")) for each in ADDONS])

    async def get_addon(request: Request) -> Any:
        addon_id = request.path_params["addon_id"]
        if addon_id not in ADDONS:
            raise not_found("addon")
        return documents.addon(addon_id, request.query_params.get("locale"))

    async def preview(request: Request) -> Any:
        return quote(check_body(await body_of(request), sandbox.customers), sandbox.clock()).document

    async def create(request: Request) -> Any:
        body = check_body(await body_of(request), sandbox.customers)
        _check_method(sandbox, body, quote(body, sandbox.clock()).document["currency"])
        return documents.created_session(sandbox.create(body), public_url(request))

    async def get_session(request: Request) -> Any:
        return documents.session_status(sandbox.session(request.path_params["session_id"]))

    async def list_brands(_request: Request) -> Any:
        return {"items": [documents.brand()]}

    return [
        Route("/products", answered(list_products), methods=["GET"]),
        Route("/products/{product_id}", answered(get_product), methods=["GET"]),
        Route("/addons", answered(list_addons), methods=["GET"]),
        Route("/addons/{addon_id}", answered(get_addon), methods=["GET"]),
        Route("/checkouts/preview", answered(preview), methods=["POST"]),
        Route("/checkouts", answered(create), methods=["POST"]),
        Route("/checkouts/{session_id}", answered(get_session), methods=["GET"]),
        Route("/brands", answered(list_brands), methods=["GET"]),
    ]


def _check_method(sandbox: Sandbox, body: dict[str, Any], currency: str) -> None:
    customer = sandbox.customers.get(part(body, "customer").get("customer_id", ""))
    for method in customer.methods if customer else ():
        if method.id == body.get("payment_method_id") and method.currencies and currency not in method.currencies:
            raise unprocessable("UNSUPPORTED_PAYMENT_CURRENCY", "payment method does not support the currency")
