"""The API's answers, in the shapes of the official SDK's response types."""

import secrets
from datetime import UTC, datetime

from checkout_server.sandbox.body import Body, part
from checkout_server.sandbox.catalogue import Customer, Product
from checkout_server.sandbox.sessions import Payment, Session

BUSINESS_ID = "bus_sandbox"
_MADE_AT = datetime(2026, 1, 1, tzinfo=UTC).isoformat()


def _price(product: Product) -> Body:
    common: Body = {"currency": product.currency, "price": product.price, "discount": 0, "discount_bps": 0}
    common |= {"purchasing_power_parity": False, "tax_inclusive": product.tax_inclusive}
    if product.cycle is None:
        suggested = product.price * 5 if product.pay_what_you_want else None
        return common | {
            "type": "one_time_price",
            "pay_what_you_want": product.pay_what_you_want,
            "suggested_price": suggested,
        }
    return common | {
        "type": "recurring_price",
        "payment_frequency_count": product.cycle.count,
        "payment_frequency_interval": product.cycle.interval,
        "subscription_period_count": 20,
        "subscription_period_interval": "Year",
        "trial_period_days": product.cycle.trial_days,
        "trial_amount": product.cycle.trial_amount,
    }


def _product(product: Product) -> Body:
    return {
        "business_id": BUSINESS_ID,
        "created_at": _MADE_AT,
        "updated_at": _MADE_AT,
        "entitlements": [],
        "is_recurring": product.cycle is not None,
        "metadata": {},
        "product_id": product.id,
        "tax_category": product.tax_category,
        "name": product.name,
        "description": product.description or None,
        "image": None,
    }


def listed_product(product: Product) -> Body:
    """A row of ``GET /products``."""
    return _product(product) | {
        "currency": product.currency,
        "price": product.price,
        "price_detail": _price(product),
        "pricing_mode": None,
        "tax_inclusive": product.tax_inclusive,
    }


def whole_product(product: Product) -> Body:
    """``GET /products/{id}``."""
    return _product(product) | {
        "brand_id": "brd_sandbox",
        "license_key_enabled": product.license_keys > 0,
        "price": _price(product),
        "credit_entitlements": [],
        "addons": list(product.addons) or None,
    }


def created_session(session: Session, public_url: str) -> Body:
    """``POST /checkouts``."""
    with_method = session.order.get("payment_method_id") is not None
    url = f"{public_url}/buy/{session.short}" if session.short else f"{public_url}/session/{session.id}"
    answer: Body = {"session_id": session.id, "checkout_url": None if with_method else url}
    if session.payment is None:
        return answer | {"payment_id": None, "client_secret": None, "publishable_key": None}
    secret = f"{session.payment.id}_secret_{secrets.token_hex(12)}"
    return answer | {"payment_id": session.payment.id, "client_secret": secret, "publishable_key": "pk_snd_made_up"}


def session_status(session: Session) -> Body:
    """``GET /checkouts/{id}``."""
    customer = session.customer
    return {
        "id": session.id,
        "created_at": session.created_at.isoformat(),
        "customer_email": customer.email if customer else None,
        "customer_name": (customer.name or None) if customer else None,
        "payment_id": session.payment.id if session.payment else None,
        "payment_status": session.payment.status if session.payment else None,
    }


def payment(row: Payment) -> Body:
    """A row of ``GET /payments``, and the common part of ``GET /payments/{id}``."""
    session = row.session
    customer = session.customer or Customer(id="cus_unknown", email="unknown@example.com", name="")
    return {
        "brand_id": "brd_sandbox",
        "business_id": BUSINESS_ID,
        "created_at": row.created_at.isoformat(),
        "currency": session.quote.document["currency"],
        "customer": {"customer_id": customer.id, "email": customer.email, "name": customer.name, "metadata": {}},
        "digital_products_delivered": False,
        "has_license_key": bool(row.license_keys),
        "includes_usage": False,
        "is_multi_subscription": len(row.subscription_ids) > 1,
        "metadata": part(session.order, "metadata"),
        "payment_id": row.id,
        "payment_provider": "dodo",
        "retry_attempt": 0,
        "service_periods": [],
        "subscription_id": row.subscription_ids[0] if len(row.subscription_ids) == 1 else None,
        "subscription_ids": row.subscription_ids,
        "total_amount": session.quote.now.total,
        "checkout_session_id": session.id,
        "status": row.status,
    }


def saved_methods(customer: Customer) -> Body:
    """``GET /customers/{id}/payment-methods``."""
    card = {
        "card_network": "visa",
        "card_type": "credit",
        "expiry_month": "12",
        "expiry_year": "2031",
        "last4_digits": "4242",
    }
    return {
        "items": [
            {
                "payment_method": "card",
                "payment_method_id": method.id,
                "payment_method_type": "credit",
                "recurring_enabled": True,
                "last_used_at": _MADE_AT,
                "card": card | {"card_holder_name": customer.name, "card_issuing_country": "US"},
            }
            for method in customer.methods
        ]
    }
