"""How many examples a property is tried on."""

import pytest

_is_thorough = False


def configure_examples(config: pytest.Config) -> None:
    """Take notice of ``--thorough``, before any test is imported."""
    global _is_thorough
    _is_thorough = config.getoption("--thorough") != "without"


def examples(most: int) -> int:
    """All of them with ``--thorough with``; a third in the README's command."""
    return most if _is_thorough else most // 3
