"""The settings and the policy's keys, from their models and the text below each field."""

from collections.abc import Sized
from typing import Any, cast, get_origin

from checkout_server.checkout.policy.document import Policy
from checkout_server.checkout.policy.explanation import explain_policy
from checkout_server.settings import Settings
from docs.generate.markdown import code, field_texts, table


def settings() -> str:
    texts = field_texts(Settings)
    rows = [
        (code(field.alias or name), _default(field.default), texts[name])
        for name, field in Settings.model_fields.items()
    ]
    return table(("variable", "default", "meaning"), rows)


def _default(value: object) -> str:
    if value is None or (isinstance(value, Sized) and not value):
        return ""
    return code(str(value).lower() if isinstance(value, bool) else str(value))


def policy_keys() -> str:
    """One row for each key, in the order of the file, with what holds where the key is absent."""
    absent = {each.key: each.says for each in explain_policy(Policy(), "test_mode")}
    schema = Policy.model_json_schema()
    rows: list[tuple[str, str, str, str]] = []
    for name, section in Policy.model_fields.items():
        if get_origin(section.annotation) is dict:  # sections that repeat these keys, for some
            continue
        model = cast(type[Any], section.annotation)
        texts, keys = field_texts(model), schema["$defs"][model.__name__]["properties"]
        rows += [
            (code(f"{name}.{key}"), _takes(keys[key]), absent[f"{name}.{key}"], texts[key])
            for key in model.model_fields
        ]
    return table(("key", "takes", "without it", "meaning"), rows)


def _takes(schema: dict[str, Any]) -> str:
    """What a key takes, in words."""
    [kind] = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    if "enum" in kind:
        return ", ".join(map(code, kind["enum"]))
    return {
        "array": "a list of text",
        "boolean": "`true` or `false`",
        "integer": "a whole number",
        "object": "a table, such as `{ USD = 50000 }`",
    }[kind["type"]]
