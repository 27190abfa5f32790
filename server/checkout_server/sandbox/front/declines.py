"""How an attempt to pay can end."""

from checkout_server.sandbox.payments import DECLINES


def declines() -> str:
    """What the checkout page can be asked to play."""
    words = "".join(f"<li><code>{each}</code></li>" for each in DECLINES)
    return f"""<section id="declines" aria-labelledby="declines-title"><h2 id="declines-title">Cards and declines</h2>
<p>Every checkout page lets its buyer pay, be asked by the bank (3-D Secure) or be declined, for
any of {len(DECLINES)} documented reasons. After a payment, it plays refunds and disputes.</p>
<details><summary>Reasons of a decline</summary><ul class="words">{words}</ul></details></section>"""
