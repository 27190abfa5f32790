"""How often a session is looked at while calls wait for it."""

from collections.abc import Callable

import pytest

from awaited_sessions import NEVER
from checkout_server.checkout.after_sale import waiting


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """How often the API and the ledger are looked at; never, unless a test says so."""

    def set_pace(*, api: float = NEVER, ledger: float = NEVER) -> None:
        monkeypatch.setattr(waiting, "API_PAUSES", (api,))
        monkeypatch.setattr(waiting, "LEDGER_SECONDS", ledger)

    set_pace()
    return set_pace
