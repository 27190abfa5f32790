"""``policy --check``: whether a file can be used as the policy."""

import os
from pathlib import Path

from checkout_server.checkout.policy.document import Policy, PolicyUnusable, load_policy, sections_of
from checkout_server.checkout.policy.narrowing import tables_of
from checkout_server.privacy.text import shown

MOST_NAMED = 10
"""Problems of one file; more are counted."""
_LIVE = "live_mode"


def check_file(path: Path) -> int:
    """Print the file's problems by key, or which keys it sets; 0 when it can be used, else 1.

    What only live_mode forbids is a problem where this environment is live_mode, and a note anywhere else.
    """
    name = shown(str(path), 500)
    environment = _LIVE if os.environ.get("DODO_PAYMENTS_ENVIRONMENT") == _LIVE else "sandbox"
    try:
        policy = load_policy(path, environment)
    except PolicyUnusable as error:
        for problem in error.problems[:MOST_NAMED]:
            print(f"{name}: {problem}")
        if len(error.problems) > MOST_NAMED:
            print(f"{name}: {len(error.problems) - MOST_NAMED} more problems")
        return 1
    keys = _keys_of(policy)
    print(f"{name}: ok, sets {', '.join(keys) or 'nothing, so nothing is limited'}")
    try:
        load_policy(path, _LIVE)
    except PolicyUnusable as error:
        print(f"{name}: not for live_mode: {error.problems[0]}")
    return 0


def _keys_of(policy: Policy) -> list[str]:
    """The keys that a file sets: for everybody, then in its sections."""
    sections = [("", policy), *((f"{place}.", section) for place, section in sections_of(policy))]
    return [
        f"{place}{table}.{key}" for place, section in sections for table, keys in tables_of(section) for key in keys
    ]
