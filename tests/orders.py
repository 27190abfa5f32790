"""What the tests buy, and how it is paid."""

from typing import Any

ORDER: dict[str, Any] = {
    "product_cart": [{"product_id": "prod_premium_plan", "quantity": 1}],
    "billing_address": {
        "country": "US",
        "state": "CA",
        "city": "San Francisco",
        "street": "1 Main St",
        "zipcode": "94102",
    },
}
TWO: dict[str, Any] = ORDER | {"product_cart": [{"product_id": "prod_premium_plan", "quantity": 2}]}
HOSTED: dict[str, Any] = {"customer": {"customer_id": "cus_123"}}
"""The buyer pays on the hosted page."""
CONFIRMED: dict[str, Any] = {**HOSTED, "payment_method_id": "pm_abc123", "confirm": True}
"""Charges a saved method at once."""
