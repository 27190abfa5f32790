"""Where the ledger of a command is, in words for who runs it."""

from urllib.parse import urlsplit

from checkout_server.checkout.ledger.sqlite import default_path
from checkout_server.privacy.text import shown
from checkout_server.settings import Settings

_WITHHELD = "the PostgreSQL database of CHECKOUT_LEDGER"


def ledger_place(settings: Settings) -> str:
    """The path of the file, or the URL of the database without user, password and options."""
    if settings.ledger_url is None:
        return shown(str(settings.ledger_path or default_path()), 500)
    try:
        parts = urlsplit(settings.ledger_url.get_secret_value())
    except ValueError:
        return _WITHHELD
    if "@" in parts.path + parts.query + parts.fragment:
        return _WITHHELD  # perhaps of a password with a / or ?, whose beginning would pass for the host
    return shown(f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}", 500)
