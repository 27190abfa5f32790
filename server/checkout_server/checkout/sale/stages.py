"""The stages of a sale, as types: found, prepared, approved (in ``approval``), sold."""

from dataclasses import dataclass, field

from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_server.checkout.ledger.contract import Entry, OtherSales, Owner
from checkout_server.checkout.orders import QuotedOrder, charges_at_once
from checkout_server.checkout.sale.arguments import Digests
from checkout_server.checkout.sessions.outcome import Outcome
from checkout_server.checkout.sessions.states import SaleState, SessionFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSale:
    """A usable preview with what is asked for: it passed the first guard."""

    owner: Owner
    entry: Entry
    order: QuotedOrder = field(repr=False)
    request: CreateCheckoutSession = field(repr=False)
    goods: str
    """Keyed digest of what is sold to whom."""
    sold_to: str | None = field(repr=False)
    """Keyed digest of whom; None where the request does not say who buys."""

    @property
    def can_charge(self) -> bool:
        """Whether the request charges by itself."""
        return charges_at_once(self.request)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSale(FoundSale):
    """A sale that passed the first three guards: preview, policy and price."""

    others: OtherSales
    """To the same buyer."""
    searched_at: float | None
    """When the payments list was last asked whether the preview was sold before, in epoch seconds; None if it was not:
    the request cannot charge."""

    @classmethod
    def of(cls, sale: FoundSale, *, others: OtherSales, searched_at: float | None) -> "PreparedSale":
        return cls(
            owner=sale.owner,
            entry=sale.entry,
            order=sale.order,
            request=sale.request,
            goods=sale.goods,
            sold_to=sale.sold_to,
            others=others,
            searched_at=searched_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldSession:
    """A session that was created, by this call or by an earlier one."""

    entry: Entry
    outcome: Outcome
    arguments: Digests | None
    """What the call that created it asked for; None where only an earlier version of the ledger knew."""
    can_charge: bool
    replayed: bool
    state: SaleState | None
    """None where only the API can tell, and was not asked."""

    @property
    def facts(self) -> SessionFacts:
        return SessionFacts(
            ends_at=self.outcome.expires_at,
            has_page=self.outcome.checkout_url is not None,
            can_charge=self.can_charge,
        )
