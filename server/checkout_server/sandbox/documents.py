"""The API's answers, in the shapes of the official SDK's response types."""

import secrets
from datetime import UTC, datetime

from checkout_server.sandbox.body import Body, part
from checkout_server.sandbox.catalogue import ADDONS, TRANSLATIONS, Customer, Product
from checkout_server.sandbox.pricing import quoted_meter
from checkout_server.sandbox.sessions import Payment, Refund, Session

BUSINESS_ID = "bus_sandbox"
BRAND_ID = BUSINESS_ID
"""Of the primary brand, as with the provider."""
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
    common |= {
        "payment_frequency_count": product.cycle.count,
        "payment_frequency_interval": product.cycle.interval,
        "subscription_period_count": 20,
        "subscription_period_interval": "Year",
    }
    if product.meters:
        del common["price"]
        return common | {
            "type": "usage_based_price",
            "fixed_price": product.price,
            "meters": [{"meter_id": meter.id} | quoted_meter(meter) for meter in product.meters],
        }
    return common | {
        "type": "recurring_price",
        "trial_period_days": product.cycle.trial_days,
        "trial_amount": product.cycle.trial_amount,
    }


def _translated(entity_id: str, name: str, locale: str | None) -> str:
    return TRANSLATIONS.get(locale or "", {}).get(entity_id, name)


def _product(product: Product, locale: str | None) -> Body:
    return {
        "business_id": BUSINESS_ID,
        "created_at": _MADE_AT,
        "updated_at": _MADE_AT,
        "entitlements": [],
        "is_recurring": product.cycle is not None,
        "metadata": {},
        "product_id": product.id,
        "tax_category": product.tax_category,
        "name": _translated(product.id, product.name, locale),
        "description": product.description or None,
        "image": None,
    }


def listed_product(product: Product, locale: str | None) -> Body:
    """A row of ``GET /products``."""
    return _product(product, locale) | {
        "currency": product.currency,
        "price": product.price,
        "price_detail": _price(product),
        "pricing_mode": None,
        "tax_inclusive": product.tax_inclusive,
    }


def whole_product(product: Product, locale: str | None) -> Body:
    """``GET /products/{id}``."""
    return _product(product, locale) | {
        "brand_id": BRAND_ID,
        "license_key_enabled": product.license_keys > 0,
        "price": _price(product),
        "credit_entitlements": [],
        "addons": list(product.addons) or None,
    }


def addon(addon_id: str, locale: str | None) -> Body:
    """A row of ``GET /addons``, or ``GET /addons/{id}``."""
    name, price = ADDONS[addon_id]
    return {
        "id": addon_id,
        "business_id": BUSINESS_ID,
        "created_at": _MADE_AT,
        "updated_at": _MADE_AT,
        "name": _translated(addon_id, name, locale),
        "description": None,
        "image": None,
        "currency": "USD",
        "price": price,
        "tax_category": "saas",
    }


def brand() -> Body:
    """The only row of ``GET /brands``."""
    return {
        "brand_id": BRAND_ID,
        "business_id": BUSINESS_ID,
        "name": "Sandbox shop",
        "enabled": True,
        "statement_descriptor": "SANDBOX SHOP",
        "verification_enabled": False,
        "verification_status": "Success",
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


def _payment(row: Payment) -> Body:
    session = row.session
    customer = session.customer or Customer(id="cus_unknown", email="unknown@example.com", name="")
    return {
        "brand_id": BRAND_ID,
        "business_id": BUSINESS_ID,
        "created_at": row.created_at.isoformat(),
        "currency": session.quote.document["currency"],
        "customer": {"customer_id": customer.id, "email": customer.email, "name": customer.name, "metadata": {}},
        "digital_products_delivered": False,
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
        "refund_status": row.refund_status,
    }


def listed_payment(row: Payment) -> Body:
    """A row of ``GET /payments``."""
    return _payment(row) | {"has_license_key": bool(row.license_keys)}


def whole_payment(row: Payment) -> Body:
    """``GET /payments/{id}``."""
    document = row.session.quote.document
    address = part(row.session.order, "billing_address")
    return _payment(row) | {
        "billing": {"country": document["billing_country"]} | address,
        "disputes": [],
        "is_update_payment_method": False,
        "refunds": [_refund(row, refund) for refund in row.refunds],
        "settlement_amount": row.session.quote.now.total,
        "settlement_currency": document["currency"],
        "settlement_tax": document["total_tax"],
        "tax": document["total_tax"],
    }


def _refund(row: Payment, refund: Refund) -> Body:
    return {
        "business_id": BUSINESS_ID,
        "created_at": refund.created_at.isoformat(),
        "is_partial": refund.amount < row.session.quote.now.total,
        "payment_id": row.id,
        "refund_id": refund.id,
        "status": "succeeded",
        "amount": refund.amount,
        "currency": row.session.quote.document["currency"],
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
