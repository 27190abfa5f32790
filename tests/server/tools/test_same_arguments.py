"""Arguments that look alike and are not the same."""

from typing import Any

import pytest

CREATE = "create_checkout_session"


@pytest.mark.requirement("preview.used")
@pytest.mark.parametrize(
    "emails", [("jane@straße.example", "jane@strasse.example"), ("jane@λόγος.example", "jane@λόγοσ.example")]
)
async def test_two_addresses_are_not_one_because_they_fold_together(
    open_memory_shop: Any, emails: tuple[str, str]
) -> None:
    one, other = emails
    async with open_memory_shop() as shop:
        sale = {"preview_id": await shop.preview_id(), "customer": {"email": one}}
        await shop.call(CREATE, sale)
        result = await shop.client.call_tool(CREATE, sale | {"customer": {"email": other}})
        assert result.is_error


ON_BY_DEFAULT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "minimal_address under single_page": (
        {"feature_flags": {"single_page": True}},
        {"feature_flags": {"single_page": True}, "minimal_address": False},
    ),
    **{
        flag: ({}, {"feature_flags": {flag: False}})
        for flag in ("allow_currency_selection", "allow_discount_code", "allow_phone_number_collection", "allow_tax_id")
    },
    "show_order_details": ({}, {"customization": {"show_order_details": False}}),
}


@pytest.mark.requirement("preview.used")
@pytest.mark.parametrize("case", ON_BY_DEFAULT)
async def test_unset_is_not_false_where_the_default_is_true(open_memory_shop: Any, case: str) -> None:
    unset, off = ON_BY_DEFAULT[case]
    async with open_memory_shop() as shop:
        sale = {"preview_id": await shop.preview_id()}
        await shop.call(CREATE, sale | unset)
        assert (await shop.client.call_tool(CREATE, sale | off)).is_error
