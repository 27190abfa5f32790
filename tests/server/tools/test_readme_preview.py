"""The preview in the README is what the sandbox answers."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.requirement("sell.results")

README = Path(__file__).parents[3] / "README.md"
ORDER: dict[str, Any] = {
    "product_cart": [
        {"product_id": "prod_team_plan", "quantity": 1, "addons": [{"addon_id": "addon_seat", "quantity": 2}]},
        {"product_id": "prod_ebook_guide", "quantity": 1},
    ],
    "billing_address": {"country": "US", "state": "CA", "zipcode": "94102"},
    "discount_codes": ["SAVE20"],
}


async def test_the_readme_shows_a_preview_as_it_is(open_memory_shop: Any) -> None:
    shown = re.search(
        r"<!-- preview:begin.*?```json\n(.*?)```\n<!-- preview:end -->", README.read_text("utf-8"), re.DOTALL
    )
    assert shown is not None
    example = json.loads(shown[1])
    async with open_memory_shop() as shop:
        preview = await shop.call("preview_checkout", ORDER)
        for moving in ("preview_id", "expires_at"):
            assert example.pop(moving)
            del preview[moving]
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", example["recurring"][0].pop("next_date"))
        del preview["recurring"][0]["next_date"]
        assert example == preview | {"environment": "sandbox"}
