"""The frame of every hosted page: its style, its script, and headers that allow nothing else."""

import base64
import hashlib
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from checkout_server.sandbox.body import Body, part
from checkout_server.sandbox.hosted.theme import theme_style
from checkout_server.words.languages import Words

SHOP = "Sandbox shop"
"""As ``GET /brands`` names it."""
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def page(title: str, content: str, words: Words, status: int = 200, *, order: Body | None = None) -> HTMLResponse:
    """A page in an order's look; ``title`` is a word's HTML, and ``content`` HTML with a ``main``."""
    custom = part(order or {}, "customization")
    style = f"{theme_style(str(custom.get('theme')), part(custom, 'theme_config'))}\n{_text('page.css')}"
    script = _text("page.js")
    html = Template(_text("frame.html")).substitute(
        language=words.language,
        direction=words.direction,
        title=title,
        shop=SHOP,
        note=words["sandbox_note"],
        style=style,
        script=script,
        content=content,
    )
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; connect-src 'self'; "
        f"form-action {_form_targets(order or {})}; base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(html, status, headers=HEADERS | {"Content-Security-Policy": policy})


def single(title: str, content: str, words: Words, status: int = 200, *, order: Body | None = None) -> HTMLResponse:
    """A page of one column, with the title as its heading."""
    inner = f'<main class="single"><p class="shop">{escape(SHOP)}</p><h1>{title}</h1>{content}</main>'
    return page(title, inner, words, status, order=order)


def _form_targets(order: Body) -> str:
    """Browsers check this also where an answer sends them on: an order that returns at once names its shop."""
    target: str | None = order.get("return_url") if part(order, "feature_flags").get("redirect_immediately") else None
    if not target:
        return "'self'"
    parts = urlsplit(target)
    is_web = parts.scheme in {"http", "https"}
    return f"'self' {parts.scheme}://{parts.netloc}" if is_web else f"'self' {parts.scheme}:"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _text(name: str) -> str:
    return files("checkout_server.sandbox.hosted").joinpath(name).read_text(encoding="utf-8")
