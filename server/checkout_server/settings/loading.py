"""Reading the settings: whatever could mean something else than it says stops the start."""

import os
from typing import Any

from pydantic import ValidationError

from checkout_server.privacy.text import shown
from checkout_server.settings.api_urls import reaches_live_api
from checkout_server.settings.model import Settings
from checkout_server.settings.names import find_misspelt, find_unknown, spellings, without_settings
from checkout_server.settings.values import NO_KEY, REPAIRS


class SettingsError(Exception):
    """A setting cannot be used. The text is one sentence that names the setting, never its value."""


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
