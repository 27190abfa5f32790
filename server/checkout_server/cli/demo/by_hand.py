"""A page that somebody pays by hand: where it is, and the browser that opens it."""

import os
import sys
import threading
import webbrowser

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


def open_in_browser(url: str) -> None:
    """Open a page beside this program. Without a screen nothing is opened: a browser in the terminal would take it."""
    if sys.platform in {"darwin", "win32"} or any(map(os.environ.get, _DISPLAYS)):
        # Some browsers return only when they are closed, and Ctrl-C must not wait for one.
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
