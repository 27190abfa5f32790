"""What can be set, and what each setting may hold."""

import base64
import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, SecretStr, field_validator

from checkout_schemas.personal import DiscreetModel
from checkout_schemas.results import Environment
from checkout_schemas.web_addresses import web_address
from checkout_server.settings.api_urls import BASE_URLS
from checkout_server.settings.values import HostNames, Networks, Origins, refuse_placeholder, sign_in_address

_URL = re.compile("[A-Za-z][A-Za-z0-9+.-]+:|postgres(ql)?/")
"""What was meant as one, and may hold a password; one letter and a colon are a drive of Windows."""
_POSTGRESQL = ("postgresql://", "postgres://")
_SQLITE = "sqlite:///"
"""As in SQLAlchemy: what follows is the path, so that an absolute one makes a fourth slash."""


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


def expanded(path: str) -> Path:
    """A path with its ``~``, unless that names somebody who has no home here."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)
