"""What of a tool's contract is published to a caller: nothing that each of their calls would be refused for."""

import re
from collections.abc import Mapping, Set
from typing import Any

from checkout_server.authorization.scopes import SCOPE_OF_ARGUMENT
from checkout_server.checkout.policy.document import Policy
from checkout_server.checkout.principal import Scope

_SENTENCE = re.compile(r"(?<=\.) ")


def withheld_fields(policy: Policy, scopes: Set[Scope] | None) -> frozenset[str]:
    """Fields of ``create_checkout_session`` that the policy or the caller's scopes forbid, whatever they hold."""
    arguments = SCOPE_OF_ARGUMENT["create_checkout_session"]
    withheld = {name for name, scope in arguments.items() if scopes is not None and scope not in scopes}
    if policy.confirm.mode == "never":
        withheld |= {"confirm", "payment_method_id"}
    if not policy.confirm.saved_payment_methods:
        withheld.add("payment_method_id")
    return frozenset(withheld)


def publish_input(schema: Mapping[str, Any], withheld: Set[str]) -> dict[str, Any]:
    """An input schema without the withheld fields. A call that has them all the same is refused as before."""
    offered = {name: each for name, each in schema["properties"].items() if name not in withheld}
    return {**schema, "properties": offered}


def publish_description(description: str, withheld: Set[str]) -> str:
    """A description without the sentences that name a withheld field."""
    return " ".join(
        sentence for sentence in _SENTENCE.split(description) if withheld.isdisjoint(re.findall(r"\w+", sentence))
    )
