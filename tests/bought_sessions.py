"""A session that its buyer pays, or tries to, in a browser of theirs."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

CREATE, STATUS = "create_checkout_session", "get_checkout_session"


ALL_SHARED = "[share]\nlicense_keys = true\ncustom_field_responses = true\ninvoice_url = true"
BUYER: dict[str, Any] = {"customer": {"email": "jane.doe@example.com", "name": "Jane Doe"}}


@dataclass
class Sale:
    """A session, its buyer's browser, and the sandbox in which it is paid."""

    shop: Any
    browser: httpx2.AsyncClient
    session_id: str
    preview_id: str

    async def press(self, button: str, **form: str) -> None:
        answer = await self.browser.post(f"/session/{self.session_id}/{button}", data=form)
        assert answer.status_code == 200, answer.text

    async def look(self) -> dict[str, Any]:
        return await self.shop.call(STATUS, {"session_id": self.session_id})

    @property
    def payments(self) -> list[Any]:
        return self.shop.upstream.sandbox.payments


@asynccontextmanager
async def selling(shop: Any, *product_ids: str, **rest: Any) -> AsyncGenerator[Sale]:
    cart = [{"product_id": each, "quantity": 1} for each in product_ids or ("prod_ebook_guide",)]
    preview = await shop.call("preview_checkout", {"product_cart": cart})
    made = await shop.call(CREATE, {"preview_id": preview["preview_id"], **rest})
    async with httpx2.AsyncClient(base_url=shop.upstream.url, trust_env=False) as browser:
        yield Sale(shop, browser, made["session_id"], preview["preview_id"])
