"""How an attempt to pay can end."""

from checkout_server.sandbox.cards import CARDS, Card
from checkout_server.sandbox.payments import DECLINES


def declines() -> str:
    """The test cards, and what else the checkout page can be asked to play."""
    cards = "".join(f"<tr><td><code>{card.spaced}</code></td><td>{_end(card)}</td></tr>" for card in CARDS.values())
    words = "".join(f"<li><code>{each}</code></li>" for each in DECLINES)
    return f"""<section id="declines" aria-labelledby="declines-title"><h2 id="declines-title">Cards and declines</h2>
<p>A checkout page takes these cards and no other, with any date to come and any security code.</p>
<table><thead><tr><th scope="col">Card</th><th scope="col">What comes of it</th></tr></thead>
<tbody>{cards}</tbody></table>
<p>Every checkout page also lets its buyer pay without a card, be asked by the bank (3-D Secure) or be declined, for
any of {len(DECLINES)} documented reasons. After a payment, it plays refunds and disputes.</p>
<details><summary>Reasons of a decline</summary><ul class="words">{words}</ul></details></section>"""


def _end(card: Card) -> str:
    if card.is_challenged:
        return "The bank asks the buyer (3-D Secure)"
    return f"Declined: <code>{card.error_code}</code>" if card.error_code else "Pays"
