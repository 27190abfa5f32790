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
            (
                f"[{target.title}]({target.source})",
                code(f"install {name}"),
                code(str(target.user()).replace(str(HOME), "~")),
                code(target.project) if target.project else "",
                target.afterwards,
            )
            for name, target in TARGETS.items()
        ]
    return table(("client", "command", "file (on Linux)", "with `--scope project`", "afterwards"), rows)
