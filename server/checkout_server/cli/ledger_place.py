"""Where the ledger is that a command uses, in words for the operator."""

from urllib.parse import urlsplit

from checkout_server.checkout.ledger.sqlite import default_path
from checkout_server.settings import Settings


def name_ledger(settings: Settings) -> str:
    """The file, or the database without what signs in to it."""
    if settings.ledger_url is None:
        return str(settings.ledger_path or default_path())
    url = urlsplit(settings.ledger_url.get_secret_value())
    return f"postgresql://{url.netloc.rpartition('@')[2]}{url.path}"
