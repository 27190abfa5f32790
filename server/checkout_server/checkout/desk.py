"""The checkout desk: the context of a call."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from checkout_schemas.results import Environment
from checkout_server.calls.questions import OpenQuestions
from checkout_server.checkout.account import MerchantAccount
from checkout_server.checkout.after_sale.news import SaleNews
from checkout_server.checkout.after_sale.watches import Watches
from checkout_server.checkout.catalogue.addons import AddonShelf
from checkout_server.checkout.catalogue.cache import ProductCache
from checkout_server.checkout.ledger.contract import Ledger, Owner
from checkout_server.checkout.ledger.ledger_key import LedgerKey
from checkout_server.checkout.ledger.upkeep import Upkeep
from checkout_server.checkout.policy.document import Policy
from checkout_server.checkout.policy.narrowing import narrowed
from checkout_server.checkout.principal import LOCAL, Principal
from checkout_server.checkout.sale.in_flight import CreationsInFlight
from checkout_server.checkout.sessions.search import PaymentSearches
from checkout_server.gateway.client import Gateway
from checkout_server.privacy.sealing import Sealer


@dataclass(slots=True)
class Desk:
    """Who sells, where and under which policy, and what the calls of a process share."""

    environment: Environment
    gateway: Gateway
    ledger: Ledger
    sealer: Sealer
    account: MerchantAccount
    ledger_key: LedgerKey
    principal: Principal = LOCAL
    common_policy: Policy = field(default_factory=Policy)
    """What holds for everybody, with its sections."""
    clock: Callable[[], float] = time.time
    """Epoch seconds."""
    public_url: str | None = None
    """Of the listener with the return page, where there is one."""
    products: ProductCache = field(default_factory=ProductCache)
    addons: AddonShelf = field(default_factory=AddonShelf)
    searches: PaymentSearches = field(default_factory=PaymentSearches)
    news: SaleNews = field(default_factory=SaleNews)
    watches: Watches = field(default_factory=Watches)
    questions: OpenQuestions = field(default_factory=OpenQuestions)
    creations: CreationsInFlight = field(default_factory=CreationsInFlight)
    upkeep: Upkeep = field(default_factory=Upkeep)

    def serving(self, principal: Principal) -> "Desk":
        """The desk of one call: the same shop, for this principal."""
        return replace(self, principal=principal)

    @property
    def policy(self) -> Policy:
        """What holds for this principal."""
        return narrowed(self.common_policy, self.principal)

    async def find_owner(self) -> Owner:
        """Who may see the call's previews: the principal, in this environment, of this merchant account.

        Raises:
            GatewayError: the API did not say which account its key belongs to.
            LedgerUnavailable: the ledger cannot be used.
        """
        account = await self.account.find(self.gateway, self.ledger)
        return Owner(principal=self.principal.id, environment=self.environment, account=account)

    def purge_when_due(self) -> None:
        """Begin to delete what the ledger need not keep any longer, beside the calls."""
        self.upkeep.purge_when_due(self.ledger, now=self.clock(), keep_audit_days=self.policy.audit.keep_days)
