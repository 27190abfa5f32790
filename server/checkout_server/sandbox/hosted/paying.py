"""The way to pay, on the page: saved methods, a test card, and whatever else the order allows."""

from html import escape

from checkout_server.sandbox.cards import CARDS, Card
from checkout_server.sandbox.hosted.asked import flag
from checkout_server.sandbox.hosted.controls import Attributes, attributes, choice, labelled, text_field
from checkout_server.sandbox.hosted.draft import Draft
from checkout_server.sandbox.hosted.outcome import UPI_FAILS, UPI_PAYS, saved_methods
from checkout_server.sandbox.methods import Method, other_methods, takes_cards
from checkout_server.sandbox.payments import DECLINES
from checkout_server.sandbox.text import text_of


def paying_fields(draft: Draft) -> str:
    """The ways to pay, the first one or the last chosen one open."""
    words = draft.words
    ways = [(each.id, "Visa •••• 4242", "") for each in saved_methods(draft.session, draft.document)]
    if takes_cards(draft.order):
        ways.append(("card", words["card"], _card(draft)))
    ways += [
        (each.type, text_of(each.name), _other(each, draft)) for each in other_methods(draft.order, draft.document)
    ]
    if not ways:
        return f'<fieldset id="methods"><legend>{words["method"]}</legend><p>{words["no_method"]}</p></fieldset>'
    ids = [each for each, _, _ in ways]
    chosen = draft.form.get("method") if draft.form.get("method") in ids else ids[0]
    content = "".join(_way(*way, is_chosen=way[0] == chosen) for way in ways)
    kinds = escape(" ".join(ids))
    return f'<fieldset id="methods" data-ways="{kinds}"><legend>{words["method"]}</legend>{content}</fieldset>'


def _way(way: str, name: str, panel: str, *, is_chosen: bool) -> str:
    radio = attributes({"type": "radio", "name": "method", "value": way, "id": f"way_{way}", "checked": is_chosen})
    inner = f'<div class="panel">{panel}</div>' if panel else ""
    return f'<div class="way"><input{radio}><label for="way_{escape(way)}">{name}</label>{inner}</div>'


def _card(draft: Draft) -> str:
    """The number's pattern keeps every other number in the browser, with scripts and without."""
    words = draft.words
    numbers = "|".join("[ \\-]?".join(number) for number in CARDS)
    common: Attributes = {"inputmode": "numeric", "autocomplete": "off", "data-required": True}
    number, expiry, cvc = (
        text_field(name, words[name], wide=name == "card_number", more={**common, **more})
        for name, more in _card_inputs(numbers, words.plain("problem_card")).items()
    )
    needed = flag(draft.order, "require_cardholder_name", default=False)
    more: Attributes = {"autocomplete": "off", "data-required": True}
    holder = (
        text_field("cardholder", words["cardholder"], draft.form.get("cardholder", ""), more=more) if needed else ""
    )
    never = f'<p class="note" id="never">{words["never_real"]}</p>'
    return f'{never}<div class="fields">{number}{expiry}{cvc}{holder}</div>{_test_cards(draft)}'


def _card_inputs(numbers: str, refusal: str) -> dict[str, Attributes]:
    return {
        "card_number": {
            "placeholder": "4242 4242 4242 4242",
            "maxlength": "25",
            "pattern": numbers,
            "title": refusal,
        },
        "expiry": {"placeholder": "12/34", "maxlength": "7", "pattern": r"(0[1-9]|1[0-2]) ?/ ?(20)?[0-9]{2}"},
        "cvc": {"placeholder": "123", "maxlength": "3", "pattern": "[0-9]{3}"},
    }


def _test_cards(draft: Draft) -> str:
    """For whoever tries out the sandbox: English, as the codes are."""
    rows = "".join(
        f'<li><button type="button" data-card="{card.number}"><code>{_spaced(card.number)}</code></button>'
        f" <small>{_meaning(card)}</small></li>"
        for card in CARDS.values()
    )
    options = [(each, each) for each in DECLINES]
    reason = choice("reason", "Or decline any of them because of", options, "", empty="–")
    return (
        f'<details id="cards"><summary>{draft.words["test_cards"]}</summary>'
        f'<div lang="en" dir="ltr"><ul>{rows}</ul>{reason}</div></details>'
    )


def _meaning(card: Card) -> str:
    return "3-D Secure" if card.is_challenged else card.error_code or "pays"


def _spaced(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _other(method: Method, draft: Draft) -> str:
    if method.type != "upi_collect":
        return f"<p>{draft.words.filled('goes_on', provider=text_of(method.name))}</p>"
    control = attributes(
        {"id": "upi_id", "name": "upi_id", "list": "upi_ids", "autocomplete": "off", "data-required": True,
         "pattern": f"{UPI_PAYS}|{UPI_FAILS}", "placeholder": UPI_PAYS}
    )  # fmt: skip
    known = "".join(f"<option>{each}</option>" for each in (UPI_PAYS, UPI_FAILS))
    field = labelled("upi_id", draft.words["upi_id"], f"<input{control}>", required=True)
    return f'<div class="fields">{field}</div><datalist id="upi_ids">{known}</datalist>'
