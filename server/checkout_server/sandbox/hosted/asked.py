"""What an order leaves to the buyer on the page, and what it asks for."""

from checkout_server.sandbox.body import Body, part

ADDRESS = ("country", "street", "city", "state", "zipcode")
COUNTRIES = {
    "AE": "United Arab Emirates", "AR": "Argentina", "AT": "Austria", "AU": "Australia", "BE": "Belgium",
    "BR": "Brazil", "CA": "Canada", "CH": "Switzerland", "CN": "China", "CZ": "Czechia", "DE": "Germany",
    "DK": "Denmark", "EG": "Egypt", "ES": "Spain", "FI": "Finland", "FR": "France", "GB": "United Kingdom",
    "GR": "Greece", "HK": "Hong Kong", "HU": "Hungary", "ID": "Indonesia", "IE": "Ireland", "IL": "Israel",
    "IN": "India", "IT": "Italy", "JP": "Japan", "KE": "Kenya", "KR": "South Korea", "KW": "Kuwait",
    "MX": "Mexico", "MY": "Malaysia", "NG": "Nigeria", "NL": "Netherlands", "NO": "Norway", "NZ": "New Zealand",
    "PH": "Philippines", "PL": "Poland", "PT": "Portugal", "RO": "Romania", "SA": "Saudi Arabia", "SE": "Sweden",
    "SG": "Singapore", "TH": "Thailand", "TR": "Türkiye", "TW": "Taiwan", "UA": "Ukraine", "US": "United States",
    "VN": "Vietnam", "ZA": "South Africa",
}  # fmt: skip
"""Those that the page offers, in English; a browser that runs scripts names them in the page's language."""
US_STATES = {
    each: each
    for each in """
    AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH OK OR
    PA RI SC SD TN TX UT VA VT WA WI WV WY
    """.split()
}
_STATES_MATTER = frozenset({"US", "CA", "AU", "IN", "BR", "MX"})
_NO_ZIPCODES = frozenset({"AE", "HK", "KE", "KW"})
_ZIPCODES_TAXED = frozenset({"US", "CA", "IN", "GB"})
"""Where an address that is kept minimal needs its postal code for the tax; made up."""


def flag(order: Body, name: str, *, default: bool = True) -> bool:
    """A switch of the page; the defaults are those of the official SDK's types."""
    value = part(order, "feature_flags").get(name)
    return default if value is None else value is True


def given(order: Body, name: str) -> str:
    """What an order already says of its buyer; "" for nothing."""
    if name in ADDRESS:
        return part(order, "billing_address").get(name) or ""
    if name == "phone":
        return part(order, "customer").get("phone_number") or ""
    return order.get({"business_name": "customer_business_name"}.get(name, name)) or ""


def may_edit(order: Body, name: str, value: str) -> bool:
    """Whether the buyer may fill in or change something. The provider documents no default: only false forbids."""
    return not value or flag(order, f"allow_customer_editing_{name}")


def takes_codes(order: Body) -> bool:
    """Whether the buyer may enter a discount code."""
    return flag(order, "allow_discount_code") and not part(order, "subscription_data").get("on_demand")


def asks_tax_id(order: Body) -> bool:
    """Whether somebody may buy as a business."""
    return flag(order, "allow_tax_id") or flag(order, "allow_customer_editing_tax_id", default=False)


def asked_address(order: Body, country: str) -> dict[str, bool]:
    """The parts of the address that the page asks for, each with whether it is required."""
    minimal = order.get("minimal_address")
    if flag(order, "single_page", default=False) if minimal is None else minimal:
        return {"country": True} | ({"zipcode": True} if country in _ZIPCODES_TAXED else {})
    return {
        "country": True,
        "street": True,
        "city": True,
        "state": country in _STATES_MATTER,
        "zipcode": country not in _NO_ZIPCODES,
    }
