"""What states and provinces are called elsewhere: their names, ISO 3166-2 codes, and usual abbreviations."""

from checkout_schemas.vocabularies.states import CANADIAN_PROVINCES, US_STATES

_US_WORDS = {
    "Calif.": "CA", "Cali": "CA", "Mass.": "MA", "Penn.": "PA", "Fla.": "FL", "Tex.": "TX", "Wash.": "WA",
    "Washington State": "WA", "Washington DC": "DC", "New York State": "NY", "US Virgin Islands": "VI",
}  # fmt: skip
_CANADIAN_WORDS = {
    "PQ": "QC", "Newfoundland": "NL", "NF": "NL", "Labrador": "NL", "Yukon Territory": "YT", "NWT": "NT", "PEI": "PE",
    "Ont.": "ON", "Colombie-Britannique": "BC",
}  # fmt: skip


def _table(country: str, names: dict[str, str], words: dict[str, str]) -> dict[str, tuple[str, ...]]:
    found = {name: (code,) for code, name in names.items()} | {word: (code,) for word, code in words.items()}
    return found | {f"{country}-{code}": (code,) for code in names}


US_STATE_WORDS = _table("US", US_STATES, _US_WORDS)
CANADIAN_PROVINCE_WORDS = _table("CA", CANADIAN_PROVINCES, _CANADIAN_WORDS)
