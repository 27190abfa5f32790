"""The lines that point a program at the sandbox."""

from html import escape


def connecting(url: str) -> str:
    """Settings of a server, and a call by which to see that it works."""
    settings = f"DODO_PAYMENTS_BASE_URL={url} DODO_PAYMENTS_API_KEY=anything"
    lines = {
        "settings": ("Settings of a server", settings),
        "check": ("Check a server", f"{settings} dodo-checkout-mcp doctor"),
        "request": ("Call the API", f'curl -H "Authorization: Bearer anything" {url}/products'),
    }
    rows = "".join(_line(name, title, text) for name, (title, text) in lines.items())
    return f"""<section id="connect" aria-labelledby="connect-title"><h2 id="connect-title">Connect a server</h2>
<p>Any API key is accepted. The official SDKs read the same two settings.</p>
{rows}<p role="status" id="announcement" class="quiet"></p></section>"""


def _line(name: str, title: str, text: str) -> str:
    return f"""<h3>{title}</h3>
<div class="line"><code id="{name}">{escape(text)}</code>
<button type="button" data-copies="{name}" hidden>Copy<span class="unseen"> {title}</span></button></div>"""
