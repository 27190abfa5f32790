"""The command line, and afterwards a secret through every logger that exists by then.

Run as a script: ``logger_census.py FILE ARGUMENT...``; the loggers' names are written to FILE.
"""

import logging
import sys
from pathlib import Path

from checkout_server.cli import main

code = main(sys.argv[2:])
loggers = {name: each for name, each in logging.root.manager.loggerDict.items() if isinstance(each, logging.Logger)}
Path(sys.argv[1]).write_text("\n".join(sorted(loggers)))
for _name, logger in sorted(loggers.items()):
    try:
        raise ValueError("hunter2")
    except ValueError:
        logger.critical("for %s", "hunter2", exc_info=True, extra={"buyer": "hunter2"}, stack_info=True)
raise SystemExit(code)
