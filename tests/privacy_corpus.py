"""A generated corpus of buyers: names in 20 scripts, odd e-mails, phones, addresses, tax ids, free text."""

import html
import json
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

NAMES = (
    "Wilhelmina Quackenbush", "Zoë Ødegård-Łuczak", "Ольга Кузнецова", "Αικατερίνη Παπαδοπούλου", "გიორგი ბერიძე",
    "Անահիտ Սարգսյան", "محمد عبدالرحمن", "שירה לוי־כהן", "अनन्या चक्रवर्ती", "তানভীর হোসেন", "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "தமிழ்ச்செல்வி", "తేజస్విని", "สมชาย ใจดีมาก", "ສົມສັກ ພົມມະຈັນ", "មុន្នី សុខា", "မောင်မောင်လွင်", "王小明", "鈴木さくら", "김민수",
    "ᐊᓂᓇᖅ ᓄᑕᕋᖅ", "አበበ ቢቂላ",
)  # fmt: skip
_LOCALS = ("o'hara+shop", "very.unusual_local", "x--y", "Größe.Straße", "UPPER.lower", "1234567890abc")
_DOMAINS = ("mail.example", "bücher.example", "sub.domain.example.org", "xn--bcher-kva.example")
_PHONES = ("+14155550{:03}", "+4915123456{:03}", "+819012345{:03}", "+9715012345{:03}", "+2905{:03}", "+67755{:03}")
_LANDLINES = ("555-7{:03}", "7391{:03}", "(030) 901{:03}", "020 7946 0{:03}", "06 12 34 5{:03}")
_STREETS = ("221b Baker Str. {}", "12 rue de l’Église {}", "ул. Ленина {}", "中山路{}號", "Hauptstraße {}/Hof 3")
_TAX_IDS = ("DE987654{:03}", "GB99988877{:03}", "FRXX9998887{:03}", "CHE-123.456.{:03}")
_BUSINESSES = ("Quackenbush & Søns GmbH {}", "株式会社さくら{}", 'O\'Hara "Best" Ltd {}')
_NOTES = (
    "please call my wife Ingeborg {} before noon",
    "card 4242 4242 4242 4242 exp 12/30 no {}",
    "Ich heiße Ømer, wohne Nr. {}",
    "my password is hunter2-{}",
)
CARD = "5555555555554444"


@dataclass(frozen=True)
class Buyer:
    """Somebody who must not stand in any log."""

    name: str
    email: str
    phone: str
    landline: str
    """Of few digits, as somebody types it."""
    street: str
    city: str
    zipcode: str
    tax_id: str
    business: str
    note: str

    def texts(self) -> Iterator[str]:
        yield from (
            self.name, self.email, self.phone, self.landline, "".join(filter(str.isdigit, self.landline)), self.street,
            self.city, self.zipcode, self.tax_id, self.business, self.note, CARD,
        )  # fmt: skip


def buyers(count: int, seed: int) -> list[Buyer]:
    """The same ones for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - a corpus, not a secret
    return [
        Buyer(
            name=f"{NAMES[number % len(NAMES)]} {dice.choice('ÀÉÎÕÜ')}{number}",
            email=f"{dice.choice(_LOCALS)}{number}@{dice.choice(_DOMAINS)}",
            phone=dice.choice(_PHONES).format(number),
            landline=dice.choice(_LANDLINES).format(number),
            street=dice.choice(_STREETS).format(1000 + number),
            city=f"Łódź-Öst {number}",
            zipcode=f"ZX{9000 + number}Q",
            tax_id=dice.choice(_TAX_IDS).format(number),
            business=dice.choice(_BUSINESSES).format(number),
            note=dice.choice(_NOTES).format(number),
        )
        for number in range(count)
    ]


def forms(text: str) -> set[str]:
    """A text as a log could hold it."""
    normal = {unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")} | {text}
    found: set[str] = set()
    for each in normal:
        found |= {each, each.upper(), each.lower(), each.casefold(), html.escape(each)}
        found |= {repr(each)[1:-1], ascii(each)[1:-1], json.dumps(each)[1:-1], json.dumps(json.dumps(each))[3:-3]}
        found |= {json.dumps(each, ensure_ascii=False)[1:-1]}
        found |= {quote(each, safe=""), quote(each), quote_plus(each), quote(quote(each, safe=""), safe="")}
    return found


def leaks(texts: Iterator[str], output: str) -> set[str]:
    """Which of the texts stand in an output in any form. Knows nothing of how the product looks for them."""
    folded = output.casefold()
    return {text for text in set(texts) for form in forms(text) if form in output or form.casefold() in folded}
