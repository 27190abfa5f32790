"""Where Python itself prints: crashes, what cannot be raised, and warnings."""

import gc
import logging
import sys
import threading
import warnings

from channels.registry import channel, crashed


@channel("python.unraisable", error_type="ValueError")
def unraisable(secret: str) -> None:
    class Broken:
        def __repr__(self) -> str:
            return secret

        def __del__(self) -> None:
            raise ValueError(secret)

    Broken()
    gc.collect()


@channel("python.warned", category="UserWarning")
def warning(secret: str) -> None:
    warnings.warn(secret)


@channel("python.warned", category="UserWarning", where="?")
def warning_from_data(secret: str) -> None:
    warnings.warn_explicit(secret, type(secret, (UserWarning,), {}), secret, 1)


@channel("stderr.text")
def warning_shown_by_others(secret: str) -> None:
    ours, warnings.showwarning = warnings.showwarning, lambda *parts: print(*parts, file=sys.stderr, flush=True)
    warnings.warn(secret)
    warnings.showwarning = ours


@channel(logger="py.warnings")
def captured_warning(secret: str) -> None:
    logging.captureWarnings(True)
    warnings.warn(secret)
    logging.captureWarnings(False)


@channel("thread.crashed", error_type="ValueError", causes=["KeyError"])
def thread_crash(secret: str) -> None:
    def fail() -> None:
        raise crashed(secret)

    thread = threading.Thread(target=fail, name=secret)
    thread.start()
    thread.join()


@channel("process.crashed", error_type="ValueError", causes=["KeyError"])
def process_crash(secret: str) -> None:
    """Last, since the process ends with it."""
    raise crashed(secret)
