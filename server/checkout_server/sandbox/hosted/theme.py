"""The page's colours and sizes: an order's own where they are values of CSS and nothing else."""

import re
from collections.abc import Mapping
from typing import Any

from checkout_server.sandbox.body import Body, part

_LIGHT = {
    "bg_primary": "#ffffff", "bg_secondary": "#f5f6f9", "border_primary": "#7d8597", "border_secondary": "#dfe3eb",
    "button_primary": "#2447d6", "button_primary_hover": "#1b38b0", "button_text_primary": "#ffffff",
    "button_secondary": "#eef0f5", "button_secondary_hover": "#e1e5ee", "button_text_secondary": "#1b1f2a",
    "input_focus_border": "#2447d6", "text_primary": "#1b1f2a", "text_secondary": "#535b6d",
    "text_placeholder": "#666e80", "text_error": "#b3261e", "text_success": "#14713d",
}  # fmt: skip
_DARK = {
    "bg_primary": "#12141b", "bg_secondary": "#1b1f2a", "border_primary": "#7a8296", "border_secondary": "#343b4c",
    "button_primary": "#8aa4ff", "button_primary_hover": "#a5b9ff", "button_text_primary": "#10131c",
    "button_secondary": "#262c3a", "button_secondary_hover": "#303748", "button_text_secondary": "#eef0f6",
    "input_focus_border": "#8aa4ff", "text_primary": "#eef0f6", "text_secondary": "#aab2c4",
    "text_placeholder": "#8f98ab", "text_error": "#ff9a92", "text_success": "#6fd69b",
}  # fmt: skip
"""By the names that ``theme_config`` has for them."""
_FONT_SIZES = {"xs": "13px", "sm": "14px", "md": "16px", "lg": "18px", "xl": "20px", "2xl": "22px"}
_FONT_WEIGHTS = {"normal": "400", "medium": "500", "bold": "700", "extraBold": "800"}
_HEX = re.compile(r"#?([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
_COLOUR = re.compile(
    r"[a-zA-Z]{3,30}|(rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\([0-9a-zA-Z%.,/ +\-]{1,80}\)", re.ASCII
)
_RADIUS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?(px|rem|em)")


def theme_style(theme: str, config: Body) -> str:
    """The style sheet's variables for a ``theme`` of ``light``, ``dark`` or ``system``."""
    light = _variables(_LIGHT | _colours(part(config, "light")), "light")
    dark = _variables(_DARK | _colours(part(config, "dark")), "dark")
    size = _FONT_SIZES.get(str(config.get("font_size")), "16px")
    weight = _FONT_WEIGHTS.get(str(config.get("font_weight")), "400")
    given = str(config.get("radius") or "").strip()
    radius = given if _RADIUS.fullmatch(given) else "10px"
    common = f":root {{ --size: {size}; --weight: {weight}; --radius: {radius}; }}"
    match theme:
        case "light":
            return f"{common}\n{light}"
        case "dark":
            return f"{common}\n{dark}"
        case _:
            return f"{common}\n{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}"


def _variables(colours: Mapping[str, str], scheme: str) -> str:
    names = "".join(f" --{name.replace('_', '-')}: {value};" for name, value in colours.items())
    return f":root {{ color-scheme: {scheme};{names} }}"


def _colours(given: Mapping[str, Any]) -> dict[str, str]:
    """What is a colour, of what is asked for. Fonts are not loaded: the sandbox works without a network."""
    read = {name: _colour(str(value).strip()) for name, value in given.items() if name in _LIGHT}
    return {name: colour for name, colour in read.items() if colour is not None}


def _colour(text: str) -> str | None:
    if found := _HEX.fullmatch(text):
        return f"#{found[1]}"
    return text if _COLOUR.fullmatch(text) else None
