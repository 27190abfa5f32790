"""Whose desk a call is served at, and what its caller may not ask for."""

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.errors import Problem
from checkout_server.authorization.scopes import SCOPE_OF_ARGUMENT, missing_of_arguments, missing_of_tool
from checkout_server.authorization.verified import verified_token
from checkout_server.checkout.desk import Desk
from checkout_server.checkout.principals import identify_principal
from checkout_server.checkout.refusals import CheckoutRefusal
from checkout_server.privacy.vocabulary.fields import ToolName


def desk_of_call(desk: Desk) -> Desk:
    """The desk of the present call: its caller's, where the server asks for a token.

    A call that reaches such a server without one is served at a desk whose principal may do nothing.
    """
    if desk.principal.scopes is None or (token := verified_token()) is None:
        return desk
    return desk.serving(identify_principal(desk.ledger_key, token.issuer, token.subject, token.scopes))


def refuse_tool(tool: ToolName, desk: Desk) -> None:
    """Refuse a call of a tool that its caller may not use.

    Raises:
        CheckoutRefusal: ``not_authorized``.
    """
    if (scope := missing_of_tool(tool, desk.principal.scopes)) is not None:
        raise CheckoutRefusal(
            "not_authorized",
            f"The caller's token lacks the scope {scope}, which {tool} needs. Nothing was sent; whoever runs this "
            "server can grant it.",
            retry="ask_human",
        )


def refuse_arguments(tool: ToolName, request: RequestModel, desk: Desk) -> None:
    """Refuse a call that asks for more than its caller may have.

    Raises:
        CheckoutRefusal: ``not_authorized``.
    """
    arguments = {name: getattr(request, name) for name in SCOPE_OF_ARGUMENT.get(tool, {})}
    if missing := missing_of_arguments(tool, arguments, desk.principal.scopes):
        raise CheckoutRefusal(
            "not_authorized",
            "The caller's token does not allow all that the call asks for. Nothing was sent.",
            retry="fix_and_retry",
            problems=[
                Problem(
                    path=name,
                    problem=f"needs the scope {scope}",
                    suggestion="leave it out, and the buyer pays on the hosted page",
                )
                for name, scope in missing.items()
            ],
        )
