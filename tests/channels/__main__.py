"""Tries each channel in turn."""

import faulthandler
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

from channels import CHANNELS, secret_of
from channels.registry import Seen
from checkout_server.privacy.logs import hooks, install, stderr, third_party
from checkout_server.privacy.logs.events import emit
from checkout_server.privacy.personal_values.tripwire import Registry

faulthandler.enable()
Registry.holds = lambda _self, text: "prompts/get" in text  # type: ignore[method-assign] - a tripwire that knows one word
Seen.folder = Path(sys.argv[1])
layers: dict[str, Any] = {"hooks": hooks, "stderr": stderr, "third_party": third_party}
for name in sys.argv[2:]:
    layers[name].install = lambda: None
if "stderr" in sys.argv[2:]:
    from checkout_server.privacy.logs.lines import output

    output.open(os.fdopen(os.dup(2), "wb"))
else:
    stderr.take_stdout()
install.install_logging()
install.set_level("DEBUG")
stderr.QUIET_SECONDS = 0
logging.root.addHandler(Seen())
warnings.simplefilter("always")
for number, (name, (leak, _expected)) in enumerate(CHANNELS.items()):
    emit("shutdown.draining", count=number)
    leak(secret_of(name))
