"""Addresses and metadata: what no API takes is refused before it is sent, and what is taken is sent as it was given."""

from typing import Any

import pytest

from checkout_schemas.errors import InvalidArguments
from checkout_schemas.parsing import parse
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession


def refused(is_live: bool = True, **sale: Any) -> dict[str, str | None]:
    """The repair of each problem; nothing for a sale that is taken."""
    try:
        parse(CreateCheckoutSession, {"preview_id": "prv_1"} | sale, is_live=is_live)
    except InvalidArguments as error:
        return {problem.path: problem.suggestion for problem in error.problems}
    return {}


@pytest.mark.requirement("api.addresses")
@pytest.mark.parametrize(
    "email",
    [
        "buyer@example.com",
        "o'hara+shop@mail.example",
        "Größe.Straße@bücher.example",
        "JANE.Doe@EXAMPLE.com",
        "x@xn--bcher-kva.example",
        "1@a.co",
    ],
)
def test_an_email_is_sent_as_it_was_given(email: str) -> None:
    sale = parse(CreateCheckoutSession, {"preview_id": "prv_1", "customer": {"email": f" {email} "}})
    assert sale.customer is not None
    assert sale.customer.email == email


@pytest.mark.requirement("api.addresses")
@pytest.mark.parametrize(
    "email",
    [
        "jane",
        "jane@example",
        "jane@example.com.",
        "jane.@example.com",
        ".jane@example.com",
        "ja..ne@example.com",
        "jane@example..com",
        "jane@-example.com",
        "jane@exam_ple.com",
        "ja\u200bne@example.com",
        "jane@exam\u200bple.com",
        "\u202ejane@example.com",
        '"jane"@example.com',
        "<jane@example.com>",
        "Jane <jane@example.com>",
        "mailto:jane@example.com",
        "jane@example.com, john@example.com",
        "jane@[127.0.0.1]",
        "jane@localhost",
        "jane@shop.invalid",
        "jane@shop.local",
        "j" * 65 + "@example.com",
        "jane@" + "a" * 64 + ".com",
        "jane@example.com\u00a0x",
        "jane@example\u3002com",
        "jane@example\uff0ecom",
        "jane@example\uff61com",
    ],
)
def test_an_email_that_no_mail_system_takes_is_refused(email: str) -> None:
    repairs = {
        "give one address alone, such as buyer@example.com; ask the buyer if it is another",
        "ask the buyer for the whole address, such as buyer@example.com",
        "type it anew",
    }
    refusal = refused(customer={"email": email})
    assert refusal.keys() == {"customer.email"}
    assert set(refusal.values()) < repairs


@pytest.mark.requirement("api.addresses")
def test_the_domain_test_is_an_address_outside_live_mode_only() -> None:
    sale = {"customer": {"email": "jane@shop.test"}}
    assert (refused(is_live=True, **sale).keys(), refused(is_live=False, **sale)) == ({"customer.email"}, {})


@pytest.mark.requirement("api.addresses")
@pytest.mark.parametrize(
    ("number", "taken"),
    [
        ("+14155550123", True),
        ("+1 415-555-0123", True),
        ("+6834002", True),
        ("+123456789012345", True),
        ("+1234567890123456", False),
        ("+123456", False),
        ("+04155550123", False),
        ("14155550123", False),
        ("0014155550123", False),
        ("+1 (415) 555-0123", False),
        ("+1.415.555.0123", False),
        ("+1415555012x", False),
        ("+١٤١٥٥٥٥٠١٢٣", False),
        ("+1\u200b4155550123", False),
        ("tel:+14155550123", False),
    ],
)
def test_a_phone_number_is_of_the_form_that_networks_dial(number: str, taken: bool) -> None:
    form = (
        "type it anew"
        if "\u200b" in number
        else "use E.164: + and 7 to 15 digits, such as +14155550123; ask the buyer for the country code"
    )
    repair = {"customer.phone_number": form}
    assert refused(customer={"email": "a@b.co", "phone_number": number}) == ({} if taken else repair)


@pytest.mark.requirement("api.addresses")
@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example.com",
        "https://shop.example.com:8443/a?b=c#d",
        "https://xn--bcher-kva.example/",
        "https://a_b.example.com/",
        "https://203.0.113.7/",
        "https://[2001:db8::1]/",
        "http://localhost:3000/",
        "http://127.0.0.1/",
        "http://[::1]:8000/",
        "https://shop.example.com/?session_id={CHECKOUT_SESSION_ID}",
        "https://shop.example.com/it's",
    ],
)
def test_a_web_address_is_taken(url: str) -> None:
    assert refused(return_url=url) == {}


@pytest.mark.requirement("api.addresses")
@pytest.mark.parametrize(
    "url",
    [
        "shop.example.com",
        "//shop.example.com/",
        "https:///path",
        "https://",
        "https://shop..example.com/",
        "https://.example.com/",
        "https://-shop.example.com/",
        "https://shop.example.com-/",
        "https://shop.example.com:99999/",
        "https://shop.example.com:x/",
        "https://shop%2eexample.com/",
        "https://{host}/",
        "https://shop,example.com/",
        "https://1.2.3.4.5/",
        "https://0x7f.1/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://" + "a" * 64 + ".example.com/",
        "https://" + "a." * 130 + "com/",
        'https://shop.example.com/"',
        "https://shop.example.com/<id>",
        "https://shop.example.com/`x`",
        "https://shop.example.com/a|b",
        "https://shop.example.com/a b",
        "https://shop.example.com/\u200b",
        "https://sh\u00f6p.example.com/",
        "https:\\\\shop.example.com",
    ],
)
def test_a_web_address_that_readers_take_in_different_ways_is_refused(url: str) -> None:
    assert refused(return_url=url, cancel_url=url).keys() == {"return_url", "cancel_url"}


KEY = "use 1 to 40 letters, digits, _ and -"


@pytest.mark.requirement("api.metadata")
@pytest.mark.parametrize(
    ("metadata", "repairs"),
    [
        ({"k" * 40: "v" * 500, "A-b_9": True, "n": 1.5}, {}),
        ({"a": None, "b": "x"}, {}),
        ({"k" * 41: "x"}, {"metadata.?": KEY}),
        ({"": "x"}, {"metadata.?": KEY}),
        ({"order id": "x"}, {"metadata.?": KEY}),
        ({"schlüssel": "x"}, {"metadata.?": KEY}),
        ({"note": "v" * 501}, {"metadata.note": "use at most 500 characters"}),
        ({"note": ["x"]}, {"metadata.note": "use strings, numbers or booleans as values"}),
        ({"note": {}, "b": 2**60}, {
            "metadata.note": "use strings, numbers or booleans as values", "metadata.b": "send it as a string",
        }),
        ({"note": float("nan")}, {"metadata.note": "send it as a string"}),
        ({"mcp_preview_id": "x"}, {"metadata.mcp_preview_id": "choose another key"}),
        ({f"k{number}": 1 for number in range(50)}, {"metadata": "use at most 49"}),
    ],
)  # fmt: skip
def test_metadata_is_held_to_the_providers_limits(metadata: dict[str, Any], repairs: dict[str, str]) -> None:
    assert refused(metadata=metadata) == repairs


@pytest.mark.requirement("cli.usage")
def test_the_check_of_emails_is_imported_with_the_first_address_only() -> None:
    import subprocess
    import sys

    script = "import sys, checkout_schemas.parsing; print('email_validator' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
