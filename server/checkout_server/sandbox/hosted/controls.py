"""Labelled inputs of the page. Labels are HTML; every value is escaped here."""

from collections.abc import Iterable, Mapping
from html import escape
from types import MappingProxyType

from checkout_server.sandbox.text import text_of

Attributes = Mapping[str, str | bool | None]
NONE: Attributes = MappingProxyType({})


def attributes(values: Attributes) -> str:
    """Those that are set: True is an attribute without a value."""
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(value)}"'
        for name, value in values.items()
        if value is not None and value is not False
    )


def labelled(name: str, label: str, control: str, *, required: bool = False, wide: bool = True) -> str:
    """A label above its control, whose id is the field's name."""
    mark = ' <span class="mark" aria-hidden="true">*</span>' if required else ""
    return (
        f'<div class="field{" wide" if wide else ""}"><label for="{escape(name)}">{label}{mark}</label>{control}</div>'
    )


def text_field(
    name: str, label: str, value: str = "", *, required: bool = False, wide: bool = True, more: Attributes = NONE
) -> str:
    """An input of one line, with ``more`` attributes."""
    common: Attributes = {"id": name, "name": name, "value": value, "required": required, **more}
    is_marked = required or more.get("data-required") is True  # which a script requires once it is of use
    return labelled(name, label, f"<input{attributes(common)}>", required=is_marked, wide=wide)


def choice(
    name: str,
    label: str,
    options: Iterable[tuple[str, str]],
    value: str,
    *,
    required: bool = False,
    wide: bool = True,
    empty: str | None = None,
    more: Attributes = NONE,
) -> str:
    """A list to choose from: values with their texts, after an empty one where ``empty`` says how it reads."""
    rows = [("", empty)] if empty is not None else []
    rows += [(each, text_of(text)) for each, text in options]
    inner = "".join(
        f"<option{attributes({'value': each, 'selected': each == value})}>{text}</option>" for each, text in rows
    )
    common: Attributes = {"id": name, "name": name, "required": required, **more}
    return labelled(name, label, f"<select{attributes(common)}>{inner}</select>", required=required, wide=wide)


def tick(name: str, label: str, *, checked: bool = False, required: bool = False) -> str:
    """A box to tick."""
    mark = ' <span class="mark" aria-hidden="true">*</span>' if required else ""
    box = attributes(
        {"type": "checkbox", "id": name, "name": name, "value": "on", "checked": checked, "required": required}
    )
    return f'<div class="field wide tick"><input{box}><label for="{escape(name)}">{label}{mark}</label></div>'


def group(name: str, heading: str, content: str) -> str:
    """Fields under a heading; nothing where there are none."""
    if not content:
        return ""
    return f'<fieldset id="{name}"><legend>{heading}</legend><div class="fields">{content}</div></fieldset>'
