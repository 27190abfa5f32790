"""The API's answers about payments and what belongs to them, in the shapes of the official SDK's response types."""

from checkout_server.sandbox.body import Body, part, parts
from checkout_server.sandbox.catalogue import PRODUCTS, Customer
from checkout_server.sandbox.documents import BRAND_ID, BUSINESS_ID, MADE_AT
from checkout_server.sandbox.payments import Dispute, LicenseKey, Payment, Refund, Subscription
from checkout_server.sandbox.pricing import quoted_meter


def _payment(row: Payment, public_url: str) -> Body:
    subscription_ids = [each.id for each in row.subscriptions]
    is_paid = row.status == "succeeded"
    return {
        "brand_id": BRAND_ID,
        "business_id": BUSINESS_ID,
        "card_last_four": row.paid_by.last_four,
        "card_network": row.paid_by.network,
        "card_type": "credit" if row.paid_by.kind == "card" else None,
        "charge_type": "new" if subscription_ids else None,
        "checkout_session_id": row.session_id,
        "created_at": row.created_at.isoformat(),
        "currency": row.currency,
        "customer": limited_customer(row.customer),
        "digital_products_delivered": is_paid,
        "includes_usage": False,
        "invoice_id": f"inv_{row.id[4:]}" if is_paid else None,
        "invoice_url": f"{public_url}/invoices/payments/{row.id}" if is_paid else None,
        "is_multi_subscription": len(subscription_ids) > 1,
        "metadata": part(row.order, "metadata"),
        "payment_id": row.id,
        "payment_method": row.paid_by.kind,
        "payment_method_type": row.paid_by.type,
        "payment_provider": "dodo",
        "refund_status": row.refund_status,
        "retry_attempt": 0,
        "service_periods": [_period(row, each) for each in row.subscriptions] if is_paid else [],
        "status": row.status,
        "subscription_id": subscription_ids[0] if len(subscription_ids) == 1 else None,
        "subscription_ids": subscription_ids,
        "three_ds_flow": "challenge" if row.three_ds else None,
        "three_ds_status": row.three_ds,
        "three_ds_version": "2.2.0" if row.three_ds else None,
        "total_amount": row.total,
    }


def listed_payment(row: Payment, public_url: str) -> Body:
    """A row of ``GET /payments``."""
    status = row.disputes[-1].status if row.disputes else None
    return _payment(row, public_url) | {"dispute_status": status, "has_license_key": bool(row.license_keys)}


def whole_payment(row: Payment, public_url: str) -> Body:
    """``GET /payments/{id}``."""
    document = row.quote.document
    cart = [item for item in row.order["product_cart"] if PRODUCTS[item["product_id"]].cycle is None]
    message = f"Made up by the sandbox: {row.error_code.replace('_', ' ').lower()}." if row.error_code else None
    return _payment(row, public_url) | {
        "billing": _billing(row),
        "custom_field_responses": _answers(row),
        "disputes": [_dispute(row, each) for each in row.disputes],
        "error_code": row.error_code,
        "error_message": message,
        "is_update_payment_method": False,
        "payment_link": f"{public_url}/session/{row.session_id}",
        "product_cart": [{"product_id": each["product_id"], "quantity": each["quantity"]} for each in cart] or None,
        "refunds": [_refund(row, refund) for refund in row.refunds],
        "settlement_amount": row.total,
        "settlement_currency": row.currency,
        "settlement_tax": document["total_tax"],
        "tax": document["total_tax"],
        "updated_at": row.updated_at.isoformat(),
    }


def refund(row: Payment, of: Refund) -> Body:
    """``POST /refunds``, ``GET /refunds/{id}``."""
    customer = limited_customer(row.customer)
    return _refund(row, of) | {"brand_id": BRAND_ID, "customer": customer, "metadata": {}}


def dispute(row: Payment, of: Dispute) -> Body:
    """``GET /disputes/{id}``."""
    customer = limited_customer(row.customer)
    common: Body = {"brand_id": BRAND_ID, "customer": customer, "payment_provider": "dodo"}
    return _dispute(row, of) | common | {"reason": None, "remarks": None}


def subscription(row: Payment, of: Subscription) -> Body:
    """``GET /subscriptions/{id}``."""
    product = PRODUCTS[of.item["product_id"]]
    line = _line(row, of)
    period, cycle = _period(row, of), product.cycle
    assert cycle is not None  # noqa: S101 - only such a product makes a subscription
    addons = [{"addon_id": each["addon_id"], "quantity": each["quantity"]} for each in parts(of.item, "addons")]
    return {
        "addons": addons,
        "billing": _billing(row),
        "brand_id": BRAND_ID,
        "cancel_at_next_billing_date": False,
        "cancelled_at": row.updated_at.isoformat() if of.status == "cancelled" else None,
        "created_at": row.created_at.isoformat(),
        "credit_entitlement_cart": [],
        "currency": row.currency,
        "custom_field_responses": _answers(row),
        "customer": limited_customer(row.customer),
        "has_payment_method": of.status not in {"pending", "failed"},
        "metadata": part(row.order, "metadata"),
        "meter_credit_entitlement_cart": [],
        "meters": [
            quoted_meter(meter) | {"meter_id": meter.id, "currency": product.currency} for meter in product.meters
        ],
        "next_billing_date": period["ends_at"],
        "on_demand": bool(part(row.order, "subscription_data").get("on_demand")),
        "payment_frequency_count": cycle.count,
        "payment_frequency_interval": cycle.interval,
        "previous_billing_date": row.created_at.isoformat(),
        "product_id": product.id,
        "quantity": of.item["quantity"],
        "recurring_pre_tax_amount": sum(each["discounted_price"] for each in (line, *(line["addons"] or ()))),
        "status": of.status,
        "subscription_id": of.id,
        "subscription_period_count": 20,
        "subscription_period_interval": "Year",
        "tax_id": row.order.get("tax_id"),
        "tax_inclusive": product.tax_inclusive,
        "trial_amount": cycle.trial_amount,
        "trial_period_days": _trial_days(row, cycle.trial_days),
    }


def license_key(row: Payment, of: LicenseKey) -> Body:
    """A row of ``GET /license_keys``, or ``GET /license_keys/{id}``."""
    return {
        "activations_limit": None,
        "brand_id": BRAND_ID,
        "business_id": BUSINESS_ID,
        "created_at": of.created_at.isoformat(),
        "customer_id": row.customer.id,
        "expires_at": None,
        "id": of.id,
        "instances_count": 0,
        "key": of.key,
        "payment_id": row.id,
        "product_id": of.product_id,
        "source": "auto",
        "status": "active",
        "subscription_id": None,
    }


def limited_customer(customer: Customer) -> Body:
    """What an answer says of whom it is about."""
    return {
        "customer_id": customer.id,
        "email": customer.email,
        "name": customer.name,
        "phone_number": customer.phone or None,
        "metadata": {},
    }


def whole_customer(customer: Customer) -> Body:
    """``GET /customers/{id}``."""
    return limited_customer(customer) | {"business_id": BUSINESS_ID, "created_at": MADE_AT}


def _billing(row: Payment) -> Body:
    return {"country": row.quote.document["billing_country"]} | part(row.order, "billing_address")


def _answers(row: Payment) -> list[Body] | None:
    return [{"key": key, "value": value} for key, value in row.answers.items()] or None


def _refund(row: Payment, of: Refund) -> Body:
    return {
        "business_id": BUSINESS_ID,
        "created_at": of.created_at.isoformat(),
        "is_partial": of.amount < row.total,
        "payment_id": row.id,
        "refund_id": of.id,
        "status": "succeeded",
        "amount": of.amount,
        "currency": row.currency,
        "reason": of.reason,
    }


def _dispute(row: Payment, of: Dispute) -> Body:
    return {
        "amount": str(of.amount),
        "business_id": BUSINESS_ID,
        "created_at": of.created_at.isoformat(),
        "currency": row.currency,
        "dispute_id": of.id,
        "dispute_stage": "dispute",
        "dispute_status": of.status,
        "payment_id": row.id,
    }


def _line(row: Payment, of: Subscription) -> Body:
    return row.quote.document["product_cart"][row.order["product_cart"].index(of.item)]


def _period(row: Payment, of: Subscription) -> Body:
    document = row.quote.document
    dates = {each["product_id"]: each["next_billing_date"] for each in document["subscriptions"] or ()}
    ends_at = dates.get(of.item["product_id"], document["next_billing_date"])
    begins_at = row.created_at.isoformat()
    return {"subscription_id": of.id, "starts_at": begins_at, "ends_at": ends_at, "proration_factor": "1"}


def _trial_days(row: Payment, days: int) -> int:
    given = part(row.order, "subscription_data").get("trial_period_days")
    return days if given is None else given


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
                "last_used_at": MADE_AT,
                "card": card | {"card_holder_name": customer.name, "card_issuing_country": "US"},
            }
            for method in customer.methods
        ]
    }
