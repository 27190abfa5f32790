"""Every way that we know for a text to get out of a Python process, each tried with a secret of its own.

Run in a process of its own: ``python -m channels FOLDER LAYER...`` leaves out the layers that are named. What handlers
of others saw is in ``FOLDER/seen``. An event of ours stands before each channel's lines on stderr.
"""

import importlib

from channels.registry import CHANNELS, secret_of

__all__ = ["CHANNELS", "secret_of"]

for subject in ("records", "loggers", "exceptions", "streams", "events", "interpreter"):
    # In this order: the process ends with the last channel of the last.
    importlib.import_module(f"channels.{subject}")
