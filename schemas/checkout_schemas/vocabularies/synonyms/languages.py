"""What languages are called elsewhere: English names, ISO 639-2 codes, tags with a region, and usual mistakes."""

_WORDS = {
    "ar": "arabic ara ar-ae ar-sa",
    "ca": "catalan cat",
    "de": "german deu ger deutsch de-at de-ch de-de",
    "en": "english eng en-au en-ca en-gb en-us us",
    "es": "spanish spa español castellano es-es es-mx es-419",
    "fr": "french fra fre français fr-ca fr-fr",
    "he": "hebrew heb iw",
    "id": "indonesian ind",
    "it": "italian ita italiano it-it",
    "ja": "japanese jpn jp ja-jp",
    "ko": "korean kor kr ko-kr",
    "ms": "malay msa may",
    "nl": "dutch nld dut flemish nl-be nl-nl",
    "pl": "polish pol pl-pl",
    "pt": "portuguese por português pt-br pt-pt",
    "ro": "romanian ron rum moldavian",
    "ru": "russian rus ru-ru",
    "sv": "swedish swe sv-se",
    "th": "thai tha",
    "tr": "turkish tur",
    "zh": "chinese zho chi mandarin cn zh-cn zh-hans zh-hant zh-hk zh-tw",
}

LANGUAGE_WORDS: dict[str, tuple[str, ...]] = {word: (code,) for code, words in _WORDS.items() for word in words.split()}
