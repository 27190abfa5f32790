"""Where the payment API is, and whether a URL leads to the live one."""

import unicodedata
from urllib.parse import unquote, urlsplit

BASE_URLS: dict[str, str] = {
    "test_mode": "https://test.dodopayments.com",
    "live_mode": "https://live.dodopayments.com",
}


def reaches_live_api(url: str) -> bool:
    """Whether a request to this URL ends at the live API, in whatever spelling its host is given.

    The HTTP client reads a host by IDNA, other clients and proxies by UTS 46 and percent-decoding; what any of them
    would take for the live host counts.
    """
    host = unicodedata.normalize("NFKC", unquote(urlsplit(url).hostname or "")).replace("。", ".").casefold()
    visible = "".join(character for character in host if unicodedata.category(character) not in {"Cf", "Cc"})
    return visible.rstrip(".") == urlsplit(BASE_URLS["live_mode"]).hostname
