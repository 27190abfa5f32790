"""What only looks like this machine, or like a shop, is taken for neither."""

from typing import Any

import pytest

from checkout_schemas.errors import InvalidArguments
from checkout_schemas.parsing import parse
from checkout_schemas.requests.create_checkout_session import CreateCheckoutSession
from checkout_schemas.web_addresses import is_loopback, is_loopback_name
from misleading_addresses import LOOKALIKES, USERINFO

HERE = ("localhost", "shop.localhost", "127.0.0.1", "127.9.8.7", "::1")


def refused(**sale: Any) -> dict[str, str]:
    try:
        parse(CreateCheckoutSession, {"preview_id": "prv_1"} | sale)
    except InvalidArguments as error:
        return {problem.path: problem.problem for problem in error.problems}
    return {}


@pytest.mark.requirement("api.addresses")
@pytest.mark.parametrize("host", HERE)
def test_this_machine_is_known_by_its_names_and_addresses_and_needs_no_tls(host: str) -> None:
    url = f"http://[{host}]:3000/" if ":" in host else f"http://{host}:3000/"
    assert is_loopback(host)
    assert refused(return_url=url, cancel_url=url) == {}


@pytest.mark.requirement("api.addresses")
@pytest.mark.parametrize(
    "host", [*LOOKALIKES, "", "localhost.", ".", "127.1", "0x7f.0.0.1", "2130706433", "127.0.0.1."]
)
def test_a_host_that_looks_like_this_machine_needs_tls(host: str) -> None:
    assert (is_loopback(host.strip("[]")), is_loopback_name(host)) == (False, False)
    url = f"http://{host}/"
    assert refused(return_url=url, cancel_url=url).keys() == {"return_url", "cancel_url"}


@pytest.mark.requirement("api.addresses")
@pytest.mark.parametrize("host", LOOKALIKES)
def test_with_tls_it_is_an_address_like_any_other(host: str) -> None:
    assert refused(return_url=f"https://{host}/") == {}


@pytest.mark.requirement("api.addresses")
@pytest.mark.parametrize("rest", USERINFO)
@pytest.mark.parametrize("scheme", ["https", "http", "HTTPS"])
def test_a_url_that_names_somebody_before_its_host_is_refused(scheme: str, rest: str) -> None:
    url = f"{scheme}://{rest}"
    assert refused(return_url=url, cancel_url=url).keys() == {"return_url", "cancel_url"}
    fonts = {"theme_config": {"font_primary_url": url, "font_secondary_url": url}}
    assert {path.rpartition(".")[2] for path in refused(customization=fonts)} == {
        "font_primary_url",
        "font_secondary_url",
    }
