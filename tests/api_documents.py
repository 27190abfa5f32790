"""What the payment API answers to each operation, every field set, in the shapes of the official SDK's types."""

from typing import Any

_MOMENT = "2026-11-23T10:00:00Z"
_PRICE = {
    "type": "recurring_price", "currency": "USD", "price": 2900, "payment_frequency_count": 3,
    "payment_frequency_interval": "Month", "subscription_period_count": 20,
    "subscription_period_interval": "Year", "discount": 0, "purchasing_power_parity": False,
    "tax_inclusive": False, "trial_period_days": 7, "trial_amount": 100,
}  # fmt: skip
_PRODUCT = {
    "product_id": "prod_1", "name": "Plan", "description": "A plan.", "business_id": "bus_1",
    "created_at": _MOMENT, "updated_at": _MOMENT, "is_recurring": True, "metadata": {}, "tax_category": "saas",
    "entitlements": [],
}  # fmt: skip
_BREAKUP = {"subtotal": 2900, "discount": 290, "tax": 522, "total_amount": 3132}
_LINE = {
    "currency": "USD", "discounted_price": 2610, "name": "Plan", "og_currency": "USD", "og_price": 2900,
    "quantity": 1, "tax": 522, "tax_category": "saas", "tax_inclusive": False, "tax_rate": 2000,
    "description": "A plan.", "discount_amount": 1000,
}  # fmt: skip
_ADDON = _LINE | {"addon_id": "addon_seat", "single_quantity_price": 900}
_METER = {
    "name": "Calls", "description": "API calls.", "measurement_unit": "call", "price_per_unit": "0.25",
    "free_threshold": 1000,
}  # fmt: skip
_CREDITS = {
    "credit_entitlement_id": "cent_1", "credit_entitlement_name": "Calls", "credit_entitlement_unit": "call",
    "credits_amount": "1000",
}  # fmt: skip
_PAYMENT = {
    "payment_id": "pay_1", "checkout_session_id": "cks_1", "metadata": {"mcp_preview_id": "prv_1"},
    "brand_id": "b", "created_at": _MOMENT, "currency": "USD", "digital_products_delivered": False,
    "includes_usage": False, "is_multi_subscription": False, "payment_provider": "dodo", "retry_attempt": 0,
    "service_periods": [], "subscription_ids": ["sub_1"], "total_amount": 3132, "status": "succeeded",
    "refund_status": "partial", "charge_type": "new",
    "customer": {"customer_id": "cus_1", "email": "buyer@example.com", "name": "Ada Buyer"},
}  # fmt: skip
_REFUND = {
    "business_id": "bus_1", "created_at": _MOMENT, "is_partial": True, "payment_id": "pay_1", "refund_id": "ref_1",
    "status": "succeeded", "amount": 100, "currency": "USD",
}  # fmt: skip
_DISPUTE = {
    "amount": "31.32", "business_id": "bus_1", "created_at": _MOMENT, "currency": "USD", "dispute_id": "dp_1",
    "dispute_stage": "dispute", "dispute_status": "dispute_won", "payment_id": "pay_1",
}  # fmt: skip
_SUBSCRIPTION = {
    "subscription_id": "sub_1", "product_id": "prod_1", "status": "active", "next_billing_date": _MOMENT,
    "cancel_at_next_billing_date": False, "addons": [], "billing": {"country": "GB"}, "brand_id": "b",
    "created_at": _MOMENT, "credit_entitlement_cart": [], "currency": "USD", "customer": _PAYMENT["customer"],
    "has_payment_method": True, "metadata": {}, "meter_credit_entitlement_cart": [], "meters": [],
    "on_demand": False, "payment_frequency_count": 1, "payment_frequency_interval": "Month",
    "previous_billing_date": _MOMENT, "quantity": 1, "recurring_pre_tax_amount": 2900,
    "subscription_period_count": 20, "subscription_period_interval": "Year", "tax_inclusive": False,
    "trial_period_days": 0,
}  # fmt: skip
_BRAND = {
    "brand_id": "bus_1", "business_id": "bus_1", "enabled": True, "statement_descriptor": "EXAMPLE",
    "verification_enabled": True, "verification_status": "Success",
}  # fmt: skip
DOCUMENTS: dict[str, Any] = {
    "list_products": {"items": [_PRODUCT | {"currency": "USD", "price": 2900, "price_detail": _PRICE}]},
    "get_product": _PRODUCT | {
        "brand_id": "b", "credit_entitlements": [], "license_key_enabled": False, "price": _PRICE,
        "addons": ["addon_seat"],
    },
    "list_addons": {
        "items": [
            {
                "id": "addon_seat", "business_id": "bus_1", "created_at": _MOMENT, "updated_at": _MOMENT,
                "currency": "USD", "name": "Seat", "price": 900, "tax_category": "saas", "description": "A seat.",
            }
        ]
    },
    "list_saved_methods": {
        "items": [
            {
                "payment_method": "card", "payment_method_id": "pm_1", "payment_method_type": "credit",
                "recurring_enabled": True, "last_used_at": _MOMENT,
                "card": {
                    "card_holder_name": "Ada Buyer", "card_issuing_country": "GB", "card_network": "visa",
                    "card_type": "credit", "expiry_month": "12", "expiry_year": "2031", "last4_digits": "4242",
                },
            }
        ]
    },
    "preview": {
        "billing_country": "GB", "currency": "USD", "current_breakup": _BREAKUP, "recurring_breakup": _BREAKUP,
        "product_cart": [
            _LINE | {
                "product_id": "prod_1", "is_subscription": True, "is_usage_based": False, "meters": [_METER],
                "credit_entitlements": [_CREDITS], "addons": [_ADDON], "discount_cycle": 1, "monthly_equivalent": 2900,
            }
        ],
        "subscriptions": [
            {
                "product_id": "prod_1", "amount_due_now": 0, "recurring_amount": 3132, "trial_period_days": 7,
                "next_billing_date": _MOMENT, "recurring_tax": 522, "tax_due_now": 0,
            }
        ],
        "total_price": 3132, "total_tax": 522, "next_billing_date": _MOMENT, "trial_period_days": 7,
        "trial_amount": 100, "payment_method_required": True, "is_byop": False,
        "tax_id_err_msg": "The registry does not know it.", "tax_id_business_name": "Example Ltd",
        "tax_id_format_name": "VAT Number",
    },
    "create": {
        "session_id": "cks_1", "checkout_url": "https://checkout.example.com/cks_1", "payment_id": "pay_1",
        "client_secret": "secret_of_the_buyer", "publishable_key": "pk_of_the_merchant",
    },
    "get_session": {
        "id": "cks_1", "created_at": _MOMENT, "payment_id": "pay_1", "payment_status": "requires_payment_method",
        "customer_email": "buyer@example.com", "customer_name": "Ada Buyer",
    },
    "list_payments": {
        "items": [_PAYMENT | {"has_license_key": False, "dispute_status": "dispute_won"}],
    },
    "get_payment": _PAYMENT | {
        "business_id": "bus_1", "billing": {"country": "GB"}, "disputes": [_DISPUTE],
        "refunds": [_REFUND], "is_update_payment_method": False, "settlement_amount": 3132,
        "settlement_currency": "USD", "tax": 522, "error_code": "EXPIRED_CARD", "updated_at": _MOMENT,
        "custom_field_responses": [{"key": "size", "value": "L"}],
        "invoice_url": "https://live.dodopayments.com/invoices/payments/pay_1",
    },
    "get_subscription": _SUBSCRIPTION,
    "list_license_keys": {
        "items": [
            {
                "id": "lic_1", "brand_id": "b", "business_id": "bus_1", "created_at": _MOMENT, "customer_id": "cus_1",
                "instances_count": 0, "key": "LK-001-AB12CD34", "product_id": "prod_1", "source": "auto",
                "status": "active", "payment_id": "pay_1",
            }
        ]
    },
    "list_brands": {"items": [_BRAND]},
}  # fmt: skip
