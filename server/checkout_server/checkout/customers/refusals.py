"""Why a customer's saved payment methods are not listed."""

from checkout_schemas.errors import Problem
from checkout_server.checkout.refusals import CheckoutRefusal

_HOSTED_INSTEAD = (
    "create the session with show_saved_payment_methods and without payment_method_id: the buyer picks a saved method "
    "on the hosted page"
)


def not_offered() -> CheckoutRefusal:
    return CheckoutRefusal(
        "policy_denied",
        f"The operator's policy does not allow listing saved payment methods. Instead, {_HOSTED_INSTEAD}.",
        retry="do_not_retry",
        rules=["confirm.list_saved_payment_methods"],
    )


def stranger() -> CheckoutRefusal:
    """A customer id lists somebody's cards, and anybody can type one."""
    return CheckoutRefusal(
        "policy_denied",
        "The operator's policy allows listing only for customers to whom this server has sold before.",
        retry="do_not_retry",
        rules=["confirm.list_any_customer"],
        problems=[
            Problem(path="customer_id", problem="names nobody who was sold to here before", suggestion=_HOSTED_INSTEAD)
        ],
    )


def too_many_lookups() -> CheckoutRefusal:
    return CheckoutRefusal(
        "policy_denied",
        "The operator's policy (limits.customer_lookups_per_hour) allows no more customers to be looked up this hour. "
        f"Without a lookup, {_HOSTED_INSTEAD}.",
        retry="retry_later",
        rules=["limits.customer_lookups_per_hour"],
    )
