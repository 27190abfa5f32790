"""ISO 4217 currency codes that the payment API takes, and their minor units."""

from decimal import Decimal

CURRENCIES = frozenset(
    """
    AED ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD
    HNL HRK HTG HUF IDR ILS INR IQD JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP
    PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SZL THB TND TOP
    TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
    """.split()
)

_EXPONENTS = {
    0: "BIF CLP DJF GNF JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(),
    3: "BHD IQD JOD KWD LYD OMR TND".split(),
}
"""ISO 4217 minor units that are not 2."""

MINOR_UNIT_EXPONENTS = {code: exponent for exponent, codes in _EXPONENTS.items() for code in codes}


def display(amount: int, currency: str) -> str:
    """An amount in minor units as text, for example ``USD 1,234.50``, ``JPY 1,500``, ``KWD 1.250``."""
    return f"{currency} {display_number(amount, currency)}"


def display_number(amount: int, currency: str) -> str:
    """The same without its currency, for where that stands already."""
    exponent = MINOR_UNIT_EXPONENTS.get(currency, 2)
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**exponent)
    return f"{sign}{whole:,}" + (f".{part:0{exponent}d}" if exponent else "")


def display_fraction(amount: str, currency: str) -> str:
    """A decimal number of minor units as text: ``0.25`` of USD is ``USD 0.0025``, ``50`` is ``USD 0.50``."""
    exponent = MINOR_UNIT_EXPONENTS.get(currency, 2)
    major = Decimal(amount).scaleb(-exponent)
    shortest = f"{major.normalize():,f}"
    digits = len(shortest.partition(".")[2])
    return f"{currency} {shortest if digits >= exponent else f'{major:,.{exponent}f}'}"
