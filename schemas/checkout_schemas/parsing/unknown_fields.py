"""What a field that is not there was meant to be: one of ours by another name, in another place, or none."""

import re
from collections.abc import Iterator, Mapping, Sequence

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.errors import Problem
from checkout_schemas.parsing.advice import NEVER_GUESSED, advise_on
from checkout_schemas.parsing.host_fields import snake_case
from checkout_schemas.parsing.paths import path_of
from checkout_schemas.parsing.shape import fields_of, homes_of, shape_at
from checkout_schemas.parsing.spelling import LONGEST_SPELT, nearest_spelling
from checkout_schemas.parsing.words import did_you_mean
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession, Customer
from checkout_schemas.requests.get_checkout_session import GetCheckoutSession
from checkout_schemas.requests.list_products import ListProducts
from checkout_schemas.requests.list_saved_payment_methods import ListSavedPaymentMethods
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_schemas.vocabularies.synonyms.fields import FIELD_WORDS, NEIGHBOUR_WORDS, ONLY_AT_HOME
from checkout_schemas.vocabularies.synonyms.meanings import join_words

TOOLS: dict[type[RequestModel], str] = {
    PreviewCheckout: "preview_checkout",
    CreateCheckoutSession: "create_checkout_session",
    GetCheckoutSession: "get_checkout_session",
    ListProducts: "list_products",
    ListSavedPaymentMethods: "list_saved_payment_methods",
}
"""Where a field is looked for, in this order."""
_MOVED = {
    "preview_checkout": "preview_checkout, whose preview_id brings it here",
    "create_checkout_session": "create_checkout_session, after the preview",
}
"""How a field of another tool reaches the sale."""
MOST_NAMED = 10
"""Fields that are named of an object; more would cost more tokens than they save."""


def explain_unknown_field(model: type[RequestModel], location: tuple[str | int, ...]) -> Problem:
    """A field that the model does not have, and where its content belongs."""
    *parents, last = location
    return Problem(
        path=path_of(model, location),
        problem="does not exist here" if parents else "is not a field of this tool",
        suggestion=next(_explanations(model, parents, str(last))),
    )


def list_fields(model: type[RequestModel]) -> str:
    """The fields of an object in words, the required ones first; without those that charge."""
    names = [name for name in (*_required(model), *_optional(model)) if name not in NEVER_GUESSED]
    return ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")


def describe_object(model: type[RequestModel]) -> str:
    """What to put into an object: what it needs, and what it may hold besides."""
    if model is Customer:
        return "email, and name and phone_number if known, or with customer_id alone"
    required, optional = _required(model), _optional(model)
    if not required or not optional:
        return list_fields(model)
    more = ", …" if len(optional) > MOST_NAMED else ""
    return f"{join_words(required, 'and')}; optional: {', '.join(optional[:MOST_NAMED])}{more}"


def _required(model: type[RequestModel]) -> list[str]:
    return [name for name, info in model.model_fields.items() if info.is_required()]


def _optional(model: type[RequestModel]) -> list[str]:
    fields = model.model_fields.items()
    return [name for name, info in fields if not info.is_required() and info.json_schema_extra is None]


def _explanations(model: type[RequestModel], parents: Sequence[str | int], name: str) -> Iterator[str]:
    """What can be said of an unknown field, the surest first."""
    here = shape_at(model, parents).model or model
    fields = fields_of(here)
    meant = _meanings_of(snake_case(name))
    if beside := [each for each in (*meant, *NEIGHBOUR_WORDS.get(snake_case(name), ())) if each in fields]:
        yield did_you_mean(beside)
    if not parents and name in NEVER_GUESSED:  # no guess: it is that field's own name
        yield from _homes(model, parents, here, [name], name)
    if advice := advise_on(here, name):
        yield advice
    if beside := [each for each in _with_another_ending(snake_case(name)) if each in fields]:
        yield did_you_mean(beside)
    sought = [each for each in meant if not (parents and each in ONLY_AT_HOME)]
    yield from _homes(model, parents, here, sought, name)
    if len(name) <= LONGEST_SPELT:
        yield from _flat_paths(model, name)
    if near := nearest_spelling(name, fields.keys() - NEVER_GUESSED):
        yield did_you_mean([near])
    yield f"leave it out; the fields here are {list_fields(here)}"


def _meanings_of(snake: str) -> list[str]:
    """What a name may stand for, itself among it; never what charges."""
    return [each for each in (snake, *FIELD_WORDS.get(snake, ())) if each not in NEVER_GUESSED]


def _with_another_ending(snake: str) -> list[str]:
    """``allow_customer_editing_zip`` as ``allow_customer_editing_zipcode``."""
    parts = snake.split("_")
    splits = [("_".join(parts[:place]), "_".join(parts[place:])) for place in range(1, len(parts))]
    return [f"{head}_{meant}" for head, tail in splits for meant in FIELD_WORDS.get(tail, ())]


def _homes(
    model: type[RequestModel], parents: Sequence[str | int], here: type[RequestModel], meant: list[str], name: str
) -> Iterator[str]:
    """Where a field stands: below this place, elsewhere in this call, or in another tool's."""
    prefix = re.sub(r"\[\d+\]", "[]", path_of(model, parents)) + "." if parents else ""
    for places in (homes_of(here, prefix), homes_of(model)):
        for each in meant:
            if paths := places.get(each, ()):
                yield f"it is {' or '.join(paths[:2])}"
    for each in meant:
        for tool, places in _other_tools(model):
            if paths := places.get(each, ()):
                where = "give it to" if paths[0] == name else f"it is {' or '.join(paths[:2])} of"
                yield f"{where} {tool}"


def _other_tools(model: type[RequestModel]) -> Iterator[tuple[str, Mapping[str, tuple[str, ...]]]]:
    for other, tool in TOOLS.items():
        if other is not model:
            yield _MOVED.get(tool, tool), homes_of(other)


def _flat_paths(model: type[RequestModel], name: str) -> Iterator[str]:
    """Where a nested field stands that came as one name: ``billing.country``, ``customer[email]``, ``billing_zip``."""
    if re.search(r"[.\[]", name):
        parts = [snake_case(part) for part in re.split(r"[.\[\]]+", name) if part and not part.isdecimal()]
        readings = [parts] if len(parts) > 1 else []
    else:
        words = snake_case(name).split("_")
        readings = [["_".join(words[:place]), "_".join(words[place:])] for place in range(1, len(words))]
    for parts in readings:
        if path := _path_that_ends_in(homes_of(model), parts):
            yield f"nest it: {_nested(path)}"
        for tool, places in _other_tools(model):
            if path := _path_that_ends_in(places, parts):
                yield f"nest it, as {_nested(path)}, and give it to {tool}"


def _path_that_ends_in(places: Mapping[str, tuple[str, ...]], parts: list[str]) -> str | None:
    meant = [_meanings_of(part) for part in parts]
    for last in meant[-1]:
        for path in places.get(last, ()):
            ending = path.replace("[]", "").split(".")[-len(parts) :]
            if len(ending) == len(parts) and all(map(list[str].__contains__, meant, ending)):
                return path
    return None


def _nested(path: str) -> str:
    """``product_cart[].quantity`` as ``"product_cart": [{"quantity": …}]``."""
    nested = "…"
    for part in reversed(path.split(".")):
        name, is_list = part.removesuffix("[]"), part.endswith("[]")
        nested = f"[{{{nested}}}]" if is_list else f"{{{nested}}}" if nested != "…" else nested
        nested = f'"{name}": {nested}'
    return nested
