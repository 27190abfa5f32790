"""Payment method types that the payment API takes."""

PAYMENT_METHOD_TYPES = frozenset(
    """
    ach affirm afterpay_clearpay alfamart ali_pay ali_pay_hk alma amazon_pay apple_pay atome bacs
    bancontact_card bca_bank_transfer becs benefit billie bizum blik bni_va boleto bri_va card_redirect
    cashapp cimb_va classic credit crypto_currency dana danamon_va debit direct_carrier_billing duit_now
    efecty eft eps evoucher family_mart fps gcash giropay givex go_pay google_pay ideal indomaret
    instant_bank_transfer interac kakao_pay klarna knet lawson local_bank_redirect local_bank_transfer
    mandiri_va mb_way mifinity mini_stop mobile_pay momo momo_atm multibanco naver_pay
    online_banking_czech_republic online_banking_finland online_banking_fpx online_banking_poland
    online_banking_slovakia online_banking_thailand open_banking_pis open_banking_uk oxxo pago_efectivo
    pay_bright pay_easy pay_safe_card payco paypal paze permata_bank_transfer pix prompt_pay przelewy24
    pse red_compra red_pagos revolut_pay samsung_pay satispay seicomart sepa sepa_bank_transfer
    seven_eleven sofort swish touch_n_go trustly twint upi_collect upi_intent venmo viet_qr vipps walley
    we_chat_pay zip
    """.split()
)

FALLBACK_PAYMENT_METHOD_TYPES = ("credit", "debit")
"""Without these two a checkout can end with no method to pay by (the provider's guide)."""
