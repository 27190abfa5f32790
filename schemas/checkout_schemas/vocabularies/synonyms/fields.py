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
    "promo": ("discount_codes",),
    "promotion": ("discount_codes",),
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
    "locality": ("city",),
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
    "customer_details": ("customer",),  # Stripe
    "buyer_details": ("customer",),
    "customer_email": ("email",),  # Stripe
    "email_address": ("email",),  # PayPal
    "customer_name": ("name",),
    "full_name": ("name",),
    "phone": ("phone_number",),  # Stripe, Shopify
    "mobile": ("phone_number",),
    "telephone": ("phone_number",),
    "tel": ("phone_number",),
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
    "confirmation_url": ("return_url",),
    "back_url": ("cancel_url",),
    "failure_url": ("cancel_url",),
    "error_url": ("cancel_url",),
    "abandon_url": ("cancel_url",),
    "payment_methods": ("allowed_payment_method_types",),
    "payment_method_types": ("allowed_payment_method_types",),  # Stripe
    "accepted_payment_methods": ("allowed_payment_method_types",),
    "saved_payment_methods": ("show_saved_payment_methods",),
    "allow_promotion_codes": ("allow_discount_code",),  # Stripe
    "allow_promo_code": ("allow_discount_code",),
    "allow_discount_codes": ("allow_discount_code",),
    "phone_number_collection": ("allow_phone_number_collection",),  # Stripe
    "tax_id_collection": ("allow_tax_id",),  # Stripe
    "require_phone": ("require_phone_number",),
    "three_d_secure": ("force_3ds",),
    "custom_data": ("metadata",),  # Paddle
    "note_attributes": ("metadata",),  # Shopify
    "language": ("locale", "force_language"),
    "lang": ("locale", "force_language"),
    "accept_language": ("locale", "force_language"),
    "appearance": ("theme_config",),
    "branding": ("theme_config",),
    "border_radius": ("radius",),
    "font": ("font_primary_url",),
    "font_family": ("font_primary_url",),
    "font_url": ("font_primary_url",),
    "background": ("bg_primary",),
    "background_color": ("bg_primary",),
    "text_color": ("text_primary",),
    "button_color": ("button_primary",),
    "primary_color": ("button_primary",),
    # Looking up
    "checkout_session_id": ("session_id",),
    "checkout_id": ("session_id",),
    "quote_id": ("preview_id",),
}
"""Which of our fields a name means wherever it stands, the likelier first."""

NEIGHBOUR_WORDS: dict[str, tuple[str, ...]] = {
    "id": ("product_id", "addon_id", "customer_id", "session_id", "credit_entitlement_id"),
    "product": ("product_id",),
    "count": ("quantity",),
    "units": ("quantity",),
    "credits": ("credit_entitlements", "credits_amount"),
    "type": ("field_type", "kind"),
    "recurring": ("kind",),
    "code": ("discount_codes",),
    "choices": ("options",),
    "values": ("options",),
    "hint": ("placeholder",),
    "mode": ("theme",),
    "address": ("street",),
    "customer": ("customer_id",),
    "description": ("product_description",),
    "amount": ("product_price", "credits_amount"),
    "price": ("product_price",),
    "unit_amount": ("product_price",),
    "charge_amount": ("product_price",),
    "allow_customer_editing_address": tuple(
        f"allow_customer_editing_{part}" for part in ("street", "city", "state", "zipcode", "country")
    ),
    "questions": ("custom_fields",),
    "session": ("session_id",),
    "preview": ("preview_id",),
    "search": ("query",),
    "q": ("query",),
    "keyword": ("query",),
    "search_query": ("query",),
    "search_text": ("query",),
    "text": ("query",),
    "interval": ("query",),
    "billing_interval": ("query",),
    "billing_cycle": ("query",),
    "name": ("query", "label"),
    "title": ("query", "label"),
    "question": ("label",),
    "filter": ("query",),
    "page_number": ("page",),
    "next_page": ("page",),
    "cursor": ("page",),
    "starting_after": ("page",),  # Stripe
    "category": ("kind",),
    "mail": ("email",),
}
"""Which field of the same object a name means. Elsewhere it can mean anything."""

ONLY_AT_HOME = frozenset(
    {"key", "label", "options", "required", "placeholder", "name", "kind", "page", "theme", "query"}
)
"""Fields whose names are used for anything: in another object they are not looked for elsewhere."""
