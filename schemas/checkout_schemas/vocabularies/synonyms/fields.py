"""What our fields are called elsewhere.

Sources: Stripe's Checkout Sessions and Customers, PayPal's Orders v2, Shopify's Storefront cart and Admin orders,
Paddle's transactions, and older names of this provider's own API. Names are in snake case: camel case is read as it.
"""

FIELD_WORDS: dict[str, tuple[str, ...]] = {
    # The cart
    "items": ("product_cart",),
    "line_items": ("product_cart",),  # Stripe, Shopify
    "lines": ("product_cart",),  # Shopify
    "cart": ("product_cart",),
    "cart_items": ("product_cart",),
    "products": ("product_cart",),
    "purchase_units": ("product_cart",),  # PayPal
    "order_items": ("product_cart",),
    "price_id": ("product_id",),  # Stripe, Paddle
    "plan_id": ("product_id",),  # PayPal
    "item_id": ("product_id",),
    "sku": ("product_id",),  # PayPal
    "variant_id": ("product_id",),  # Shopify
    "merchandise_id": ("product_id",),  # Shopify
    "qty": ("quantity",),
    "seats": ("quantity",),
    "custom_amount": ("amount",),
    "add_ons": ("addons",),
    "collection_id": ("product_collection_id",),
    # Price
    "currency": ("billing_currency", "product_currency"),
    "currency_code": ("billing_currency", "product_currency"),  # PayPal
    "coupon": ("discount_codes",),  # Stripe
    "coupons": ("discount_codes",),
    "coupon_code": ("discount_codes",),
    "promo_code": ("discount_codes",),
    "promotion_code": ("discount_codes",),  # Stripe
    "voucher": ("discount_codes",),
    "discount": ("discount_codes",),
    "discounts": ("discount_codes",),  # Stripe
    "discount_id": ("discount_codes",),  # Paddle
    "vat": ("tax_id",),
    "vat_id": ("tax_id",),
    "vat_number": ("tax_id",),
    "tax_number": ("tax_id",),
    "tax_ids": ("tax_id",),
    "gstin": ("tax_id",),
    "trial": ("trial_period_days",),
    "trial_days": ("trial_period_days",),
    "trial_period": ("trial_period_days",),
    # Address
    "address": ("billing_address",),
    "billing": ("billing_address",),
    "billing_details": ("billing_address",),  # Stripe
    "country_code": ("country",),  # PayPal, Shopify
    "province": ("state",),  # Shopify
    "province_code": ("state",),  # Shopify
    "region": ("state",),
    "county": ("state",),
    "admin_area_1": ("state",),  # PayPal
    "town": ("city",),
    "admin_area_2": ("city",),  # PayPal
    "line1": ("street",),  # Stripe
    "line_1": ("street",),
    "address1": ("street",),  # Shopify
    "address_line1": ("street",),
    "address_line_1": ("street",),  # PayPal
    "street_address": ("street",),
    "zip": ("zipcode",),  # Shopify
    "zip_code": ("zipcode",),
    "postal": ("zipcode",),
    "postal_code": ("zipcode",),  # Stripe, PayPal
    "postcode": ("zipcode",),
    "post_code": ("zipcode",),
    # The buyer
    "buyer": ("customer",),
    "payer": ("customer",),  # PayPal
    "customer_email": ("email",),  # Stripe
    "email_address": ("email",),  # PayPal
    "customer_name": ("name",),
    "full_name": ("name",),
    "phone": ("phone_number",),  # Stripe, Shopify
    "mobile": ("phone_number",),
    "telephone": ("phone_number",),
    "company": ("customer_business_name",),  # Shopify
    "company_name": ("customer_business_name",),
    "business_name": ("customer_business_name",),  # Stripe
    "organization": ("customer_business_name",),
    # The page and the payment
    "success_url": ("return_url",),  # Stripe
    "redirect_url": ("return_url",),
    "callback_url": ("return_url",),
    "return_uri": ("return_url",),
    "cancel_uri": ("cancel_url",),
    "back_url": ("cancel_url",),
    "payment_method": ("payment_method_id", "allowed_payment_method_types"),  # Stripe
    "payment_methods": ("allowed_payment_method_types",),
    "payment_method_types": ("allowed_payment_method_types",),  # Stripe
    "three_d_secure": ("force_3ds",),
    "client_reference_id": ("metadata",),  # Stripe
    "custom_id": ("metadata",),  # PayPal
    "custom_data": ("metadata",),  # Paddle
    "note_attributes": ("metadata",),  # Shopify
    "order_id": ("metadata",),
    "reference": ("metadata",),
    "reference_id": ("metadata",),  # PayPal
    "language": ("locale", "force_language"),
    "lang": ("locale", "force_language"),
    "appearance": ("theme_config",),
    "branding": ("theme_config",),
    # Looking up
    "checkout_session_id": ("session_id",),
    "checkout_id": ("session_id",),
    "quote_id": ("preview_id",),
}
"""Which of our fields a name means wherever it stands, the likelier first."""

NEIGHBOUR_WORDS: dict[str, tuple[str, ...]] = {
    "id": ("product_id", "addon_id", "customer_id", "session_id"),
    "product": ("product_id",),
    "count": ("quantity",),
    "units": ("quantity",),
    "credits": ("credit_entitlements", "credits_amount"),
    "type": ("field_type", "kind"),
    "questions": ("custom_fields",),
    "session": ("session_id",),
    "preview": ("preview_id",),
    "search": ("query",),
    "q": ("query",),
    "keyword": ("query",),
    "name": ("query",),
    "filter": ("query",),
    "page_number": ("page",),
    "next_page": ("page",),
    "cursor": ("page",),
    "starting_after": ("page",),  # Stripe
    "category": ("kind",),
    "mail": ("email",),
}
"""Which field of the same object a name means. Elsewhere it can mean anything."""

_PRICE = "a product has its price; leave it out, or give amount, in minor units, for a pay-what-you-want product"
_PAGES = "pages have a fixed size; leave it out, and ask for the next one with page"
FIELD_ADVICE: dict[str, str] = {
    "price": _PRICE,
    "unit_price": _PRICE,
    "unit_amount": _PRICE,  # Stripe
    "price_data": "a product of list_products is sold by its product_id; leave it out",
    "mode": "the products decide whether it is a payment or a subscription; leave it out",
    "intent": "the products decide whether it is a payment or a subscription; leave it out",
    "line2": "join it to street, with a comma",  # Stripe
    "line_2": "join it to street, with a comma",
    "address2": "join it to street, with a comma",  # Shopify
    "address_line2": "join it to street, with a comma",
    "address_line_2": "join it to street, with a comma",  # PayPal
    "first_name": "put the whole name into customer.name",  # Shopify
    "last_name": "put the whole name into customer.name",  # Shopify
    "given_name": "put the whole name into customer.name",  # PayPal
    "surname": "put the whole name into customer.name",  # PayPal
    "shipping": "nothing is shipped from here; leave it out",
    "shipping_address": "nothing is shipped from here, and tax follows billing_address; leave it out",
    "total": "amounts are quoted, not given; leave it out",
    "subtotal": "amounts are quoted, not given; leave it out",
    "tax": "tax is quoted, from billing_address and tax_id; leave it out",
    "tax_rate": "tax is quoted, from billing_address and tax_id; leave it out",
    "automatic_tax": "tax is always quoted; leave it out",
    "limit": _PAGES,
    "per_page": _PAGES,
    "page_size": _PAGES,
    "expires_at": "a session ends by itself; leave it out",
    "idempotency_key": "a preview makes one session, however often it is asked for; leave it out",
    "webhook_url": "the merchant sets webhooks in their dashboard; leave it out",
}
"""What to do about a name that no field of ours stands for."""

_OF_THE_PRODUCT = "the product has it; leave it out"
ADVICE_BESIDE: dict[str, dict[str, str]] = {
    "product_id": dict.fromkeys(("name", "title", "description", "image", "images", "kind"), _OF_THE_PRODUCT),
}
"""What to do about a name in an object that has this field."""
