"""The API's routes."""

import json
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from checkout_server.sandbox import documents
from checkout_server.sandbox.body import part
from checkout_server.sandbox.catalogue import ADDONS, CUSTOMERS, PRODUCTS
from checkout_server.sandbox.errors import ApiError, bad_body, not_found, unprocessable
from checkout_server.sandbox.pricing import quote
from checkout_server.sandbox.sessions import Sandbox
from checkout_server.sandbox.validation import check_body

MAX_BODY_BYTES = 1024 * 1024
Handler = Callable[[Request], Awaitable[Any]]


def api_routes(sandbox: Sandbox, public_url: Callable[[Request], str]) -> list[Route]:
    """Every route of the API, answering from one sandbox."""

    async def list_products(request: Request) -> Any:
        recurring = {"true": True, "false": False}.get(request.query_params.get("recurring", ""))
        archived = request.query_params.get("archived") == "true"
        rows = [
            documents.listed_product(product, request.query_params.get("locale"))
            for product in PRODUCTS.values()
            if product.archived is archived and recurring in {None, product.cycle is not None}
        ]
        return _page(request, rows)

    async def get_product(request: Request) -> Any:
        product = PRODUCTS.get(request.path_params["product_id"])
        if product is None:
            raise not_found("product")
        return documents.whole_product(product, request.query_params.get("locale"))

    async def list_addons(request: Request) -> Any:
        return _page(request, [documents.addon(each, request.query_params.get("locale")) for each in ADDONS])

    async def get_addon(request: Request) -> Any:
        addon_id = request.path_params["addon_id"]
        if addon_id not in ADDONS:
            raise not_found("addon")
        return documents.addon(addon_id, request.query_params.get("locale"))

    async def preview(request: Request) -> Any:
        return quote(check_body(await _body(request)), sandbox.clock()).document

    async def create(request: Request) -> Any:
        body = check_body(await _body(request))
        _check_method(body, quote(body, sandbox.clock()).document["currency"])
        return documents.created_session(sandbox.create(body), public_url(request))

    async def get_session(request: Request) -> Any:
        return documents.session_status(sandbox.session(request.path_params["session_id"]))

    async def list_payments(request: Request) -> Any:
        wanted = request.query_params
        rows = [
            documents.listed_payment(row)
            for row in reversed(sandbox.payments)
            if _moment(wanted, "created_at_gte", row.created_at)
            <= row.created_at
            <= _moment(wanted, "created_at_lte", row.created_at)
            and wanted.get("status") in {None, row.status}
            and wanted.get("customer_id") in {None, row.session.customer.id if row.session.customer else ""}
        ]
        return _page(request, rows)

    async def get_payment(request: Request) -> Any:
        return documents.whole_payment(sandbox.payment(request.path_params["payment_id"]))

    async def list_brands(_request: Request) -> Any:
        return {"items": [documents.brand()]}

    async def list_methods(request: Request) -> Any:
        customer = CUSTOMERS.get(request.path_params["customer_id"])
        if customer is None:
            raise not_found("customer")
        return documents.saved_methods(customer)

    return [
        Route("/products", _answered(list_products), methods=["GET"]),
        Route("/products/{product_id}", _answered(get_product), methods=["GET"]),
        Route("/addons", _answered(list_addons), methods=["GET"]),
        Route("/addons/{addon_id}", _answered(get_addon), methods=["GET"]),
        Route("/checkouts/preview", _answered(preview), methods=["POST"]),
        Route("/checkouts", _answered(create), methods=["POST"]),
        Route("/checkouts/{session_id}", _answered(get_session), methods=["GET"]),
        Route("/payments", _answered(list_payments), methods=["GET"]),
        Route("/payments/{payment_id}", _answered(get_payment), methods=["GET"]),
        Route("/brands", _answered(list_brands), methods=["GET"]),
        Route("/customers/{customer_id}/payment-methods", _answered(list_methods), methods=["GET"]),
    ]


def _answered(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        headers = {"x-request-id": f"req_{secrets.token_hex(8)}"}
        try:
            if not request.headers.get("authorization", "").removeprefix("Bearer").strip():
                raise ApiError(401, "UNAUTHORIZED", "missing API key")
            return JSONResponse(await handler(request), headers=headers)
        except ApiError as error:
            return JSONResponse({"code": error.code, "message": error.message}, error.status, headers=headers)

    return endpoint


async def _body(request: Request) -> Any:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            raise ApiError(413, "INVALID_REQUEST_BODY", "body is too large")
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise bad_body("body is not JSON") from None


def _page(request: Request, rows: list[Any]) -> Any:
    try:
        number = int(request.query_params.get("page_number", "0"))
        size = int(request.query_params.get("page_size", "10"))
    except ValueError:
        number, size = -1, 0
    if number < 0 or not 1 <= size <= 100:
        raise ApiError(400, "INVALID_REQUEST_PARAMETERS", "page_number or page_size is out of range")
    return {"items": rows[number * size : (number + 1) * size]}


def _moment(wanted: QueryParams, name: str, default: datetime) -> datetime:
    text = wanted.get(name)
    try:
        return datetime.fromisoformat(text) if text else default
    except ValueError:
        raise ApiError(400, "INVALID_REQUEST_PARAMETERS", f"{name} is not a date") from None


def _check_method(body: dict[str, Any], currency: str) -> None:
    customer = CUSTOMERS.get(part(body, "customer").get("customer_id", ""))
    for method in customer.methods if customer else ():
        if method.id == body.get("payment_method_id") and method.currencies and currency not in method.currencies:
            raise unprocessable("UNSUPPORTED_PAYMENT_CURRENCY", "payment method does not support the currency")
