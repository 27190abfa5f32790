"""The API's routes of what comes after a session: payments, refunds, subscriptions, licence keys, customers."""

from typing import Any, cast

from starlette.requests import Request
from starlette.routing import Route

from checkout_server.sandbox import sale_documents
from checkout_server.sandbox.answering import PublicUrl, answered, body_of, created_within, has_all, page_of
from checkout_server.sandbox.body import Body, parts
from checkout_server.sandbox.documents import BRAND_ID
from checkout_server.sandbox.errors import ApiError, bad_body, not_found, unprocessable
from checkout_server.sandbox.payments import Payment
from checkout_server.sandbox.sessions import Sandbox


def sale_routes(sandbox: Sandbox, public_url: PublicUrl) -> list[Route]:
    """Those routes, answering from one sandbox."""

    async def list_payments(request: Request) -> Any:
        wanted = request.query_params
        rows = [
            sale_documents.listed_payment(row, public_url(request))
            for row in reversed(sandbox.payments)
            if created_within(wanted, row.created_at)
            and has_all(wanted, {"status": row.status, "customer_id": row.customer.id, "currency": row.currency})
            and has_all(wanted, {"brand_id": BRAND_ID})
            and wanted.get("subscription_id") in {None, *(each.id for each in row.subscriptions)}
            and wanted.get("product_id") in {None, *(item["product_id"] for item in row.order["product_cart"])}
        ]
        return page_of(request, rows)

    async def get_payment(request: Request) -> Any:
        return sale_documents.whole_payment(sandbox.payment(request.path_params["payment_id"]), public_url(request))

    async def get_subscription(request: Request) -> Any:
        return sale_documents.subscription(*sandbox.subscription(request.path_params["subscription_id"]))

    async def list_license_keys(request: Request) -> Any:
        wanted = request.query_params
        rows = [
            sale_documents.license_key(payment, each)
            for payment in reversed(sandbox.payments)
            for each in payment.license_keys
            if created_within(wanted, each.created_at)
            and has_all(wanted, {"customer_id": payment.customer.id, "product_id": each.product_id})
            and has_all(wanted, {"status": "active", "source": "auto"})
        ]
        return page_of(request, rows)

    async def get_license_key(request: Request) -> Any:
        for payment in sandbox.payments:
            for each in payment.license_keys:
                if each.id == request.path_params["license_key_id"]:
                    return sale_documents.license_key(payment, each)
        raise not_found("license key")

    async def create_refund(request: Request) -> Any:
        body = await body_of(request)
        if not isinstance(body, dict):
            raise bad_body("expected an object")
        order = cast(Body, body)
        payment = sandbox.payment(str(order.get("payment_id")))
        made = sandbox.refund(payment, _amount(payment, order), order.get("reason"))
        return sale_documents.refund(payment, made)

    async def get_refund(request: Request) -> Any:
        for payment in sandbox.payments:
            for each in payment.refunds:
                if each.id == request.path_params["refund_id"]:
                    return sale_documents.refund(payment, each)
        raise not_found("refund")

    async def get_dispute(request: Request) -> Any:
        for payment in sandbox.payments:
            for each in payment.disputes:
                if each.id == request.path_params["dispute_id"]:
                    return sale_documents.dispute(payment, each)
        raise not_found("dispute")

    async def get_customer(request: Request) -> Any:
        return sale_documents.whole_customer(sandbox.customer(request.path_params["customer_id"]))

    async def list_methods(request: Request) -> Any:
        return sale_documents.saved_methods(sandbox.customer(request.path_params["customer_id"]))

    return [
        Route("/payments", answered(list_payments), methods=["GET"]),
        Route("/payments/{payment_id}", answered(get_payment), methods=["GET"]),
        Route("/refunds", answered(create_refund), methods=["POST"]),
        Route("/refunds/{refund_id}", answered(get_refund), methods=["GET"]),
        Route("/disputes/{dispute_id}", answered(get_dispute), methods=["GET"]),
        Route("/subscriptions/{subscription_id}", answered(get_subscription), methods=["GET"]),
        Route("/license_keys", answered(list_license_keys), methods=["GET"]),
        Route("/license_keys/{license_key_id}", answered(get_license_key), methods=["GET"]),
        Route("/customers/{customer_id}", answered(get_customer), methods=["GET"]),
        Route("/customers/{customer_id}/payment-methods", answered(list_methods), methods=["GET"]),
    ]


def _amount(payment: Payment, order: Body) -> int:
    """What a refund gives back: what is left of the whole, or the amounts of the items that it names."""
    left = payment.total - payment.refunded
    if payment.status != "succeeded":
        raise unprocessable("PAYMENT_NOT_SUCCEEDED", "payment has not succeeded")
    if left <= 0:
        raise unprocessable("PAYMENT_ALREADY_REFUNDED", "payment is refunded already")
    items = parts(order, "items")
    prices = {line["product_id"]: line["discounted_price"] for line in payment.quote.document["product_cart"]}
    ids = [str(item.get("item_id")) for item in items]
    if not prices.keys() >= set(ids):
        raise ApiError(404, "LINE_ITEM_NOT_FOUND", "payment has no such item")
    if len(set(ids)) < len(ids):
        raise unprocessable("DUPLICATE_LINE_ITEMS_IN_REQUEST", "item is given twice")
    amounts = [
        prices[each] if item.get("amount") is None else item["amount"] for each, item in zip(ids, items, strict=True)
    ]
    if not all(type(amount) is int and amount > 0 for amount in amounts):
        raise bad_body("amount must be a positive integer")
    if any(amount > prices[each] for each, amount in zip(ids, amounts, strict=True)):
        raise unprocessable("LINE_ITEM_REFUND_AMOUNT_TOO_HIGH", "refund exceeds the item's price")
    amount = sum(amounts) if items else left
    if amount > left:
        raise unprocessable("REFUND_AMOUNT_EXCEEDS_PAID_AMOUNT", "refund exceeds the payment")
    return amount
