"""Rules of time: how long a price and a record live, and how much fits into an hour and a minute."""

from collections.abc import Mapping, Sequence

from policy_rules.tries import (
    ALLOWED,
    EBOOK,
    Outcome,
    Rule,
    Try,
    asking_the_price_again,
    denied,
    keeping,
    later,
    listing_methods,
    quoting,
    refused,
    refused_by_the_api,
    selling,
)

_HOUR, _MINUTE = 3600.0, 60.0
_SALE, _LIST, _QUOTE = selling(EBOOK), listing_methods(), quoting(EBOOK)
_UNSOLD = (refused_by_the_api(_SALE), refused("gateway_refused"))
_TOO_FAST, _EXPIRED = refused("rate_limited"), refused("preview_expired")
_ANY_LISTED = "confirm = { list_saved_payment_methods = true, list_any_customer = true }"


def _filled(attempt: Try, most: int, *, window: float, full: Outcome) -> list[tuple[Try, Outcome]]:
    """As many as there is room for, one too many up to the end of the window, and one more after it."""
    return [
        *[(attempt, ALLOWED)] * most,
        (attempt, full),
        (later(window - 1, attempt), full),
        (later(1, attempt), ALLOWED),
    ]


def _creations(most: int) -> str:
    return f"at most {most} creations an hour, refused ones too, counted over all processes that share the ledger"


def _lookups(most: int) -> str:
    return f"at most {most} customers' saved payment methods are listed an hour, counted as creations are"


def _rate(most: str) -> str:
    return f"at most {most}, counted over all that share the ledger"


def _lives(seconds: int) -> list[tuple[Try, Outcome]]:
    return [(selling(EBOOK, after=seconds - 1), ALLOWED), (selling(EBOOK, after=seconds), _EXPIRED)]


def _trusted(seconds: int) -> list[tuple[Try, Outcome]]:
    return [(asking_the_price_again(seconds - 1), ALLOWED), (asking_the_price_again(seconds), "priced again")]


def _kept(days: int) -> list[tuple[Try, Outcome]]:
    return [(keeping(days - 0.01), "kept"), (keeping(days + 0.01), "gone")]


WINDOWS: Mapping[str, Sequence[Rule]] = {
    "limits.creations_per_hour": [
        Rule(None, "no limit of creations an hour", [(_SALE, ALLOWED)] * 4),
        Rule("0", _creations(0), [(_QUOTE, ALLOWED), (_SALE, denied())]),
        Rule("2", _creations(2), [_UNSOLD, (_SALE, ALLOWED), (_SALE, denied()), (later(_HOUR, _SALE), ALLOWED)]),
        Rule("3", _creations(3), _filled(_SALE, 3, window=_HOUR, full=denied())),
    ],
    "limits.customer_lookups_per_hour": [
        Rule(None, _lookups(60), _filled(_LIST, 60, window=_HOUR, full=denied()), beside=_ANY_LISTED),
        Rule("0", _lookups(0), [(_LIST, denied()), (_SALE, ALLOWED)], beside=_ANY_LISTED),
        Rule("2", _lookups(2), _filled(_LIST, 2, window=_HOUR, full=denied()), beside=_ANY_LISTED),
    ],
    "preview.ttl_seconds": [
        Rule(None, "a preview can be used for 900 seconds", _lives(900)),
        Rule("60", "a preview can be used for 60 seconds", _lives(60)),
    ],
    "preview.requote_after_seconds": [
        Rule(None, "a price is asked for again after 60 seconds", _trusted(60)),
        Rule("0", "the price is asked for again every time", [(asking_the_price_again(0), "priced again")]),
        Rule("30", "a price is asked for again after 30 seconds", _trusted(30)),
    ],
    "rates.previews_per_minute": [
        Rule(None, "no limit of previews a minute", [(_QUOTE, ALLOWED)] * 4),
        Rule(
            "2",
            _rate("2 previews a minute for each principal"),
            _filled(_QUOTE, 2, window=_MINUTE, full=_TOO_FAST),
        ),
    ],
    "rates.creations_per_minute": [
        Rule(None, "no limit of creations a minute", [(_SALE, ALLOWED)] * 4),
        Rule(
            "2",
            _rate("2 creations a minute for each principal, refused ones too"),
            [_UNSOLD, *_filled(_SALE, 1, window=_MINUTE, full=_TOO_FAST)],
        ),
    ],
    "audit.keep_days": [
        Rule(None, "what became of each preview is kept for 400 days, without personal data", _kept(400)),
        Rule("30", "what became of each preview is kept for 30 days, without personal data", _kept(30)),
    ],
}
