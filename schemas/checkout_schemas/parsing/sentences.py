"""Our words for each kind of problem: what is wrong, and the repair. Never the value."""

from typing import NamedTuple


class Sentence(NamedTuple):
    """Both are filled in from the context of the validation error, which holds limits and words of ours only."""

    problem: str
    repair: str | None = None


SENTENCES: dict[str, Sentence] = {
    "missing": Sentence("is required"),
    "string_type": Sentence("must be a string", "put it in quotes"),
    "string_too_short": Sentence("is empty"),
    "string_unicode": Sentence("holds broken Unicode", "send text that is valid UTF-8"),
    "int_type": Sentence("must be a whole number", "such as 1 or 2"),
    "not_minor_units": Sentence("must be a whole number", "in minor units: {example}"),
    "bool_type": Sentence("must be true or false", "send a JSON boolean without quotes"),
    "list_type": Sentence("must be an array"),
    "dict_type": Sentence("must be an object"),
    "model_type": Sentence("must be an object"),
    "not_json": Sentence("is text that is not JSON", "send it as JSON: double quotes, true, false, null, no comments"),
    "greater_than_equal": Sentence("must be at least {ge}"),
    "less_than_equal": Sentence("must be at most {le}"),
    "too_long": Sentence("has too many items", "give at most {max_length}"),
    "text_too_long": Sentence("is too long", "use at most {max_length} characters"),
    "too_many_keys": Sentence("has too many keys", "use at most {max_length}"),
    "control_character": Sentence("holds a control character", "remove line breaks, tabs and other control characters"),
    "not_in_vocabulary": Sentence("is not a known {vocabulary}"),
    "literal_error": Sentence("is not one of the allowed values"),
    "wrong_form": Sentence("has a wrong form", "use {form}"),
    "url_not_https": Sentence("must be https", "plain http is allowed on loopback addresses only"),
    "url_credentials": Sentence("holds credentials", "remove the part before the @"),
    "reserved_key": Sentence("is a key of this server", "choose another key"),
    "metadata_key": Sentence("is not a valid key", "use 1 to {max_length} letters, digits, _ and -"),
    "metadata_value_type": Sentence("has a value of a wrong type", "use strings, numbers or booleans as values"),
    "metadata_number": Sentence("has a number that JSON cannot carry exactly", "send it as a string"),
}
"""By the kind of the validation error. A kind that is not here gets ``OTHER``."""

OTHER = Sentence("is not valid")
