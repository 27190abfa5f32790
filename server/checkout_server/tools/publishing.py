"""What of a tool's contract is published under a policy: nothing that every call would be refused for."""

import re
from collections.abc import Mapping
from typing import Any

from checkout_server.checkout.policy.document import Policy

_SENTENCE = re.compile(r"(?<=\.) ")


def withheld_fields(policy: Policy) -> frozenset[str]:
    """Fields of ``create_checkout_session`` that the policy forbids, whatever they hold."""
    if policy.confirm.mode == "never":
        return frozenset({"confirm", "payment_method_id"})
    return frozenset() if policy.confirm.saved_payment_methods else frozenset({"payment_method_id"})


def publish_input(schema: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """An input schema without the withheld fields. A call that has them all the same is refused as before."""
    withheld = withheld_fields(policy)
    offered = {name: each for name, each in schema["properties"].items() if name not in withheld}
    return {**schema, "properties": offered}


def publish_description(description: str, policy: Policy) -> str:
    """A description without the sentences that name a withheld field."""
    withheld = withheld_fields(policy)
    return " ".join(
        sentence for sentence in _SENTENCE.split(description) if withheld.isdisjoint(re.findall(r"\w+", sentence))
    )
