"""An order with its quote, as the ledger stores it sealed: what was shown, and what later quotes are compared with."""

import json
from typing import Any, Literal

from pydantic import ConfigDict, Field

from checkout_schemas.personal import DiscreetModel
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.preview_checkout import OnDemand, PreviewCheckout
from checkout_server.privacy.sealing import Sealer

TaxStatus = Literal["quoted", "not_known_yet", "added_by_merchant"]
"""Whether the quote's amounts contain tax. ``added_by_merchant``: the merchant's own payment processor adds it."""
TaxIdStatus = Literal["accepted", "refused"]


class Renewal(DiscreetModel):
    """A charge that recurs. Its amount is in minor units, with tax."""

    product_id: str | None = None
    """None when it stands for all subscriptions together."""
    amount: int
    due_now: int | None = None
    """What it charges at once, in minor units with tax; None where it stands for all."""
    interval: str | None = None
    next_date: str | None = None
    """ISO 8601; the API's estimate."""
    trial_days: int | None = None


class CreditGrant(DiscreetModel):
    """Credits that a product grants to its buyer."""

    product_id: str
    credit_entitlement_id: str
    amount: str
    """A decimal number."""


class MeterPrice(DiscreetModel):
    """What is charged for usage of a product."""

    product_id: str
    name: str
    """The API gives meters no id in a quote."""
    price_per_unit: str
    """Minor units, a decimal number."""
    currency: str | None
    """Whose minor units; None where the API does not tell."""
    free_units: int
    """Of each billing cycle."""


class FloatAmount(DiscreetModel):
    """An amount that came as a float, such as 250.0. It was read as minor units, and may have been meant otherwise."""

    amount: int
    currency: str


class QuotedOrder(DiscreetModel):
    """An order as it was quoted. Amounts in minor units of ``currency``, with tax as far as it is known."""

    model_config = ConfigDict(extra="ignore")

    version: Literal[3]
    """Orders sealed by earlier versions have another or none, and must be quoted again."""
    order: PreviewCheckout
    currency: str
    total: int
    recurring: int | None = None
    """All renewals together."""
    undiscounted: int | None = None
    """All renewals together once every discount has ended; None when none ends, or the quote does not say."""
    ending_discounts: dict[str, int]
    """Billing cycles after which the discount of a renewed product ends, by its id."""
    renewals: list[Renewal]
    names: dict[str, str]
    """Of products and add-ons by id, made safe to show."""
    renewed: list[str]
    """Ids of the products that recur, whether or not the quote says at which amount."""
    tax: TaxStatus
    tax_included: list[str]
    """Ids of the products whose prices hold their tax."""
    tax_id: TaxIdStatus | None
    """What became of the tax id; None where none was given, or the API does not tell."""
    assumed_country: str | None
    """The billing country that the API assumed, since none was given."""
    converted_from: list[str]
    """Currencies other than ``currency`` that products are listed in."""
    lines_add_up: bool
    """Whether the lines sum to the subtotal, the discount and the tax."""
    sums_add_up: bool
    """Whether the subtotal without the discount and with the tax is the total."""
    is_discounted: bool
    """Whether the codes lower what is charged, now or at a renewal."""
    used_amounts: list[int]
    """Places of the cart lines whose ``amount`` the quote is made with, in minor units of ``currency``."""
    unused_amounts: list[str]
    """Ids of the products whose ``amount`` the quote is not made with."""
    at_minimum: list[str]
    """Ids of the products that the buyer may pay more for, and no amount was given."""
    trial_needs_card: bool | None
    """None without a trial, or where the API does not tell."""
    usage_billed: bool
    meters: list[MeterPrice]
    credits: list[CreditGrant]
    quoted_for_a_sale: bool = False
    """Whether the price was quoted with a buyer and all of a sale: another sale may have another."""
    cycles: dict[str, str | None]
    """Billing cycles of the subscription products."""
    on_demand_currencies: list[str]
    """What a price of the on-demand mandate may be in: the currency that was given, or those of the products."""
    float_amounts: list[FloatAmount] = Field(default_factory=list[FloatAmount])

    @property
    def is_open(self) -> bool:
        """Whether the buyer adds from a collection on the hosted page: neither products nor price are all known."""
        return self.order.product_collection_id is not None

    @property
    def on_demand(self) -> OnDemand | None:
        """The mandate by which the merchant may charge later whatever they want, if there is one."""
        return self.order.subscription_data.on_demand if self.order.subscription_data is not None else None

    @property
    def is_on_demand(self) -> bool:
        """Whether the merchant may charge later whatever they want."""
        return self.on_demand is not None

    @property
    def unquoted_renewals(self) -> list[str]:
        """Ids of the products that recur at an amount which the quote does not say."""
        if self.is_on_demand or any(each.product_id is None for each in self.renewals):
            return []
        return [each for each in self.renewed if each not in {renewal.product_id for renewal in self.renewals}]

    @property
    def charges_unquoted_amounts(self) -> bool:
        """Whether it charges later what no amount of the quote bounds; what an on-demand mandate allows aside."""
        ends_unquoted = bool(self.ending_discounts) and self.undiscounted is None
        return self.usage_billed or ends_unquoted or bool(self.unquoted_renewals)

    def seal(self, sealer: Sealer, preview_id: str) -> bytes:
        return sealer.seal(self.model_dump_json(exclude_unset=True).encode(), context=_context(preview_id))

    @classmethod
    def open(cls, sealer: Sealer, sealed: bytes, preview_id: str) -> "QuotedOrder":
        """Open a sealed order.

        Raises:
            SealBroken: it was sealed with a key that is gone.
            ValidationError: an earlier version sealed it, with less than is needed now.
        """
        return cls.model_validate_json(sealer.open(sealed, context=_context(preview_id)))


def open_arguments_of_preview(sealer: Sealer, sealed: bytes, preview_id: str) -> dict[str, Any]:
    """The arguments of ``preview_checkout`` in a sealed order of any version.

    Raises:
        SealBroken: it was sealed with a key that is gone.
    """
    return json.loads(sealer.open(sealed, context=_context(preview_id)))["order"]


def _context(preview_id: str) -> str:
    return f"order:{preview_id}"


def charges_at_once(sale: CreateCheckoutSession) -> bool:
    """Whether a session of these arguments charges at once, without the buyer on the hosted page."""
    return sale.confirm is True


def lets_buyer_edit_addons(sale: CreateCheckoutSession) -> bool:
    """Whether the buyer may add add-ons on the hosted page, at prices that no quote contains."""
    return sale.feature_flags is not None and sale.feature_flags.allow_editing_addons is True
