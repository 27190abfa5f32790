"""ISO 4217 currency codes that the payment API takes, and their minor units."""

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
    """An amount in minor units as text, for example ``USD 12.34``, ``JPY 1500``, ``KWD 1.250``."""
    exponent = MINOR_UNIT_EXPONENTS.get(currency, 2)
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**exponent)
    return f"{currency} {sign}{whole}" + (f".{part:0{exponent}d}" if exponent else "")
