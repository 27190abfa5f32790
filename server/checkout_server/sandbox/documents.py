"""The API's answers, in the shapes of the official SDK's response types."""

import secrets
from datetime import UTC, datetime

from checkout_server.sandbox.body import Body
from checkout_server.sandbox.catalogue import ADDONS, TRANSLATIONS, Product
from checkout_server.sandbox.pricing import quoted_meter
from checkout_server.sandbox.sessions import Session

BUSINESS_ID = "bus_sandbox"
BRAND_ID = BUSINESS_ID
"""Of the primary brand, as with the provider."""
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC).isoformat()


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
        "created_at": MADE_AT,
        "updated_at": MADE_AT,
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
        "created_at": MADE_AT,
        "updated_at": MADE_AT,
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
