"""Where a buyer is sent back to: only the operator's own hosts."""

from typing import Any

import pytest

from misleading_addresses import LOOKALIKES, USERINFO

HOSTS = '[allow]\nreturn_hosts = ["shop.example.com", "*.example.org", "localhost"]'


ALLOWED, NOT_LISTED, NO_ADDRESS = "created", "policy_denied", "invalid_request"

URLS = {
    "https://shop.example.com/thanks": ALLOWED,
    "https://SHOP.example.com:8443/thanks?order=1#done": ALLOWED,
    "https://shop.example.com./thanks": ALLOWED,
    "https://a.example.org/": ALLOWED,
    "https://a.b.example.org/": ALLOWED,
    "http://localhost:3000/thanks": ALLOWED,
    "https://example.org/": NOT_LISTED,
    "https://evilexample.org/": NOT_LISTED,
    "https://example.com/": NOT_LISTED,
    "https://evil.shop.example.com/": NOT_LISTED,
    "https://shop.example.com.evil.example/": NOT_LISTED,
    "https://evil.example/?https://shop.example.com": NOT_LISTED,
    "https://evil.example/#.example.org": NOT_LISTED,
    "https://.example.org/": NO_ADDRESS,
    "https://a..example.org/": NO_ADDRESS,
    "https://-.example.org/": NO_ADDRESS,
    "https://shop.example.com../": NO_ADDRESS,
    "https://evil.example#.example.org": NOT_LISTED,
    "https://evil.example?.example.org": NOT_LISTED,
    "https://evil.example;.example.org/": NO_ADDRESS,
    "https://evil.example%2f.example.org/": NO_ADDRESS,
    "https://127.0.0.1/": NOT_LISTED,
    **{f"https://{host}/": NOT_LISTED for host in LOOKALIKES},
    **{f"http://{host}/": NO_ADDRESS for host in LOOKALIKES},
    **{f"{scheme}://{rest}": NO_ADDRESS for scheme in ("https", "http") for rest in USERINFO},
}


@pytest.mark.requirement("policy.return_hosts")
@pytest.mark.parametrize("name", ["return_url", "cancel_url"])
async def test_a_buyer_is_sent_to_listed_hosts_only(
    open_memory_shop: Any, name: str, subtests: pytest.Subtests
) -> None:
    async with open_memory_shop(policy=HOSTS) as shop:
        for url, outcome in URLS.items():
            with subtests.test(url):
                shop.upstream.requests.clear()
                assert await outcome_of(shop, name, url) == outcome


async def outcome_of(shop: Any, name: str, url: str) -> str:
    sale = {"preview_id": await shop.preview_id(), name: url}
    result = await shop.client.call_tool("create_checkout_session", sale)
    if not result.is_error:
        assert [body[name] for body in shop.upstream.created] == [url]
        return ALLOWED
    error = result.structured_content["error"]
    assert (shop.upstream.created, [problem["path"] for problem in error["problems"]]) == ([], [name])
    assert url not in str(error)
    return error["code"]


SCHEMES = '[allow]\nreturn_hosts = ["shop.example.com"]\nreturn_schemes = ["myapp", "com.example.shop"]'

APP_URLS = {
    "myapp://x": ALLOWED,
    "MyApp://x": ALLOWED,
    "MYAPP://paid?order=1#done": ALLOWED,
    "myapp://": ALLOWED,
    "myapp:///paid": ALLOWED,
    "myapp://evil.example/x": ALLOWED,
    "myapp://shop/mail@example.com": ALLOWED,
    "myapp://shop?to=jane@example.com": ALLOWED,
    "com.example.shop://paid": ALLOWED,
    "https://shop.example.com/thanks": ALLOWED,
    "https://evil.example/#myapp://x": NOT_LISTED,
    "https://evil.example/": NOT_LISTED,
    "http://localhost/": NOT_LISTED,
    "otherapp://x": NOT_LISTED,
    "myapp2://x": NOT_LISTED,
    "my.app://x": NOT_LISTED,
    "com.example.shop.evil://paid": NOT_LISTED,
    "myapp:foo": NO_ADDRESS,
    "myapp:/foo": NO_ADDRESS,
    "myapp": NO_ADDRESS,
    "://myapp": NO_ADDRESS,
    "//myapp/x": NO_ADDRESS,
    "c://myapp": NO_ADDRESS,
    "1app://x": NO_ADDRESS,
    "my_app://x": NO_ADDRESS,
    "my app://x": NO_ADDRESS,
    "myapp://x y": NO_ADDRESS,
    "myapp://x\\y": NO_ADDRESS,
    "myapp://x\ny": NO_ADDRESS,
    "myapp://pään": NO_ADDRESS,
    "ｍyapp://x": NO_ADDRESS,
    "https:myapp://x": NO_ADDRESS,
    "https://myapp:x@evil.example": NO_ADDRESS,
    "https://user@shop.example.com/": NO_ADDRESS,
    "myapp://user:pw@host": NO_ADDRESS,
    "myapp://user@host?x#y": NO_ADDRESS,
    "javascript:alert(1)": NO_ADDRESS,
    "javascript://%0aalert(1)": NO_ADDRESS,
    "JaVaScRiPt:alert(1)": NO_ADDRESS,
    "JaVaScRiPt://%0aalert(1)": NO_ADDRESS,
    "vbscript://x": NO_ADDRESS,
    "data:text/html,<script>alert(1)</script>": NO_ADDRESS,
    "data://text/html,x": NO_ADDRESS,
    "file:///etc/passwd": NO_ADDRESS,
    "blob:https://shop.example.com/x": NO_ADDRESS,
    "view-source:https://shop.example.com/": NO_ADDRESS,
    "view-source://https://shop.example.com/": NO_ADDRESS,
    "intent://scan/#Intent;scheme=https;end": NO_ADDRESS,
    "android-app://com.example.shop/https/evil.example": NO_ADDRESS,
    "x-safari-https://evil.example": NO_ADDRESS,
    "googlechromes://evil.example": NO_ADDRESS,
    "microsoft-edge-https://evil.example": NO_ADDRESS,
    "ms-appinstaller://?source=https://evil.example": NO_ADDRESS,
    "itms-services://?action=download-manifest": NO_ADDRESS,
    "web+shop://x": NO_ADDRESS,
    "chrome-extension://abc/x.html": NO_ADDRESS,
    "ftp://shop.example.com/": NO_ADDRESS,
    "ws://shop.example.com/": NO_ADDRESS,
    "tel://+15550100": NO_ADDRESS,
    "http://shop.example.com/": NO_ADDRESS,
}


@pytest.mark.requirement("policy.return_schemes")
@pytest.mark.parametrize("environment", ["test_mode", "live_mode"])
@pytest.mark.parametrize("name", ["return_url", "cancel_url"])
async def test_a_buyer_is_sent_to_listed_apps_only(
    open_memory_shop: Any, name: str, environment: str, subtests: pytest.Subtests
) -> None:
    async with open_memory_shop(policy=SCHEMES, DODO_PAYMENTS_ENVIRONMENT=environment) as shop:
        for url, outcome in APP_URLS.items():
            with subtests.test(url):
                shop.upstream.requests.clear()
                assert await outcome_of(shop, name, url) == outcome


@pytest.mark.requirement("policy.return_schemes")
@pytest.mark.parametrize("policy", ["", "[allow]\nreturn_schemes = []"])
async def test_no_app_is_allowed_unless_it_is_listed(open_memory_shop: Any, policy: str) -> None:
    async with open_memory_shop(policy=policy) as shop:
        sale = {"preview_id": await shop.preview_id(), "return_url": "myapp://x"}
        error = await shop.refusal("create_checkout_session", sale)
        assert (error["code"], error["problems"], shop.upstream.created) == (
            "policy_denied",
            [
                {
                    "path": "return_url",
                    "problem": "uses a scheme that is not allowed",
                    "suggestion": "leave it out, or use https; "
                    "schemes are listed in allow.return_schemes of CHECKOUT_POLICY",
                }
            ],
            [],
        )


@pytest.mark.requirement("policy.return_schemes")
async def test_a_listed_app_needs_no_host_in_live_mode(open_memory_shop: Any) -> None:
    policy = '[allow]\nreturn_schemes = ["myapp"]'
    async with open_memory_shop(policy=policy, DODO_PAYMENTS_ENVIRONMENT="live_mode") as shop:
        urls = {"return_url": "myapp://paid", "cancel_url": "https://shop.example.com/"}
        error = await shop.refusal("create_checkout_session", {"preview_id": await shop.preview_id(), **urls})
        assert [each["path"] for each in error["problems"]] == ["cancel_url"]


@pytest.mark.requirement("policy.return_hosts")
async def test_live_mode_without_listed_hosts_refuses_both_urls_and_names_the_setting(
    open_memory_shop: Any,
) -> None:
    async with open_memory_shop(DODO_PAYMENTS_ENVIRONMENT="live_mode") as shop:
        urls = dict.fromkeys(("return_url", "cancel_url"), "https://shop.example.com/")
        setting = "leave it out; the operator must list hosts in allow.return_hosts of CHECKOUT_POLICY"
        error = await shop.refusal("create_checkout_session", {"preview_id": await shop.preview_id(), **urls})
        assert error["code"] == "policy_denied"
        assert error["problems"] == [
            {"path": "return_url", "problem": "is refused in live_mode", "suggestion": setting},
            {"path": "cancel_url", "problem": "is refused in live_mode", "suggestion": "as for return_url"},
        ]
        await shop.call("create_checkout_session", {"preview_id": await shop.preview_id()})
        assert len(shop.upstream.created) == 1


MANY_HOSTS = ", ".join(f'"h{number}.example"' for number in range(11))


@pytest.mark.requirement("policy.return_hosts")
@pytest.mark.parametrize(
    ("hosts", "instead"),
    [
        (HOSTS, "leave it out, or use one of shop.example.com, *.example.org, localhost"),
        ("[allow]\nreturn_hosts = []", "leave it out; no host is allowed by the operator's policy"),
        (
            f"[allow]\nreturn_hosts = [{MANY_HOSTS}]",
            "leave it out; the hosts are in allow.return_hosts of the operator's policy",
        ),
    ],
)
async def test_a_refused_host_is_told_which_there_are(open_memory_shop: Any, hosts: str, instead: str) -> None:
    async with open_memory_shop(policy=hosts) as shop:
        sale = {"preview_id": await shop.preview_id(), "return_url": "https://evil.example/"}
        error = await shop.refusal("create_checkout_session", sale)
        assert error["problems"] == [
            {"path": "return_url", "problem": "points to a host that is not allowed", "suggestion": instead}
        ]


@pytest.mark.requirement("policy.return_hosts")
async def test_live_mode_with_listed_hosts_uses_them(open_memory_shop: Any) -> None:
    async with open_memory_shop(DODO_PAYMENTS_ENVIRONMENT="live_mode", policy=HOSTS) as shop:
        sale = {"preview_id": await shop.preview_id(), "return_url": "https://shop.example.com/"}
        assert (await shop.call("create_checkout_session", sale))["environment"] == "live_mode"
