"""What a field that is not there was meant to be: one of ours by another name, in another place, or none."""

from collections.abc import Iterator

from checkout_schemas.contract_model import RequestModel
from checkout_schemas.errors import Problem
from checkout_schemas.parsing.host_fields import snake_case
from checkout_schemas.parsing.paths import path_of
from checkout_schemas.parsing.shape import fields_of, homes_of, shape_at
from checkout_schemas.parsing.words import did_you_mean, nearest_spelling
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.requests.get_checkout_session import GetCheckoutSession
from checkout_schemas.requests.list_products import ListProducts
from checkout_schemas.requests.list_saved_payment_methods import ListSavedPaymentMethods
from checkout_schemas.requests.preview_checkout import PreviewCheckout
from checkout_schemas.vocabularies.synonyms.fields import ADVICE_BESIDE, FIELD_ADVICE, FIELD_WORDS, NEIGHBOUR_WORDS

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
    name = str(last)
    here = shape_at(model, parents).model or model
    return Problem(
        path=path_of(model, location),
        problem="does not exist here" if parents else "is not a field of this tool",
        suggestion=next(_explanations(model, here, name)),
    )


def list_fields(model: type[RequestModel]) -> str:
    """The fields of an object in words, the required ones first."""
    required = [name for name, info in model.model_fields.items() if info.is_required()]
    names = [*required, *(name for name in _advertised(model) if name not in required)]
    return ", ".join(names[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")


def _advertised(model: type[RequestModel]) -> list[str]:
    return [name for name, info in model.model_fields.items() if info.json_schema_extra is None]


def _explanations(model: type[RequestModel], here: type[RequestModel], name: str) -> Iterator[str]:
    """What can be said of an unknown field, the surest first."""
    snake = snake_case(name)
    meant = [snake, *FIELD_WORDS.get(snake, ())]
    fields = fields_of(here)
    if beside := [each for each in (*meant, *NEIGHBOUR_WORDS.get(snake, ())) if each in fields]:
        yield did_you_mean(beside)
    yield from (advice[snake] for field, advice in ADVICE_BESIDE.items() if field in fields and snake in advice)
    if snake in FIELD_ADVICE:
        yield FIELD_ADVICE[snake]
    for each in meant:
        if paths := homes_of(model).get(each, ()):
            yield f"it is {' or '.join(paths[:2])}"
    for each in meant:
        for other, tool in TOOLS.items():
            if other is not model and (paths := homes_of(other).get(each, ())):
                where = "give it to" if paths[0] == name else f"it is {' or '.join(paths[:2])} of"
                yield f"{where} {_MOVED.get(tool, tool)}"
    if near := nearest_spelling(name, _advertised(here)):
        yield did_you_mean([near])
    yield f"leave it out; the fields here are {list_fields(here)}"
