"""Loggers, handlers and filters that others made, before or after us."""

import logging
import logging.handlers
import queue
from typing import Any

from channels.registry import Seen, channel, crashed, library

early_child = logging.getLogger("pydantic.main")
early_handler = logging.StreamHandler()


@channel(logger="asyncio")
def queue_listener(secret: str) -> None:
    records: queue.Queue[Any] = queue.Queue()
    logger, handler = logging.getLogger("asyncio"), logging.handlers.QueueHandler(records)
    listener = logging.handlers.QueueListener(records, Seen())
    logger.addHandler(handler)
    listener.start()
    logger.error("for %s", secret, exc_info=crashed(secret))
    listener.stop()
    logger.removeHandler(handler)


@channel(logger="other")
def logger_named_by_data(secret: str) -> None:
    logging.getLogger(secret).error("x")


@channel(logger="pydantic")
def child_named_by_data(secret: str) -> None:
    logging.getLogger(f"pydantic.{secret}").error("x")


@channel(logger="other")
def own_handler_without_propagation(secret: str) -> None:
    logger = logging.getLogger("somebody")
    logger.propagate = False
    logger.addHandler(Seen())
    logger.addHandler(logging.StreamHandler())
    logger.error(secret)


class OwnHandle(logging.Logger):
    def handle(self, record: logging.LogRecord) -> None:
        for handler in logging.root.handlers:
            handler.handle(record)


class OwnCallHandlers(logging.Logger):
    def callHandlers(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        for handler in logging.root.handlers:
            handler.handle(record)


@channel(logger="other")
def logger_with_its_own_handle(secret: str) -> None:
    OwnHandle("mine").error(secret)


@channel(logger="other")
def logger_that_calls_handlers_itself(secret: str) -> None:
    OwnCallHandlers("mine").error(secret)


@channel(logger="root")
def root_logger(secret: str) -> None:
    logging.error(secret)


@channel(logger="pydantic.main")
def logger_from_before(secret: str) -> None:
    early_child.error(secret)


@channel(logger="pydantic")
def handler_from_before(secret: str) -> None:
    logging.root.addHandler(early_handler)
    library.error(secret)
    logging.root.removeHandler(early_handler)


@channel(logger="pydantic")
def raw_handler_on_root(secret: str) -> None:
    """As the official client's DODO_PAYMENTS_LOG=debug adds one."""
    handler = logging.StreamHandler()
    logging.root.addHandler(handler)
    library.error("%s", secret)
    logging.root.removeHandler(handler)


@channel(logger="pydantic")
def last_resort(secret: str) -> None:
    handlers, logging.root.handlers = logging.root.handlers, []
    library.error(secret)
    logging.root.handlers = handlers


@channel("logging.failed", error_type="ValueError")
def handler_that_fails(secret: str) -> None:
    class Failing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            try:
                raise ValueError(secret)
            except ValueError:
                self.handleError(record)

    handler = Failing()
    logging.raiseExceptions = True
    logging.root.addHandler(handler)
    library.error("for %s", secret)
    logging.root.removeHandler(handler)


@channel(logger="pydantic")
def filter_that_adds(secret: str) -> None:
    def add(record: logging.LogRecord) -> bool:
        record.buyer, record.msg, record.args = secret, secret, ()
        return True

    library.addFilter(add)
    library.error("x")
    library.removeFilter(add)


@channel(logger="pydantic")
def filter_that_reads(secret: str) -> None:
    def read(record: logging.LogRecord) -> bool:
        with (Seen.folder / "seen").open("a") as file:
            file.write(f"{record.getMessage()} {vars(record)!r}\n")
        return True

    library.addFilter(read)
    library.error("for %s", secret)
    library.removeFilter(read)


@channel("library.logged", logger="uvicorn.access", method="POST", route="/mcp", status=200)
def access_log(secret: str) -> None:
    from uvicorn.logging import AccessFormatter

    logger, handler = logging.getLogger("uvicorn.access"), Seen()
    handler.format = AccessFormatter("%(client_addr)s %(request_line)s %(status_code)s").format  # type: ignore[method-assign] - as some programs do
    logger.addHandler(handler)
    logger.info('%s - "%s %s HTTP/%s" %d', f"10.0.0.1{secret}", "POST", f"/mcp?buyer={secret}", "1.1", 200)
    logger.removeHandler(handler)
