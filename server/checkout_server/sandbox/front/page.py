"""The page around the front page's sections, and its headers."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from string import Template

from starlette.responses import HTMLResponse


@cache
def _text(name: str) -> str:
    return files("checkout_server.sandbox.front").joinpath(name).read_text(encoding="utf-8")


def _source(name: str) -> str:
    """What a Content-Security-Policy calls an inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(_text(name).encode()).digest()).decode()}'"


@cache
def headers() -> dict[str, str]:
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src {_source('page.css')}; "
        f"script-src {_source('page.js')}; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'",
        # A page that sends no referrer at all sends "null" as the origin of its forms.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


def page(content: str, status: int = 200, *, problem: bool = False) -> HTMLResponse:
    """The front page; ``content`` is HTML."""
    title = "Sandbox shop – test checkouts without money"
    html = Template(_text("page.html")).substitute(
        title=f"Refused – {title}" if problem else title,
        style=_text("page.css"),
        script=_text("page.js"),
        content=content,
    )
    return HTMLResponse(html, status, headers=headers())
