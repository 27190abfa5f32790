"""The clients that ``install`` knows, from its table."""

import os
from pathlib import Path
from unittest.mock import patch

from checkout_server.clients.targets import TARGETS
from docs.generate.markdown import code, table

HOME = Path("/home/you")


def clients() -> str:
    with patch.dict(os.environ, {"HOME": str(HOME)}, clear=True):  # whoever writes the documents has folders elsewhere
        rows = [
            (target.title, code(f"install {name}"), code(str(target.path()).replace(str(HOME), "~")), target.afterwards)
            for name, target in TARGETS.items()
        ]
    return table(("client", "command", "file (on Linux)", "afterwards"), rows)
