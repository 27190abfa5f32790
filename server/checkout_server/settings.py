"""Settings from the environment. An unusable one stops the start with one sentence that names it."""

import difflib
import os
import re
import unicodedata
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from checkout_schemas.personal import DiscreetModel
from checkout_schemas.results import Environment
from checkout_server.privacy.text import shown

BASE_URLS: dict[str, str] = {
    "test_mode": "https://test.dodopayments.com",
    "live_mode": "https://live.dodopayments.com",
}

_REPAIRS = {
    "DODO_PAYMENTS_API_KEY": "must be the API key as the dashboard shows it, without spaces or line breaks",
    "DODO_PAYMENTS_ENVIRONMENT": "must be test_mode or live_mode",
    "DODO_PAYMENTS_BASE_URL": "must be an absolute http:// or https:// URL without credentials",
    "CHECKOUT_LEDGER": "must be the path of a SQLite file or a postgresql:// URL",
    "CHECKOUT_SECRET_KEYS": "must be comma-separated keys of 32 bytes each, base64url or hex",
    "CHECKOUT_LOG_LEVEL": "must be DEBUG, INFO, WARNING, ERROR or CRITICAL",
    "CHECKOUT_LOG_FORMAT": "must be json or text",
    "CHECKOUT_READ_ONLY": "must be true or false",
}


_PREFIXES = ("CHECKOUT_", "DODO_PAYMENTS_")
_URL = re.compile("[A-Za-z][A-Za-z0-9+.-]+:|postgres(ql)?/")
"""What was meant as one, and may hold a password; one letter and a colon are a drive of Windows."""


class SettingsError(Exception):
    """A setting cannot be used. The text is one sentence that names the setting, never its value."""


class Settings(DiscreetModel, BaseSettings):
    """What the operator decides. Names are the official clients' where those have one."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True, populate_by_name=True
    )

    api_key: SecretStr | None = Field(None, alias="DODO_PAYMENTS_API_KEY")
    api_environment: Literal["test_mode", "live_mode"] = Field("test_mode", alias="DODO_PAYMENTS_ENVIRONMENT")
    custom_base_url: str | None = Field(None, alias="DODO_PAYMENTS_BASE_URL")
    policy: str | None = Field(None, alias="CHECKOUT_POLICY")
    ledger: SecretStr | None = Field(None, alias="CHECKOUT_LEDGER")
    """A URL may hold a password."""
    secret_keys: SecretStr | None = Field(None, alias="CHECKOUT_SECRET_KEYS")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field("INFO", alias="CHECKOUT_LOG_LEVEL")
    log_format: Literal["json", "text"] | None = Field(None, alias="CHECKOUT_LOG_FORMAT")
    read_only: bool = Field(False, alias="CHECKOUT_READ_ONLY")

    @field_validator("api_key")
    @classmethod
    def _one_token(cls, key: SecretStr | None) -> SecretStr | None:
        """A header value cannot carry anything else."""
        if key is not None and not (
            key.get_secret_value().isascii()
            and key.get_secret_value().isprintable()
            and " " not in key.get_secret_value()
        ):
            raise ValueError
        return key

    @field_validator("custom_base_url")
    @classmethod
    def _absolute(cls, url: str | None) -> str | None:
        if url is not None:
            parts = urlsplit(url)
            # port: reading it raises for one that is none
            if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.port == 0:
                raise ValueError
        return url

    @field_validator("ledger")
    @classmethod
    def _file_or_postgresql(cls, ledger: SecretStr | None) -> SecretStr | None:
        text = ledger.get_secret_value() if ledger else ""
        if _URL.match(text) and not text.startswith(("postgresql://", "postgres://")):
            raise ValueError
        return ledger

    @property
    def environment(self) -> Environment:
        """Without a key the embedded sandbox serves."""
        return self.api_environment if self.api_key is not None else "sandbox"

    @property
    def base_url(self) -> str:
        """Of the payment API; meaningless in the sandbox."""
        return self.custom_base_url or BASE_URLS[self.api_environment]

    @property
    def policy_path(self) -> Path | None:
        """The policy file, if one is named."""
        return expanded(self.policy) if self.policy is not None else None

    @property
    def ledger_path(self) -> Path | None:
        """The SQLite file, if one is named."""
        if self.ledger is None or self.ledger_url is not None:
            return None
        return expanded(self.ledger.get_secret_value())

    @property
    def ledger_url(self) -> SecretStr | None:
        """The PostgreSQL URL, if one is named."""
        return self.ledger if self.ledger is not None and "://" in self.ledger.get_secret_value() else None


def reaches_live_api(url: str) -> bool:
    """Whether a request to this URL ends at the live API, in whatever spelling its host is given.

    The HTTP client reads a host by IDNA, other clients and proxies by UTS 46 and percent-decoding; what any of them
    would take for the live host counts.
    """
    host = unicodedata.normalize("NFKC", unquote(urlsplit(url).hostname or "")).replace("。", ".").casefold()
    visible = "".join(character for character in host if unicodedata.category(character) not in {"Cf", "Cc"})
    return visible.rstrip(".") == urlsplit(BASE_URLS["live_mode"]).hostname


def _refuse_misspelt() -> None:
    """A misspelt name must not widen what an agent may do. Other programs have variables with these prefixes, too."""
    given = {name.upper(): name for name in sorted(os.environ)}
    known = [field.alias for field in Settings.model_fields.values() if field.alias is not None]
    for upper, name in given.items():
        prefix = next((each for each in _PREFIXES if upper.startswith(each)), None)
        if prefix is None or upper in known:
            continue
        rests = [each.removeprefix(prefix) for each in known if each.startswith(prefix) and each not in given]
        if meant := difflib.get_close_matches(upper.removeprefix(prefix), rests, n=1, cutoff=0.8):
            raise SettingsError(f"{shown(name, 60)} is not a setting; {prefix}{meant[0]} is. Rename or unset it.")


def expanded(path: str) -> Path:
    """A path with its ``~``, unless that names somebody who has no home here."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: naming every setting that cannot be used.
    """
    _refuse_misspelt()
    settings: Settings | None = None
    wrong: set[str] = set()
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        wrong = {str(detail["loc"][0]) for detail in error.errors(include_input=False, include_url=False)}
    if settings is None:  # out here, so that the validation's error, which carries keys, is not even the context
        names = sorted(
            Settings.model_fields[name].alias or name if name in Settings.model_fields else name for name in wrong
        )
        raise SettingsError("; ".join(f"{name} {_REPAIRS[name]}" for name in names) + ".")
    if settings.api_environment == "live_mode" and settings.api_key is None:
        # A variable that came out empty would hand out pages of the sandbox, on which nobody pays.
        raise SettingsError(
            "DODO_PAYMENTS_ENVIRONMENT is live_mode and DODO_PAYMENTS_API_KEY is not set; set the key, "
            "or unset the environment to use the embedded sandbox."
        )
    if settings.custom_base_url is not None and settings.api_key is None:
        raise SettingsError(
            "DODO_PAYMENTS_BASE_URL is set and DODO_PAYMENTS_API_KEY is not; set the key, "
            "or unset the URL to use the embedded sandbox."
        )
    if settings.api_environment != "live_mode" and reaches_live_api(settings.base_url):
        # Otherwise a person would approve a charge of real money under the words "TEST MODE".
        raise SettingsError(
            "DODO_PAYMENTS_BASE_URL is the live API and DODO_PAYMENTS_ENVIRONMENT is not live_mode; set the "
            "environment to live_mode to charge buyers, or unset the URL to stay in test mode."
        )
    if settings.ledger_url is not None and settings.secret_keys is None:
        raise SettingsError(
            "CHECKOUT_LEDGER is a PostgreSQL URL and CHECKOUT_SECRET_KEYS is not set; "
            "set the same keys on every replica."
        )
    return settings
