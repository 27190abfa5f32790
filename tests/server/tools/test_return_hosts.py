"""Where a buyer is sent back to: only the operator's own hosts."""

from typing import Any

import pytest

pytestmark = pytest.mark.requirement("policy.return_hosts")

HOSTS = '[allow]\nreturn_hosts = ["shop.example.com", "*.example.org", "localhost"]'


URLS = {
    "https://shop.example.com/thanks": True,
    "https://SHOP.example.com:8443/thanks?order=1#done": True,
    "https://shop.example.com./thanks": True,
    "https://a.example.org/": True,
    "https://a.b.example.org/": True,
    "http://localhost:3000/thanks": True,
    "https://example.org/": False,
    "https://evilexample.org/": False,
    "https://example.com/": False,
    "https://evil.shop.example.com/": False,
    "https://shop.example.com.evil.example/": False,
    "https://evil.example/?https://shop.example.com": False,
    "https://evil.example/#.example.org": False,
    "https://.example.org/": False,
    "https://a..example.org/": False,
    "https://-.example.org/": False,
    "https://shop.example.com../": False,
    "https://evil.example#.example.org": False,
    "https://evil.example?.example.org": False,
    "https://evil.example;.example.org/": False,
    "https://evil.example%2f.example.org/": False,
    "https://127.0.0.1/": False,
}


@pytest.mark.parametrize("name", ["return_url", "cancel_url"])
async def test_a_buyer_is_sent_to_listed_hosts_only(
    open_memory_shop: Any, name: str, subtests: pytest.Subtests
) -> None:
    async with open_memory_shop(policy=HOSTS) as shop:
        for url, allowed in URLS.items():
            with subtests.test(url):
                shop.upstream.requests.clear()
                sale = {"preview_id": await shop.preview_id(), name: url}
                if allowed:
                    await shop.call("create_checkout_session", sale)
                    assert shop.upstream.created[0][name] == url
                else:
                    error = await shop.refusal("create_checkout_session", sale)
                    assert (error["code"], [each["path"] for each in error["problems"]]) == ("policy_denied", [name])
                    assert shop.upstream.created == []


async def test_live_mode_without_listed_hosts_refuses_both_urls_and_names_the_setting(
    open_memory_shop: Any,
) -> None:
    async with open_memory_shop(DODO_PAYMENTS_ENVIRONMENT="live_mode") as shop:
        urls = dict.fromkeys(("return_url", "cancel_url"), "https://shop.example.com/")
        error = await shop.refusal("create_checkout_session", {"preview_id": await shop.preview_id(), **urls})
        assert error["code"] == "policy_denied"
        assert error["problems"] == [
            {
                "path": path,
                "problem": "is refused in live_mode",
                "suggestion": "the operator must list hosts in allow.return_hosts of CHECKOUT_POLICY",
            }
            for path in urls
        ]
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id()})
        assert len(shop.upstream.created) == 1


async def test_live_mode_with_listed_hosts_uses_them(open_memory_shop: Any) -> None:
    async with open_memory_shop(DODO_PAYMENTS_ENVIRONMENT="live_mode", policy=HOSTS) as shop:
        sale = {"preview_id": await shop.preview_id(), "return_url": "https://shop.example.com/"}
        assert (await shop.call("create_checkout_session", sale))["environment"] == "live_mode"
