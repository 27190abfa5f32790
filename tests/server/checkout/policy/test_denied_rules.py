"""Which key of the policy a refusal is laid to, in the log, where several could be."""

import pytest

from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_server.checkout.policy.document import Allow, Limits, Policy
from checkout_server.checkout.policy.enforcement import denied_order

COLLECTION = PreviewCheckout.model_validate({"product_cart": [], "product_collection_id": "pdc_starters"})
TOTAL, QUANTITY, PRODUCTS = {"max_total": {"USD": 100}}, {"max_quantity": 2}, Allow(products=("prod_1",))


@pytest.mark.requirement("policy.order")
@pytest.mark.parametrize(
    ("policy", "rule"),
    [
        (Policy(limits=Limits.model_validate(TOTAL)), "limits.max_total"),
        (Policy(limits=Limits.model_validate(QUANTITY)), "limits.max_quantity"),
        (Policy(allow=PRODUCTS), "allow.products"),
        (Policy(limits=Limits.model_validate(TOTAL | QUANTITY), allow=PRODUCTS), "limits.max_total"),
        (Policy(limits=Limits.model_validate(QUANTITY), allow=PRODUCTS), "limits.max_quantity"),
    ],
)
def test_a_collection_is_refused_by_the_first_rule_that_it_cannot_be_held_to(policy: Policy, rule: str) -> None:
    assert [denial.rule for denial in denied_order(COLLECTION, policy)] == [rule]


@pytest.mark.requirement("policy.order")
def test_without_such_a_rule_a_collection_is_sold() -> None:
    assert denied_order(COLLECTION, Policy()) == []
