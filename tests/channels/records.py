"""Records of other libraries, and what a record can hold."""

import logging
import threading
from typing import Any

from channels.registry import channel, crashed, library


@channel(logger="pydantic")
def message(secret: str) -> None:
    library.error(f"for {secret}")


@channel(logger="pydantic", where="channels/records.py:")
def arguments(secret: str) -> None:
    library.error("for %s", secret)


@channel(logger="pydantic")
def mapping_arguments(secret: str) -> None:
    library.error("for %(who)s", {"who": secret})


@channel(logger="pydantic")
def extras(secret: str) -> None:
    library.error("sold", extra={"buyer": secret, secret: 1})


@channel(logger="pydantic", error_type="ValueError", causes=["KeyError"])
def exception(secret: str) -> None:
    library.error("failed", exc_info=crashed(secret))


@channel(logger="pydantic")
def stack(secret: str) -> None:
    exec(compile(f"def {secret}(): library.error('x', stack_info=True)\n{secret}()", secret, "exec"), globals())  # noqa: S102 - the leak


@channel(logger="pydantic", level="ERROR")
def made_record(secret: str) -> None:
    library.handle(
        logging.makeLogRecord({"name": "pydantic", "levelno": 40, "msg": secret, "exc_text": secret, "x": secret})
    )


@channel(logger="pydantic")
def record_whose_line_is_data(secret: str) -> None:
    record = {"name": "pydantic", "levelno": 40, "msg": "x", "pathname": logging.__file__, "lineno": secret}
    library.handle(logging.makeLogRecord(record))


@channel(logger="other")
def record_of_another_name(secret: str) -> None:
    library.callHandlers(library.makeRecord(secret, 40, secret, 1, secret, (), None, secret, {"x": secret}, secret))


@channel(logger="pydantic")
def adapter(secret: str) -> None:
    logging.LoggerAdapter(library, {"buyer": secret}).error(secret)


@channel(logger="pydantic")
def thread_named_by_data(secret: str) -> None:
    thread = threading.Thread(target=lambda: library.error("x"), name=secret)
    thread.start()
    thread.join()


@channel(logger="pydantic")
def record_factory(secret: str) -> None:
    class Record(logging.LogRecord):
        def getMessage(self) -> str:  # noqa: N802 - logging's name
            return secret

    logging.setLogRecordFactory(Record)
    library.error("x")
    logging.setLogRecordFactory(logging.LogRecord)


@channel(logger="pydantic")
def message_object(secret: str) -> None:
    class Text(str):
        """Claims to be a known template, and reads otherwise."""

        def __hash__(self) -> int:
            return hash("Invalid HTTP request received.")

        def __eq__(self, other: object) -> bool:
            return True

        def partition(self, sep: str) -> Any:
            return (self, "", "")

    library.error(Text(secret))


@channel(logger="pydantic", level="WARNING")
def level_named_by_data(secret: str) -> None:
    logging.addLevelName(35, secret)
    library.log(35, "x")


@channel("library.logged", logger="httpx2", method="GET", route="/checkouts/{id}", status=200)
def url_of_a_request(secret: str) -> None:
    import httpx2

    assert httpx2
    url = f"https://api.example/checkouts/cks_{secret}?email={secret}"
    logging.getLogger("httpx2").info('HTTP Request: %s %s "%s %d %s"', "GET", url, "HTTP/1.1", 200, secret)


@channel("library.logged", logger="pydantic", tool="preview_checkout")
def known_template(secret: str) -> None:
    library.info("Tool %r rejected arguments: %r", "preview_checkout", [secret])


@channel("library.logged", logger="pydantic", template="Tool %r failed: %r")
def known_template_of_an_unknown_tool(secret: str) -> None:
    library.info("Tool %r failed: %r", secret, secret)
