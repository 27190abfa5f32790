"""What payment methods are called elsewhere. Several together are meant together.

Sources: Stripe's ``payment_method_types``, PayPal's ``payment_source``, Adyen's payment method types and the methods'
own brand names. What differs from the payment API's word only in spaces, case and underscores needs no entry.
"""

PAYMENT_METHOD_WORDS: dict[str, tuple[str, ...]] = {
    "card": ("credit", "debit"),
    "cards": ("credit", "debit"),
    "credit_and_debit_card": ("credit", "debit"),
    "credit_card": ("credit",),
    "debit_card": ("debit",),
    "visa": ("credit", "debit"),
    "mastercard": ("credit", "debit"),
    "amex": ("credit", "debit"),
    "american_express": ("credit", "debit"),
    "scheme": ("credit", "debit"),  # Adyen
    "upi": ("upi_collect", "upi_intent"),
    "gpay": ("google_pay",),
    "apple": ("apple_pay",),
    "amazon": ("amazon_pay",),
    "alipay_hk": ("ali_pay_hk",),
    "afterpay": ("afterpay_clearpay",),
    "clearpay": ("afterpay_clearpay",),
    "bancontact": ("bancontact_card",),
    "bank_transfer": ("local_bank_transfer", "instant_bank_transfer"),
    "us_bank_account": ("ach",),  # Stripe
    "ach_debit": ("ach",),
    "ach_direct_debit": ("ach",),
    "bacs_debit": ("bacs",),  # Stripe
    "au_becs_debit": ("becs",),  # Stripe
    "sepa_debit": ("sepa",),  # Stripe
    "sepa_direct_debit": ("sepa",),
    "fpx": ("online_banking_fpx",),
    "p24": ("przelewy24",),  # Stripe
    "paysafecard": ("pay_safe_card",),
    "square_cash": ("cashapp",),
    "cash_app_pay": ("cashapp",),
    "crypto": ("crypto_currency",),  # Stripe
    "bitcoin": ("crypto_currency",),
    "stablecoin": ("crypto_currency",),
    "usdc": ("crypto_currency",),
    "konbini": ("family_mart", "lawson", "mini_stop", "seicomart", "seven_eleven"),  # Stripe
    "7_eleven": ("seven_eleven",),
    "ministop": ("mini_stop",),
    "wechat": ("we_chat_pay",),
    "kakao": ("kakao_pay",),
    "naver": ("naver_pay",),
    "revolut": ("revolut_pay",),
    "samsung": ("samsung_pay",),
    "gopay": ("go_pay",),
    "touch_and_go": ("touch_n_go",),
    "tng": ("touch_n_go",),
    "open_banking": ("open_banking_pis", "open_banking_uk"),
    "open_banking_gb": ("open_banking_uk",),
    "carrier_billing": ("direct_carrier_billing",),
    "interac_e_transfer": ("interac",),
    "vietqr": ("viet_qr",),
}
