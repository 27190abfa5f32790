"""Where a command's ledger is, told without what signs in to it."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from checkout_server.cli.ledger_place import ledger_place
from checkout_server.settings import Settings

WITHHELD = "the PostgreSQL database of CHECKOUT_LEDGER"


@pytest.mark.requirement("authorization.static")
@pytest.mark.parametrize(
    ("url", "place"),
    [
        (
            "postgresql://seller:hunter2@db.example.com:5433/shop?sslpassword=hunter2",
            "postgresql://db.example.com:5433/shop",
        ),
        ("postgres://db.example.com/shop", "postgresql://db.example.com/shop"),
        ("postgresql://seller:hunter2@a:5432,b:5432/shop", "postgresql://a:5432,b:5432/shop"),
        ("postgresql://seller:hun@ter2@db/shop", "postgresql://db/shop"),
        ("postgresql:///shop?host=/run/postgresql&password=hunter2", "postgresql:///shop"),
        ("postgresql://seller:hunter2/x@db/shop", WITHHELD),
        ("postgresql://seller:hunter2?x@db/shop", WITHHELD),
        ("postgresql://seller:a@hunter2#x@db/shop", WITHHELD),
        ("postgresql://seller:hunter2@[db/shop", WITHHELD),
    ],
)
def test_a_database_is_named_without_user_password_and_options(url: str, place: str) -> None:
    settings = Settings.model_construct(ledger=SecretStr(url))
    assert ledger_place(settings) == place


@pytest.mark.requirement("authorization.static")
def test_a_file_is_named_by_its_path_also_where_it_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ledger_place(Settings.model_construct(ledger=SecretStr(str(tmp_path / "own.db")))) == str(
        tmp_path / "own.db"
    )
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert ledger_place(Settings.model_construct(ledger=None)).startswith(str(tmp_path))
