"""Settings from the environment. The server refuses to start on an invalid one, and names it."""

from checkout_server.settings.loading import SettingsError, load_settings
from checkout_server.settings.model import Settings

__all__ = ["Settings", "SettingsError", "load_settings"]
