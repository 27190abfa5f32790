"""``policy --try``: which rule would decide about a cart, and why.

The cart is really quoted and passes the guards of a sale up to the person. Nothing is claimed or created, and the
ledger is a temporary one, so that the trial counts for nothing.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import SecretStr

from checkout_schemas.errors import ErrorBody, InvalidArguments, Problem
from checkout_schemas.parsing import parse
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_schemas.results import Preview, Recurring
from checkout_schemas.vocabularies.currencies import display
from checkout_server.checkout.caveats import count, every
from checkout_server.checkout.ledger.contract import LedgerUnavailable
from checkout_server.checkout.policy.denial import Denial
from checkout_server.checkout.policy.document import Policy, PolicyUnusable
from checkout_server.checkout.policy.explanation import explain_policy
from checkout_server.checkout.quote.preview import preview_checkout
from checkout_server.checkout.refusals import CheckoutRefusal
from checkout_server.checkout.sale.approval import fields_to_approve
from checkout_server.checkout.sale.guards import prepare_sale
from checkout_server.checkout.sale.question import write_question
from checkout_server.checkout.sale.stages import PreparedSale
from checkout_server.cli.policy.cart import CartUnusable, read_cart
from checkout_server.cli.screen import Screen, Styled, open_screen
from checkout_server.cli.start import stopped
from checkout_server.gateway.errors import GatewayError
from checkout_server.privacy.logs.install import set_level
from checkout_server.privacy.sealing import KeyUnusable
from checkout_server.settings import Settings, SettingsError, load_settings
from checkout_server.tools.failures import explain

if TYPE_CHECKING:
    from checkout_server.checkout.desk import Desk

Decision = Literal["sold", "asked", "refused"]
EXIT_CODES: Mapping[Decision, int] = {"sold": 0, "refused": 1, "asked": 3}
_NOT_TRIED = frozenset({"gateway_unavailable", "rate_limited", "not_authorized"})
"""Errors that say nothing of the cart."""
_OF_CHARGING = frozenset({"confirm", "payment_method_id"})


class NotTried(Exception):
    """Nothing can be said of the cart. The text is a sentence of our own words."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would become of a sale."""

    decision: Decision
    decided_by: str
    reasons: Sequence[tuple[str, str]]
    """Each rule or field, and why it decides."""
    preview: Preview | None = None
    """None where the cart could not be quoted."""
    question: str | None = field(default=None, repr=False)
    """What a person would read."""


def try_cart(arguments: argparse.Namespace, policy: Path | None) -> int:
    """Print what would become of the cart; an exit code of ``EXIT_CODES``, or 2 when nothing can be said.

    Args:
        arguments: of the command line.
        policy: the file to decide by; None for the one of CHECKOUT_POLICY.
    """
    set_level("CRITICAL")
    try:
        order, sale = read_cart(arguments)
        settings = load_settings()
        with tempfile.TemporaryDirectory(prefix="dodo-checkout-policy-", ignore_cleanup_errors=True) as folder:
            own: dict[str, Any] = {"ledger": SecretStr(str(Path(folder) / "ledger.db"))}
            own |= {"policy": str(policy)} if policy is not None else {}
            verdict = asyncio.run(_decide(order, sale, settings.model_copy(update=own)))
    except LedgerUnavailable as error:
        return stopped(error.sentence)
    except (CartUnusable, KeyUnusable, NotTried, PolicyUnusable, SettingsError) as error:
        return stopped(str(error))
    _print(verdict, settings.environment, open_screen())
    return EXIT_CODES[verdict.decision]


async def _decide(order: Mapping[str, Any], sale: Mapping[str, Any], settings: Settings) -> Verdict:
    from checkout_server.app import open_desk

    async with open_desk(settings, serves=False) as desk:
        preview: Preview | None = None
        try:
            request = parse(PreviewCheckout, order, tool="preview_checkout", is_live=_is_live(desk))
            # Without the policy, which then decides about the order, its price and the sale at once.
            preview = await preview_checkout(request, replace(desk, common_policy=Policy()))
            return await _guard(preview, sale, desk)
        except (InvalidArguments, CheckoutRefusal, GatewayError) as error:
            return _refused(error, preview)


def _is_live(desk: "Desk") -> bool:
    return desk.environment == "live_mode"


async def _guard(preview: Preview, sale: Mapping[str, Any], desk: "Desk") -> Verdict:
    arguments = {**sale, "preview_id": preview.preview_id}
    request = parse(CreateCheckoutSession, arguments, tool="create_checkout_session", is_live=_is_live(desk))
    prepared = cast(PreparedSale, await prepare_sale(request, desk))  # the ledger is new, and nothing was sold
    if fields := fields_to_approve(prepared, desk):
        rules = dict.fromkeys("confirm.mode" if each in _OF_CHARGING else "confirm.ask_above" for each in fields)
        says = _explained(desk)
        reasons = [(rule, says[rule]) for rule in rules]
        return Verdict("asked", ", ".join(rules), reasons, preview, write_question(prepared, desk))
    return Verdict("sold", "no rule stops it", _set_rules(desk), preview)


def _explained(desk: "Desk") -> dict[str, str]:
    return {each.key: each.says for each in explain_policy(desk.policy, desk.environment)}


def _set_rules(desk: "Desk") -> list[tuple[str, str]]:
    """Those that the file sets and a sale is held to."""
    return [
        (each.key, each.says)
        for each in explain_policy(desk.policy, desk.environment)
        if each.source != "default" and each.key.startswith(("limits.", "allow.", "confirm."))
    ]


def _refused(error: InvalidArguments | CheckoutRefusal | GatewayError, preview: Preview | None) -> Verdict:
    body = explain(error, "create_checkout_session" if preview is not None else "preview_checkout")
    if body.code in _NOT_TRIED:
        raise NotTried(f"The cart could not be tried: {body.message} Run doctor.") from None
    rules = error.rules if isinstance(error, CheckoutRefusal) else []
    reasons = [_reason(problem) for problem in body.problems] or [(rules[0] if rules else body.code, body.message)]
    return Verdict("refused", ", ".join(rules) or _decider(body), reasons, preview)


def _decider(body: ErrorBody) -> str:
    if body.code == "gateway_refused":
        return f"the payment API ({body.gateway_code or 'for a reason that it did not name'})"
    return "the tools' own rules" if body.code == "invalid_request" else body.code


def _reason(problem: Problem) -> tuple[str, str]:
    of = problem.rule if isinstance(problem, Denial) else problem.path
    subject = f"{problem.path} " if isinstance(problem, Denial) else ""
    return of, f"{subject}{problem.problem}" + (f": {problem.suggestion}" if problem.suggestion else "")


_WORDS: Mapping[Decision, Styled] = {
    "sold": Styled("sold without asking anybody", "good"),
    "asked": Styled("a person is asked", "person"),
    "refused": Styled("refused", "bad"),
}


def _print(verdict: Verdict, environment: str, screen: Screen) -> None:
    rows: list[Sequence[str | Styled]] = [["environment", environment]]
    preview = verdict.preview
    if preview is not None:
        cart = ", ".join(f"{each.quantity} × {each.name or each.product_id}" for each in preview.lines)
        rows += [["cart", cart], ["due now", preview.display["total"]]]
        rows += [["later", _later(each, preview.currency)] for each in preview.recurring or ()]
    screen.table([*rows, ["decision", _WORDS[verdict.decision]], ["decided by", verdict.decided_by]])
    if verdict.reasons:
        screen.write()
        screen.table([[Styled(of, "name"), why] for of, why in verdict.reasons], indent=2)
    if verdict.question is not None:
        screen.write()
        screen.write("What the person reads; a client that cannot ask gets approval_required instead:")
        for line in verdict.question.splitlines():
            screen.write(line, indent=2, hang=2)


def _later(renewal: Recurring, currency: str) -> str:
    named = f" for {renewal.product_id}" if renewal.product_id is not None else ""
    trial = f" after a trial of {count(renewal.trial_days, 'day')}" if renewal.trial_days else ""
    return f"{display(renewal.total, currency)} {every(renewal.interval)}{named}{trial}"
