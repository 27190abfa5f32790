"""What this product promises: each guardrail, rule and promise with its id, its source and one sentence.

Tests point at ids with ``@pytest.mark.requirement("sell.once")``; ``test_requirements.py`` holds the two together.
Sources: "guide" is the payment provider's Checkout Sessions guide, "API" its reference and SDK types, "MCP" the
protocol, "promise" our own word, given in README.md, SECURITY.md or an ADR.
"""

from typing import NamedTuple

from checkout_schemas.rules import RULES
from checkout_schemas.sale_rules import SALE_RULES
from promises.product import OF_THE_PRODUCT
from promises.sale import OF_A_SALE


class Requirement(NamedTuple):
    """Where it comes from, and what must hold."""

    source: str
    sentence: str


REQUIREMENTS = (
    {rule.id: Requirement("guide and API", f"{rule.tool}: {rule.problem}") for rule in RULES}
    | {rule.id: Requirement("guide and API", f"create_checkout_session: {rule.problem}") for rule in SALE_RULES}
    | {requirement_id: Requirement(*words) for requirement_id, words in (OF_A_SALE | OF_THE_PRODUCT).items()}
)
