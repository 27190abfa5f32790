"""``python -m checkout_server``."""

import sys

from checkout_server.cli import main

sys.exit(main())
