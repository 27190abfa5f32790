"""Which products a query means: by name, description and id, and by what they are and how often they are charged."""

from collections.abc import Callable, Iterator

from checkout_server.checkout.catalogue.cache import describe_cycle
from checkout_server.checkout.catalogue.words import Haystack, Word, words_of
from checkout_server.gateway.answers import Product

_KINDS = {
    True: "subscription subscribe recurring renewing membership",
    False: "one-time one-off single-payment",
}
"""By whether a product recurs: the words that buyers have for it."""
_CYCLES = {
    "1 day": "daily",
    "1 week": "weekly",
    "7 days": "weekly",
    "2 weeks": "biweekly fortnightly",
    "1 month": "monthly",
    "3 months": "quarterly quarter",
    "6 months": "half-yearly semiannual biannual",
    "12 months": "yearly annual annually year annum",
    "1 year": "yearly annual annually annum 12 months",
    "2 years": "biennial",
}
"""By the billing cycle, besides the words of the cycle itself."""
_TRAITS: tuple[tuple[Callable[[Product], bool], str], ...] = (
    (lambda product: product.is_usage_based, "usage-based metered pay-as-you-go"),
    (lambda product: product.pay_what_you_want, "pay-what-you-want"),
    (lambda product: bool(product.trial_period_days), "trial"),
    (lambda product: bool(product.trial_period_days) and not product.trial_amount, "free"),
    (lambda product: product.price == 0 and not product.is_usage_based, "free"),
)
_FILLERS = frozenset(
    "a all an and any anything are as at available be billed buy by can catalog catalogue do each every everything "
    "for from get have i in is it items list me my need of offer on or our per please products sell show sold some "
    "that the there this to want we what which with you your".split()
)
"""Words that say nothing of a product."""


class Query:
    """The words that a product is looked for by. Without any, every product is meant."""

    def __init__(self, text: str | None) -> None:
        self._words = [word for word in words_of(text or "") if word.joined not in _FILLERS]

    def __bool__(self) -> bool:
        return bool(self._words)

    def share(self, product: Product) -> float:
        """The part of the words that the product has."""
        if not self._words:
            return 1
        haystack = Haystack(_words_about(product), _words_of_id(product.product_id))
        return sum(map(haystack.holds, self._words)) / len(self._words)


def _words_about(product: Product) -> Iterator[Word]:
    cycle = describe_cycle(product) or ""
    yield from words_of(product.name or "")
    yield from words_of(product.description or "")
    yield from words_of(f"{cycle} {_CYCLES.get(cycle, '')} {_KINDS[product.is_recurring]}")
    for has, words in _TRAITS:
        if has(product):
            yield from words_of(words)


def _words_of_id(product_id: str) -> Iterator[Word]:
    """The whole id, and its parts without the API's prefix, which every id begins with."""
    for whole in words_of(product_id):
        yield Word(whole.joined, whole.parts[1:])
