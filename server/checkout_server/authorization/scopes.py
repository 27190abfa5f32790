"""Which scope a call needs."""

from collections.abc import Mapping, Set

from checkout_schemas.contract_model import is_unset
from checkout_server.checkout.principal import Scope

SCOPE_OF_TOOL: Mapping[str, Scope] = {
    "list_products": Scope.READ,
    "preview_checkout": Scope.PREVIEW,
    "create_checkout_session": Scope.CREATE,
    "get_checkout_session": Scope.READ,
    # What a customer has saved is of use to nobody but who may charge it.
    "list_saved_payment_methods": Scope.CONFIRM,
}
SCOPE_OF_ARGUMENT: Mapping[str, Mapping[str, Scope]] = {
    "create_checkout_session": {"confirm": Scope.CONFIRM, "payment_method_id": Scope.CONFIRM},
}
"""Of arguments that need more than their tool does."""
ALL_SCOPES = frozenset(Scope)


def known_scopes(words: Set[str]) -> frozenset[Scope]:
    """Those of the words that are scopes of this server."""
    return frozenset(scope for scope in Scope if scope.value in words)


def missing_of_tool(tool: str, held: Set[Scope] | None) -> Scope | None:
    """The scope that a call of this tool needs and its caller lacks. Nothing is missing where ``held`` is None."""
    scope = SCOPE_OF_TOOL[tool]
    return None if held is None or scope in held else scope


def missing_of_arguments(tool: str, arguments: Mapping[str, object], held: Set[Scope] | None) -> Mapping[str, Scope]:
    """The arguments that need more than their caller has, each with the scope that it needs."""
    if held is None or held >= ALL_SCOPES:
        return {}
    return {
        name: scope
        for name, scope in SCOPE_OF_ARGUMENT.get(tool, {}).items()
        if scope not in held and _is_used(name, arguments.get(name))
    }


def _is_used(argument: str, value: object) -> bool:
    """Whether the tool could read more in the value than that it is missing: in ``confirm`` only if it is true."""
    return value is True if argument == "confirm" else not is_unset(value)
