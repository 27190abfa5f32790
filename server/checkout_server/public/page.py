"""Plain pages with strict headers. They load nothing, run nothing and are kept nowhere."""

import base64
import hashlib
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from starlette.responses import HTMLResponse

from checkout_server.words.languages import ENGLISH, Words, choose_words


@cache
def _text(name: str) -> str:
    return files("checkout_server.public").joinpath(name).read_text(encoding="utf-8")


@cache
def headers() -> dict[str, str]:
    """Of every answer for a browser."""
    style = base64.b64encode(hashlib.sha256(_text("page.css").encode()).digest()).decode()
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def page(title: str, content: str, status: int = 200, *, words: Words | None = None) -> HTMLResponse:
    """A page, in English unless ``words`` are of another language; ``title`` and ``content`` are HTML."""
    words = words or choose_words(ENGLISH, "")
    html = Template(_text("page.html")).substitute(
        language=words.language,
        direction=words.direction,
        title=title,
        style=_text("page.css"),
        content=content,
    )
    return HTMLResponse(html, status, headers=headers())


def message(title: str, sentence: str, status: int) -> HTMLResponse:
    """A page of one sentence, the same for everybody."""
    return page(title, f"<p>{escape(sentence)}</p>", status)
