"""Values at the edge of what a field takes, on both sides."""

from typing import Any

import pytest

from told_at import told

EDGES: dict[tuple[str, str], tuple[list[Any], list[Any]]] = {
    ("preview_checkout", "product_cart[].amount"): ([0, 1, 2**53 - 1], [-1, 2**53]),
    ("preview_checkout", "product_cart[].quantity"): ([1], [0, -1]),
    ("create_checkout_session", "customization.theme_config.font_primary_url"): (
        ["https://fonts.example/a.woff2"],
        ["http://fonts.example/a.woff2", "fonts.example/a.woff2"],
    ),
    ("create_checkout_session", "metadata"): (
        [{"note": "a gift \U0001f381"}, {"note": "\ue000\uffff"}],
        [{"note": "\ud800"}, {"note": "\udfff"}],
    ),
}
"""What is taken, and what is refused."""


def told_anything(tool: str, path: str, value: Any) -> bool:
    inside = f"{path}.note" if isinstance(value, dict) else path
    return told(tool, path, value, inside) is not None


@pytest.mark.requirement("error.no_crash")
@pytest.mark.parametrize(("place", "taken", "refused"), [(place, *row) for place, row in EDGES.items()], ids=ascii)
def test_a_field_takes_what_lies_within_its_bounds_and_nothing_else(
    place: tuple[str, str], taken: list[Any], refused: list[Any]
) -> None:
    assert [value for value in taken if told_anything(*place, value)] == []
    assert [value for value in refused if not told_anything(*place, value)] == []
