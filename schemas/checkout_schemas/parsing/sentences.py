"""Our words for each kind of problem: what is wrong, and what to do about it. Never the value."""

from typing import NamedTuple


class Sentence(NamedTuple):
    """Both are filled in from the context of the validation error, which holds limits and words of ours only."""

    problem: str
    repair: str


_AS_DESCRIBED = "send it as the tool's schema describes it"
SENTENCES: dict[str, Sentence] = {
    "string_too_short": Sentence("is empty", "leave it out"),
    "string_unicode": Sentence("holds broken Unicode", "send text that is valid UTF-8"),
    "int_type": Sentence("must be a whole number", "give a whole number, such as 1 or 2"),
    "not_minor_units": Sentence(
        "must be a whole number", "send a whole JSON number without quotes, in minor units: {example}"
    ),
    "bool_type": Sentence("must be true or false", "send a JSON boolean without quotes"),
    "not_json": Sentence("is text that is not JSON", "send it as JSON: double quotes, true, false, null, no comments"),
    "greater_than_equal": Sentence("must be at least {ge}", "use at least {ge}, or leave it out"),
    "less_than_equal": Sentence("must be at most {le}", "use at most {le}"),
    "too_long": Sentence("has too many items", "give at most {max_length}"),
    "text_too_long": Sentence("is too long", "use at most {max_length} characters"),
    "too_many_keys": Sentence("has too many keys", "use at most {max_length}"),
    "control_character": Sentence("holds a control character", "remove line breaks, tabs and other control characters"),
    "invisible": Sentence("holds a character that cannot be seen", "type it anew"),
    "wrong_form": Sentence("has a wrong form", "use {form}"),
    "email_without_at": Sentence("has no @", "ask the buyer for the whole address, such as buyer@example.com"),
    "wrong_email": Sentence(
        "is not an e-mail address", "give one address alone, such as buyer@example.com; ask the buyer if it is another"
    ),
    "url_not_ascii": Sentence(
        "holds letters that are not ASCII", "write the host as xn--… and the rest %-encoded, or leave it out"
    ),
    "url_character": Sentence("holds {characters}", "give the URL without, or leave it out"),
    "url_not_https": Sentence("must be https", "use https; plain http is for loopback addresses only"),
    "url_credentials": Sentence(
        "holds credentials", "give https://, the host and the path, without a user name or password"
    ),
    "reserved_key": Sentence("is a key of this server", "choose another key"),
    "metadata_key": Sentence("is not a valid key", "use 1 to {max_length} letters, digits, _ and -"),
    "metadata_value_type": Sentence("has a value of a wrong type", "use strings, numbers or booleans as values"),
    "metadata_number": Sentence("has a number that JSON cannot carry exactly", "send it as a string"),
    # What these were meant to be is looked for. The repair is for what is of no known kind.
    "missing": Sentence("is required", _AS_DESCRIBED),
    "string_type": Sentence("must be a string", _AS_DESCRIBED),
    "list_type": Sentence("must be an array", _AS_DESCRIBED),
    "dict_type": Sentence("must be an object", _AS_DESCRIBED),
    "model_type": Sentence("must be an object", _AS_DESCRIBED),
    "not_in_vocabulary": Sentence("is not a known {vocabulary}", _AS_DESCRIBED),
    "literal_error": Sentence("is not one of the allowed values", _AS_DESCRIBED),
}
"""By the kind of the validation error. A kind that is not here gets ``OTHER``."""

OTHER = Sentence("is not valid", _AS_DESCRIBED)

REQUIRED: dict[str, str] = {
    "product_id": "give the id that list_products returned",
    "addon_id": "give the id that list_products returned with the product",
    "quantity": "give how many, 1 or more",
    "country": "ask the buyer for their country and give its 2 letters, such as US",
    "mandate_only": "give true to authorise and charge nothing now, or false to charge product_price now",
    "credit_entitlement_id": "leave credit_entitlements out, or ask the merchant for the id",
    "credits_amount": "give a decimal number above 0, in quotes",
    "preview_id": "call preview_checkout and give its preview_id",
    "key": "give a name of your own, such as company_size",
    "label": "give the question as the buyer reads it",
    "customer_id": "give the id of a customer who was sold to here before",
}
"""How a required field is given, by its name. Those with words of their own are told these."""

TEXT_FORMS: dict[str, str] = {
    "phone_number": 'send a string of + and 7 to 15 digits, such as "+14155550123"',
    "zipcode": "send its digits as a string, with leading zeros and without a fraction",
}
"""What a number becomes as text, where quotes around it are not enough."""

TEXT_EXAMPLES: dict[str, str] = {"country": "US", "billing_currency": "USD", "product_currency": "USD", "locale": "fr"}
"""A text in place of an object or a list, where its field is known by an example."""
