"""The policy file. An unknown key or a wrong type is an error: a typo must never widen what an agent may do."""

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, Strict, ValidationError
from pydantic_core import PydanticCustomError

from checkout_schemas.fields import Flag
from checkout_schemas.personal import DiscreetModel
from checkout_server.checkout.policy.narrowing import wider_keys
from checkout_server.checkout.policy.value_types import (
    Amount,
    Count,
    Country,
    Currency,
    HostPattern,
    Pace,
    Scheme,
    Seconds,
    Word,
)
from checkout_server.checkout.principal import STATIC_ISSUER, TOKEN_ID, Scope
from checkout_server.privacy.text import shown


class PolicyUnusable(Exception):
    """The policy file cannot be used. The text is one sentence that names every wrong key, and no value."""

    def __init__(self, sentence: str, problems: Sequence[str]) -> None:
        super().__init__(sentence)
        self.problems = problems
        """What is wrong, key by key, or of the whole file."""


class _Table(DiscreetModel):
    model_config = ConfigDict(extra="forbid")


class Limits(_Table):
    """Amounts in minor units."""

    max_total: dict[Currency, Amount] | None = None
    """The most that one charge may be, now and later, in minor units. A currency that is not named is then refused, and
    so is what has no bound: billed usage, a collection."""
    max_quantity: Count | None = None
    """Units on one cart line or add-on. A collection, and add-ons that the buyer edits on the page, are then
    refused."""
    creations_per_hour: Count | None = None
    """Attempts of one principal in an hour, counted over all processes that share the ledger."""
    customer_lookups_per_hour: Count = 60
    """Calls of ``list_saved_payment_methods``, refused ones too, counted as creations are."""


class Allow(_Table):
    """An absent list allows all, except ``return_schemes``; an empty one allows nothing."""

    products: tuple[Word, ...] | None = None
    """Product ids that may be sold, with their add-ons."""
    discount_codes: tuple[Word, ...] | None = None
    """Discount codes that an agent may apply."""
    currencies: tuple[Currency, ...] | None = None
    """Currencies to sell in, as ISO 4217 codes."""
    countries: tuple[Country, ...] | None = None
    """Billing countries, as ISO 3166-1 alpha-2 codes."""
    return_hosts: tuple[HostPattern, ...] | None = None
    """Hosts to which ``return_url`` and ``cancel_url`` may lead; ``*.example.org`` names all below it. In ``live_mode``
    the list is needed for both fields."""
    return_schemes: tuple[Scheme, ...] | None = None
    """Mobile apps' own schemes (``myapp`` for ``myapp://…``) that ``return_url`` and ``cancel_url`` may have besides
    https. Absent: none."""


class Confirm(_Table):
    """Charging without the buyer on the hosted page."""

    mode: Literal["ask", "never", "unattended"] = "ask"
    """``ask``: what charges without the hosted page needs a person's approval. ``never``: it is refused.
    ``unattended``: it is allowed without one, but never in ``live_mode``."""
    saved_payment_methods: Flag = True
    """Whether ``payment_method_id`` may be used with ``confirm``."""
    list_saved_payment_methods: Flag = False
    """Whether the tool of that name is offered."""
    list_any_customer: Flag = False
    """Whether that tool answers for customers to whom the principal has sold nothing yet."""
    ask_above: dict[Currency, Amount] | None = None
    """A person is asked about every session that can charge more than this, now or later, or without a bound, confirmed
    or not. Minor units; a currency that is not named is always asked about."""


class PreviewTerms(_Table):
    """How long a price is trusted."""

    ttl_seconds: Annotated[Seconds, Field(ge=1)] = 900
    """How long a preview can be sold from."""
    requote_after_seconds: Seconds = 60
    """The price is asked for again when the preview is older than this; 0 is every time."""


class Rates(_Table):
    """How fast one principal may go on, counted over all processes that share the ledger."""

    previews_per_minute: Pace | None = None
    """Calls of ``preview_checkout``."""
    creations_per_minute: Pace | None = None
    """Attempts, refused ones too."""


class Audit(_Table):
    """The record of who sold what, without personal data."""

    keep_days: Annotated[Count, Field(ge=1, le=36_500)] = 400
    """How long the ledger keeps who sold what, in days."""


class Share(_Table):
    """What of a paid sale is given to agents, and so to the providers of their models. Otherwise: that it exists."""

    license_keys: Flag = False
    """Licence keys of what was bought."""
    custom_field_responses: Flag = False
    """The buyer's answers to custom fields."""
    invoice_url: Flag = False
    """The invoice's address. It has no signature: whoever has it reads the buyer's name and address."""


class Section(_Table):
    """What can be said for everybody, and again, narrower, for some.

    The defaults need no validation, which a start without a policy file would have to compile.
    """

    limits: Limits = Limits.model_construct()
    allow: Allow = Allow.model_construct()
    confirm: Confirm = Confirm.model_construct()
    preview: PreviewTerms = PreviewTerms.model_construct()
    rates: Rates = Rates.model_construct()
    share: Share = Share.model_construct()


def _issuer_and_subject(name: str) -> str:
    issuer, _, subject = name.partition("|")
    if not issuer or not subject:
        raise PydanticCustomError("principal_name", "")
    if issuer == STATIC_ISSUER and not TOKEN_ID.fullmatch(subject):
        raise PydanticCustomError("token_name", "")
    return name


PrincipalName = Annotated[str, Strict(), AfterValidator(_issuer_and_subject)]
"""``iss|sub`` of a token."""


class Policy(Section):
    """The whole file; every key is optional. The text below each key is its row in docs/reference.md."""

    audit: Audit = Audit.model_construct()
    principal: dict[PrincipalName, Section] = Field(default_factory=dict[str, Section])
    """What else holds for one principal."""
    scope: dict[Scope, Section] = Field(default_factory=dict[Scope, Section])
    """What else holds for whoever has a scope; without authorization everybody has all of them."""


_PLACE = re.compile(r"at line \d+, column \d+")
"""The one part of a parser's message that is shown; the rest quotes the file."""
_SENTENCES = {
    "extra_forbidden": "is not a key of the policy",
    "int_type": "must be an integer",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "unknown_word": "must be {expected}",
    "string_pattern_mismatch": "must be a host in lower case such as shop.example.com or *.example.com",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "enum": "must be one of {expected}",
    "principal_name": 'must be the issuer and the subject of a token, as in [principal."https://auth.example.com|agent-7"]',
    "token_name": "must name a static token by its id, as token list shows it",
}


def load_policy(path: Path | None, environment: str, *, issuers: Collection[str] = ()) -> Policy:
    """The policy of a file; without one nothing is limited.

    Args:
        path: of the file.
        environment: of the payment API.
        issuers: of the tokens that the server takes, where that is known: a section about another's principal would be
            about nobody, and whom it was meant for would be limited by nothing.

    Raises:
        PolicyUnusable: the file cannot be read, or is not a valid policy.
    """
    policy = Policy.model_construct() if path is None else _read(path)
    if policy.confirm.mode == "unattended" and environment == "live_mode":
        problem = "confirm.mode must be ask or never in live_mode, where a person is asked"
        raise PolicyUnusable(f"CHECKOUT_POLICY: {problem}.", [problem])
    strange = [
        f"{_place_of_principal(number)} is about an issuer that is neither CHECKOUT_AUTH_ISSUER nor token"
        for number, name in enumerate(policy.principal, 1)
        if issuers and name.partition("|")[0] not in issuers
    ]
    if strange:
        raise PolicyUnusable(f"CHECKOUT_POLICY: {'; '.join(strange)}; write it exactly as tokens have it.", strange)
    wider = [
        f"{place}.{key} allows more than {key} does for everybody"
        for place, section in sections_of(policy)
        for key in wider_keys(policy, section, environment)
    ]
    if wider:
        raise PolicyUnusable(f"CHECKOUT_POLICY: {'; '.join(wider)}; a section can only be narrower.", wider)
    return policy


def sections_of(policy: Policy) -> Iterator[tuple[str, Section]]:
    """Each section with its place in words: a subject can be an e-mail address, and this ends in a log."""
    for number, section in enumerate(policy.principal.values(), 1):
        yield _place_of_principal(number), section
    for scope, section in policy.scope.items():
        yield f'scope."{scope}"', section


def _place_of_principal(number: int) -> str:
    return f"principal[section {number}]"


def _read(path: Path) -> Policy:
    import tomllib

    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError:
        raise _unusable_file("cannot be read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        place = _PLACE.search(str(error))
        raise _unusable_file(f"is not valid TOML{f' {place[0]}' if place else ''}") from None
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        names = list(content["principal"]) if isinstance(content.get("principal"), dict) else []
        wrong = list(dict.fromkeys(_problem(each, names) for each in details))
    # Out here, so that the validation's error, which carries values, is not even the context of this one.
    raise PolicyUnusable(f"CHECKOUT_POLICY: {'; '.join(wrong)}.", wrong)


def _unusable_file(problem: str) -> PolicyUnusable:
    return PolicyUnusable(f"CHECKOUT_POLICY names a file that {problem}.", [problem])


def _problem(detail: Any, principals: list[str]) -> str:
    """A sentence about one key. A section of a principal is told by its number among ``principals``."""
    place, inner = "", list(detail["loc"])
    if inner[0] == "principal" and len(inner) > 1:
        place, inner = _place_of_principal(principals.index(inner[1]) + 1), inner[2:]
    elif inner[0] == "scope" and len(inner) > 1:
        place, inner = f'scope."{shown(inner[1], 60)}"', inner[2:]
    key = _path_of(inner)
    path = ".".join(filter(None, (place, key)))
    sentence = _SENTENCES.get(detail["type"], "is not valid").format(**detail.get("ctx", {}))
    meant = _meant(key, Section if place else Policy) if detail["type"] == "extra_forbidden" else None
    return f"{path} {sentence}" + (f" (did you mean {'.'.join(filter(None, (place, meant)))}?)" if meant else "")


def _path_of(parts: list[Any]) -> str:
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part != "[key]":
            path += ("." if path else "") + (shown(part, 60) or "(an empty key)")
    return path


def _meant(path: str, whole: type[_Table]) -> str | None:
    """The key that an unknown one was meant to be: the same word in another table, or another spelling."""
    annotated = {name: field.annotation for name, field in whole.model_fields.items()}
    tables = {name: each for name, each in annotated.items() if isinstance(each, type) and issubclass(each, _Table)}
    keys = [f"{name}.{key}" for name, table in tables.items() for key in table.model_fields]
    same = [key for key in keys if key.rpartition(".")[2] == path.rpartition(".")[2]]
    near = difflib.get_close_matches(path, [*tables, *keys], n=1, cutoff=0.8)
    return next(iter([*same, *near]), None)
