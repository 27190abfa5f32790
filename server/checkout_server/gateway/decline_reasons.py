"""Why a payment failed, by the provider's codes: each with sentences of ours and what the buyer can do.

Source: https://docs.dodopayments.com/api-reference/transaction-failures, as of 27 November 2026; the provider's whole
list is in ``tests/fixtures/provider_decline_reasons.toml``. A code that is not here is not shown, nor is the
provider's own text.
"""

from typing import Literal, NamedTuple


class DeclineReason(NamedTuple):
    """What a code means for a buyer."""

    kind: Literal["soft", "hard"]
    """Soft: the same payment method can still work. Hard: it will not."""
    reason: str
    advice: str
    """What the buyer can do."""


def _soft(reason: str, advice: str) -> DeclineReason:
    return DeclineReason("soft", reason, advice)


def _hard(reason: str, advice: str) -> DeclineReason:
    return DeclineReason("hard", reason, advice)


_OTHER = "Pay by another method."
_BANK = "Ask the bank, or pay by another method."
_AGAIN = "Try again in a few minutes."
_AGAIN_OR_OTHER = "Try again in a few minutes, or pay by another method."
_AUTHORIZE = "Authorize the payment anew, or pay by another method."

_DECLINED = _hard("The bank declined the payment.", _BANK)
_NEVER_TOLD = ("FRAUDULENT", "LOST_CARD", "PICKUP_CARD", "STOLEN_CARD")
"""Who pays with such a card must not learn that it is known: it is told as any decline, in every field alike."""

DECLINE_REASONS: dict[str, DeclineReason] = dict.fromkeys((*_NEVER_TOLD, "CARD_DECLINED"), _DECLINED) | {
    "AUTHENTICATION_FAILURE": _soft(
        "The buyer was not confirmed by their bank.", "Try again and confirm with the bank, or use another card."
    ),
    "AUTHENTICATION_REQUIRED": _soft(
        "The bank wants the buyer to confirm the payment.", "Pay again and confirm with the bank (3-D Secure)."
    ),
    "AUTHENTICATION_TIMEOUT": _soft(
        "The confirmation with the bank took too long.", "Try again and confirm with the bank at once."
    ),
    "CARD_NOT_ACTIVATED": _soft("The card is not activated yet.", "Activate it with the bank, then try again."),
    "CARD_VELOCITY_EXCEEDED": _soft(
        "The card was used too often in a short time.", "Try again later, or ask the bank about limits."
    ),
    "CUSTOMER_CANCELLED": _soft("The buyer cancelled the payment.", "Begin again when ready."),
    "DO_NOT_HONOR": _hard("The bank declined the payment without a reason.", _BANK),
    "EXPIRED_CARD": _hard("The card has expired.", "Use a card that is valid."),
    "GENERIC_DECLINE": _soft("The payment was declined without a reason.", _BANK),
    "INCORRECT_CVC": _soft("The card's security code was wrong.", "Enter the security code again."),
    "INCORRECT_NUMBER": _soft("The card number was wrong.", "Enter the card number again."),
    "INSUFFICIENT_FUNDS": _soft(
        "The account does not hold enough money.", "Pay by another method, or once there is enough."
    ),
    "INVALID_ACCOUNT": _hard("The account is not valid.", _BANK),
    "INVALID_AMOUNT": _soft(
        "The amount was not accepted.", "Check the amount and the limits of the payment method, or use another."
    ),
    "INVALID_CARD_NUMBER": _soft("The card number is not valid.", "Enter the card number again."),
    "INVALID_CARD_OWNER": _soft("The cardholder's name was not accepted.", "Enter the name as it is on the card."),
    "INVALID_CVC": _soft("The card's security code is not valid.", "Enter the security code again."),
    "INVALID_EXPIRY_YEAR": _soft("The card's expiry date is not valid.", "Enter the expiry date again."),
    "INVALID_PIN": _soft("The PIN was wrong.", "Enter the PIN again."),
    "INVALID_REQUEST": _soft("The payment held data that was not accepted.", "Check what was entered, and try again."),
    "INVALID_UPI_ID": _soft("The UPI id is not valid.", "Enter the UPI id again."),
    "LIMIT_EXCEEDED": _soft("The payment is above a limit of the card or the account.", _BANK),
    "LIVE_MODE_TEST_CARD": _soft("A test card was used for real money.", "Use a real card."),
    "MANDATE_INVALID": _soft("The authorization for recurring payments is not valid.", _AUTHORIZE),
    "MANDATE_REQUIRED": _soft("The payment needs an authorization for recurring payments.", _AUTHORIZE),
    "MANDATE_REQUIRED_SYSTEM": _hard("The payment needs an authorization that was not set up.", _OTHER),
    "NETWORK_ERROR": _soft("The connection to the bank failed.", _AGAIN),
    "NETWORK_TIMEOUT": _soft("The bank did not answer in time.", _AGAIN),
    "ORDER_CREATION_FAILED": _soft("The provider failed to make the order.", _AGAIN),
    "PAYMENT_METHOD_PROVIDER_DECLINED": _hard(
        "The provider of the payment method declined the payment.", "Ask that provider, or pay by another method."
    ),
    "PAYMENT_METHOD_UNSUPPORTED": _hard("The payment method cannot pay this.", _OTHER),
    "PROCESSING_ERROR": _soft("The payment could not be processed.", _AGAIN_OR_OTHER),
    "PROVIDER_UNSUPPORTED": _hard("The provider cannot take this kind of payment.", _OTHER),
    "REENTER_TRANSACTION": _soft("The payment has to be entered again.", "Pay again."),
    "REVOCATION_OF_AUTHORIZATION": _hard("The authorization for the payment was withdrawn.", _OTHER),
    "TRANSACTION_NOT_ALLOWED": _hard("The card or the account may not be used for this.", _BANK),
    "TRANSACTION_NOT_APPROVED": _hard("The payment was not approved.", _BANK),
    "TRY_AGAIN_LATER": _soft("The payment could not be taken now.", "Try again later."),
    "UNKNOWN_ERROR": _soft("The payment failed for an unknown reason.", _AGAIN_OR_OTHER),
}
