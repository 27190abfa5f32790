"""Settings from the environment. The server refuses to start on an invalid one, and names it."""

import base64
import os
import re
import unicodedata
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import ConfigDict, Field, SecretStr, ValidationError, field_validator

from checkout_schemas.personal import DiscreetModel
from checkout_schemas.results import Environment
from checkout_schemas.web_addresses import web_address
from checkout_server.privacy.text import shown
from checkout_server.setting_names import find_misspelt, find_unknown, spellings, without_settings
from checkout_server.setting_values import (
    NO_KEY,
    REPAIRS,
    HostNames,
    Networks,
    Origins,
    refuse_placeholder,
    sign_in_address,
)

BASE_URLS: dict[str, str] = {
    "test_mode": "https://test.dodopayments.com",
    "live_mode": "https://live.dodopayments.com",
}

_URL = re.compile("[A-Za-z][A-Za-z0-9+.-]+:|postgres(ql)?/")
"""What was meant as one, and may hold a password; one letter and a colon are a drive of Windows."""
_POSTGRESQL = ("postgresql://", "postgres://")
_SQLITE = "sqlite:///"
"""As in SQLAlchemy: what follows is the path, so that an absolute one makes a fourth slash."""


class SettingsError(Exception):
    """A setting cannot be used. The text is one sentence that names the setting, never its value."""


class Settings(DiscreetModel):
    """What the operator decides. Names are the official clients' where those have one.

    The text below each field is its row in docs/reference.md.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    api_key: SecretStr | None = Field(None, alias="DODO_PAYMENTS_API_KEY")
    """The API key. Without it the embedded sandbox serves."""
    api_environment: Literal["test_mode", "live_mode"] = Field("test_mode", alias="DODO_PAYMENTS_ENVIRONMENT")
    """``test_mode`` or ``live_mode``, which needs a key."""
    custom_base_url: str | None = Field(None, alias="DODO_PAYMENTS_BASE_URL")
    """Another base URL, for proxies and tests. The live API's is refused without ``live_mode``."""
    webhook_key: SecretStr | None = Field(None, alias="DODO_PAYMENTS_WEBHOOK_KEY")
    """The signing key of your webhook endpoint. While keys are rotated, several are separated by blanks."""
    public_url: str | None = Field(None, alias="CHECKOUT_PUBLIC_URL")
    """Where buyers and the provider reach the public listener, such as ``https://shop.example.com``. Sessions without a
    ``return_url`` then lead back to a page of this server."""
    policy: str | None = Field(None, alias="CHECKOUT_POLICY")
    """A TOML file that limits what an agent may do. Without it nothing is limited in rate or amount."""
    ledger: SecretStr | None = Field(None, alias="CHECKOUT_LEDGER")  # a URL may hold a password
    """The SQLite file, as a path or as ``sqlite:///relative`` or ``sqlite:////absolute``, or a ``postgresql://`` URL
    for replicas. By default a file in the user's data directory."""
    secret_keys: SecretStr | None = Field(None, alias="CHECKOUT_SECRET_KEYS")
    """Keys that seal orders at rest: comma-separated, 32 bytes each, base64url or hex. The first seals, all of them
    open. By default one is generated beside a SQLite ledger."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field("INFO", alias="CHECKOUT_LOG_LEVEL")
    """``DEBUG``, ``INFO``, ``WARNING``, ``ERROR`` or ``CRITICAL``. At ``DEBUG`` other libraries are logged below
    ``WARNING`` too."""
    log_format: Literal["json", "text"] | None = Field(None, alias="CHECKOUT_LOG_FORMAT")
    """``json`` or ``text``. By default JSON lines, and text on a terminal."""
    read_only: bool = Field(False, alias="CHECKOUT_READ_ONLY")
    """``true``: quotes and look-ups work, and ``create_checkout_session`` is not offered."""
    auth_issuer: str | None = Field(None, alias="CHECKOUT_AUTH_ISSUER")
    """The authorization server whose access tokens ``serve`` accepts, as its tokens name it in ``iss``. It is set
    together with the next two, or not at all."""
    auth_jwks_url: str | None = Field(None, alias="CHECKOUT_AUTH_JWKS_URL")
    """Where that server publishes the keys that its tokens are verified with."""
    auth_audience: str | None = Field(None, alias="CHECKOUT_AUTH_AUDIENCE")
    """The URL of ``/mcp`` that clients know, such as ``https://shop.example.com/mcp``. A token must name it in
    ``aud``."""
    allowed_hosts: HostNames = Field(frozenset(), alias="CHECKOUT_ALLOWED_HOSTS")
    """Names by which clients reach ``serve``, comma-separated, each with a port or for every port. Loopback names and
    the audience's need not be listed."""
    allowed_origins: Origins = Field(frozenset(), alias="CHECKOUT_ALLOWED_ORIGINS")
    """Origins of web pages that may ask ``serve``, comma-separated, such as ``https://app.example.com``. Pages of this
    machine may ask anyway."""
    trusted_proxies: Networks = Field((), alias="CHECKOUT_TRUSTED_PROXIES")
    """Addresses or networks of proxies, comma-separated, whose ``X-Forwarded-Host`` and ``X-Forwarded-Proto`` count.
    Nobody else's do."""

    @field_validator("api_key", "secret_keys")
    @classmethod
    def _filled_in(cls, keys: SecretStr | None) -> SecretStr | None:
        """What was never filled in, or kept its quotation marks, would only look like a wrong key."""
        for key in keys.get_secret_value().split(",") if keys else ():
            refuse_placeholder(key.strip())
        return keys

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

    @field_validator("webhook_key")
    @classmethod
    def _signing_keys(cls, keys: SecretStr | None) -> SecretStr | None:
        """The verifying package decodes leniently, and would verify by another key than a mistyped one."""
        for key in keys.get_secret_value().split() if keys else ():
            refuse_placeholder(key)
            text = key.removeprefix("whsec_")
            if not base64.b64decode(text + "=" * (-len(text) % 4), validate=True):
                raise ValueError
        return keys

    @field_validator("auth_issuer", "auth_jwks_url", "auth_audience")
    @classmethod
    def _sign_in(cls, url: str | None) -> str | None:
        return sign_in_address(url)

    @field_validator("public_url")
    @classmethod
    def _origin(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(web_address(url))
        if parts.path not in {"", "/"} or "?" in url or "#" in url:
            raise ValueError
        return url.removesuffix("/")

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
        if text.startswith(_SQLITE):
            # In memory every restart would forget what was sold; options would become a part of the file's name.
            if text.removeprefix(_SQLITE) in {"", ":memory:"} or "?" in text:
                raise ValueError
        elif _URL.match(text) and not text.startswith(_POSTGRESQL):
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
    def server_names(self) -> frozenset[str]:
        """The names by which clients reach ``/mcp``, besides those of this machine: as set, and as tokens have it."""
        if self.auth_audience is None:
            return self.allowed_hosts
        return self.allowed_hosts | {urlsplit(self.auth_audience).netloc.lower()}

    @property
    def webhook_keys(self) -> list[str]:
        """Each verifies: the provider signs with the old and the new one while they are rotated."""
        return self.webhook_key.get_secret_value().split() if self.webhook_key is not None else []

    @property
    def policy_path(self) -> Path | None:
        """The policy file, if one is named."""
        return expanded(self.policy) if self.policy is not None else None

    @property
    def ledger_path(self) -> Path | None:
        """The SQLite file, if one is named."""
        if self.ledger is None or self.ledger_url is not None:
            return None
        return expanded(self.ledger.get_secret_value().removeprefix(_SQLITE))

    @property
    def ledger_url(self) -> SecretStr | None:
        """The PostgreSQL URL, if one is named."""
        ledger = self.ledger
        return ledger if ledger is not None and ledger.get_secret_value().startswith(_POSTGRESQL) else None


def reaches_live_api(url: str) -> bool:
    """Whether a request to this URL ends at the live API, in whatever spelling its host is given.

    The HTTP client reads a host by IDNA, other clients and proxies by UTS 46 and percent-decoding; what any of them
    would take for the live host counts.
    """
    host = unicodedata.normalize("NFKC", unquote(urlsplit(url).hostname or "")).replace("。", ".").casefold()
    visible = "".join(character for character in host if unicodedata.category(character) not in {"Cf", "Cc"})
    return visible.rstrip(".") == urlsplit(BASE_URLS["live_mode"]).hostname


NAMES = tuple(field.alias or "" for field in Settings.model_fields.values())
"""Of the variables that are settings."""


def unknown_names() -> list[str]:
    """Variables with a prefix of ours that are no setting: another program's, as far as this server can tell."""
    return [shown(name, 60) or "" for name in find_unknown(os.environ, NAMES)]


def foreign_environment() -> dict[str, str]:
    """This process's environment without its settings, for a server that must have none of them."""
    return without_settings(os.environ, NAMES)


def _given() -> dict[str, str]:
    """The settings of the environment. Capitals do not count, and an empty one counts as unset."""
    given = {name.upper(): value for name, value in os.environ.items() if value}
    return {name: given[name] for name in NAMES if name in given}


def _refuse_misspelt() -> None:
    """A name that nothing reads must not widen what an agent may do."""
    for name, setting in find_misspelt(os.environ, NAMES):
        raise SettingsError(f"{shown(name, 60)} is not a setting; did you mean {setting}? Rename or unset it.")


def _refuse_ambiguous() -> None:
    """Which of two spellings counts would depend on their order in the environment."""
    for setting in NAMES:
        if len(given := spellings(os.environ, setting)) > 1:
            raise SettingsError(f"{setting} is set more than once, as {' and '.join(given)}; unset all but one.")


def _refuse_empty_policy() -> None:
    """Other empty settings count as unset. Without its policy an agent may do anything."""
    for name in spellings(os.environ, "CHECKOUT_POLICY"):
        if not os.environ[name].strip():
            raise SettingsError(f"{name} is empty; name the policy file, or unset it if an agent may do anything.")


def _refuse_half_a_sign_in(settings: Settings) -> None:
    """A server that was to ask for tokens must not start without."""
    given = {
        "CHECKOUT_AUTH_ISSUER": settings.auth_issuer,
        "CHECKOUT_AUTH_JWKS_URL": settings.auth_jwks_url,
        "CHECKOUT_AUTH_AUDIENCE": settings.auth_audience,
    }
    missing = [name for name, value in given.items() if value is None]
    if 0 < len(missing) < len(given):
        present = next(name for name in given if name not in missing)
        verb = "is" if len(missing) == 1 else "are"
        raise SettingsError(f"{present} is set and {' and '.join(missing)} {verb} not; set all three, or none.")


def _problem(field: str, kind: str) -> str:
    name = Settings.model_fields[field].alias or field if field in Settings.model_fields else field
    return f"{name} {NO_KEY.get(kind) or REPAIRS[name]}"


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
    _refuse_ambiguous()
    _refuse_misspelt()
    _refuse_empty_policy()
    settings: Settings | None = None
    wrong: dict[str, str] = {}
    try:
        settings = Settings.model_validate(_given() | overrides)
    except ValidationError as error:
        wrong = {str(each["loc"][0]): each["type"] for each in error.errors(include_input=False, include_url=False)}
    if settings is None:  # out here, so that the validation's error, which carries keys, is not even the context
        raise SettingsError("; ".join(sorted(_problem(field, kind) for field, kind in wrong.items())) + ".")
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
    _refuse_half_a_sign_in(settings)
    if settings.ledger_url is not None and settings.secret_keys is None:
        raise SettingsError(
            "CHECKOUT_LEDGER is a PostgreSQL URL and CHECKOUT_SECRET_KEYS is not set; "
            "set the same keys on every replica."
        )
    return settings
