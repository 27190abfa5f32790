"""Every way that we know for a text to get out of a Python process, each tried with a secret of its own.

Run as a script in a process of its own: ``channel_probe.py FOLDER LAYER...`` leaves out the layers that are named. What
handlers of others saw is in ``FOLDER/seen``. An event of ours stands before each channel's lines on stderr.
"""

# ruff: noqa: T201, B028, TRY, BLE001, S110, LOG - these are the leaks

import asyncio
import faulthandler
import gc
import logging
import logging.handlers
import os
import queue
import subprocess
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHANNELS: dict[str, tuple[Callable[[str], Any], dict[str, Any]]] = {}
"""Name → what leaks, and what must be told of it all the same."""


def channel(event: str = "library.logged", **fields: Any) -> Callable[[Callable[[str], Any]], Callable[[str], Any]]:
    def register(function: Callable[[str], Any]) -> Callable[[str], Any]:
        CHANNELS[function.__name__] = (function, {"event": event, **fields})
        return function

    return register


def silent(function: Callable[[str], Any]) -> Callable[[str], Any]:
    """A channel of which nothing is told."""
    CHANNELS[function.__name__] = (function, {})
    return function


def secret_of(name: str) -> str:
    """An identifier, so that it can be a name of anything."""
    return f"hunter2_{list(CHANNELS).index(name):02}_secret"


class Seen(logging.Handler):
    """A handler that somebody else added. It writes down all that it can reach."""

    folder = Path()

    def emit(self, record: logging.LogRecord) -> None:
        text = logging.Formatter("%(message)s %(name)s %(threadName)s %(pathname)s").format(record)
        with (self.folder / "seen").open("a") as file:
            file.write(f"{text} {vars(record)!r}\n")


library = logging.getLogger("pydantic")
early_child = logging.getLogger("pydantic.main")
early_handler = logging.StreamHandler()
early_stderr = sys.stderr


def crashed(secret: str) -> Exception:
    """An exception that has been raised, with a cause, a note and locals."""
    try:
        try:
            raise KeyError(secret)
        except KeyError as cause:
            raise ValueError(f"{secret} is wrong") from cause
    except ValueError as error:
        error.add_note(secret)
        return error


@channel(logger="pydantic")
def message(secret: str) -> None:
    library.error(f"for {secret}")


@channel(logger="pydantic", where="__main__:?")
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
    exec(compile(f"def {secret}(): library.error('x', stack_info=True)\n{secret}()", secret, "exec"), globals())  # noqa: S102


@channel(logger="pydantic", level="ERROR")
def made_record(secret: str) -> None:
    library.handle(
        logging.makeLogRecord({"name": "pydantic", "levelno": 40, "msg": secret, "exc_text": secret, "x": secret})
    )


@channel(logger="other")
def record_of_another_name(secret: str) -> None:
    library.callHandlers(library.makeRecord(secret, 40, secret, 1, secret, (), None, secret, {"x": secret}, secret))


@channel(logger="pydantic")
def adapter(secret: str) -> None:
    logging.LoggerAdapter(library, {"buyer": secret}).error(secret)


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
    def callHandlers(self, record: logging.LogRecord) -> None:  # noqa: N802
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


@channel(logger="pydantic", level="WARNING")
def level_named_by_data(secret: str) -> None:
    logging.addLevelName(35, secret)
    library.log(35, "x")


@channel(logger="pydantic", error_type="ValueError")
def exception_type_named_by_data(secret: str) -> None:
    library.error("x", exc_info=type(secret, (ValueError,), {})())


@channel(logger="pydantic", error_type="Exception")
def exception_type_that_claims_a_module(secret: str) -> None:
    claims = {"__module__": "builtins", "__qualname__": "ValueError"}
    library.error("x", exc_info=type(secret, (Exception,), claims)())


@channel(logger="pydantic", error_type="ExceptionGroup", causes=["ValueError", "KeyError"])
def exception_group(secret: str) -> None:
    library.error("x", exc_info=ExceptionGroup(secret, [crashed(secret)]))


@channel(logger="pydantic", error_type="RuntimeError", frames=["?", "?"])
def frame_of_code_from_data(secret: str) -> None:
    try:
        exec(compile(f"def {secret}(): raise RuntimeError\n{secret}()", secret, "exec"), {"__name__": secret})  # noqa: S102
    except RuntimeError as error:
        library.error("x", exc_info=error.with_traceback(error.__traceback__ and error.__traceback__.tb_next))


@channel(logger="pydantic")
def thread_named_by_data(secret: str) -> None:
    thread = threading.Thread(target=lambda: library.error("x"), name=secret)
    thread.start()
    thread.join()


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


@channel(logger="pydantic")
def record_factory(secret: str) -> None:
    class Record(logging.LogRecord):
        def getMessage(self) -> str:  # noqa: N802
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


@channel("library.logged", logger="httpx2", method="GET", route="/checkouts/{id}", status=200)
def url_of_a_request(secret: str) -> None:
    import httpx2

    assert httpx2
    url = f"https://api.example/checkouts/cks_{secret}?email={secret}"
    logging.getLogger("httpx2").info('HTTP Request: %s %s "%s %d %s"', "GET", url, "HTTP/1.1", 200, secret)


@channel("library.logged", logger="uvicorn.access", method="POST", route="/mcp", status=200)
def access_log(secret: str) -> None:
    from uvicorn.logging import AccessFormatter

    logger, handler = logging.getLogger("uvicorn.access"), Seen()
    handler.format = AccessFormatter("%(client_addr)s %(request_line)s %(status_code)s").format  # type: ignore[method-assign]
    logger.addHandler(handler)
    logger.info('%s - "%s %s HTTP/%s" %d', f"10.0.0.1{secret}", "POST", f"/mcp?buyer={secret}", "1.1", 200)
    logger.removeHandler(handler)


@channel("library.logged", logger="pydantic", tool="preview_checkout")
def known_template(secret: str) -> None:
    library.info("Tool %r rejected arguments: %r", "preview_checkout", [secret])


@channel("library.logged", logger="pydantic", template="Tool %r failed: %r")
def known_template_of_an_unknown_tool(secret: str) -> None:
    library.info("Tool %r failed: %r", secret, secret)


@channel(logger="asyncio", template="Task exception was never retrieved", error_type="ValueError")
def task_that_nobody_awaits(secret: str) -> None:
    async def fail() -> None:
        raise ValueError(secret)

    async def main() -> None:
        task = asyncio.create_task(fail(), name=secret)
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(main())


@channel("stderr.text")
def exception_handler_of_a_loop(secret: str) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: print(context, file=sys.stderr, flush=True))
        loop.call_exception_handler({"message": secret})

    asyncio.run(main())


@channel(logger="pydantic", error_type="ValidationError")
def pydantic_error(secret: str) -> None:
    from pydantic import BaseModel, ValidationError

    class Order(BaseModel):
        quantity: int

    try:
        Order(quantity=secret)  # type: ignore[arg-type]
    except ValidationError as error:
        library.error("for %s %s", error, error.errors(), exc_info=True)


@channel("thread.crashed", error_type="ValueError", causes=["KeyError"])
def thread_crash(secret: str) -> None:
    def fail() -> None:
        raise crashed(secret)

    thread = threading.Thread(target=fail, name=secret)
    thread.start()
    thread.join()


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


@channel("stderr.text", lines=1, bytes=18)
def printed(secret: str) -> None:
    print(secret, file=sys.stderr, flush=True)


@channel("stderr.text")
def printed_traceback(secret: str) -> None:
    traceback.print_exception(crashed(secret))
    sys.stderr.flush()


@channel("stderr.text")
def original_stderr(secret: str) -> None:
    assert sys.__stderr__ is not None
    sys.__stderr__.write(f"{secret}\n")
    sys.__stderr__.flush()


@channel("stderr.text")
def buffer_of_stderr(secret: str) -> None:
    sys.stderr.buffer.write(f"{secret}\n".encode())
    sys.stderr.flush()


@channel("stdout.text")
def printed_on_stdout(secret: str) -> None:
    print(secret, flush=True)


@channel("privacy.withheld", where="pydantic")
def personal_value_in_an_allowed_field(secret: str) -> None:
    library.warning("dropped %r: malformed params", "prompts/get", extra={"buyer": secret})


@channel("privacy.withheld", where="stderr")
def personal_value_on_stderr(secret: str) -> None:
    print(secret, "prompts/get", file=sys.stderr, flush=True)


@silent
def fault_handler_from_before(secret: str) -> None:
    if faulthandler.is_enabled():
        (Seen.folder / "seen").write_text(secret)


@silent
def stderr_from_before(secret: str) -> None:
    early_stderr.write(f"{secret}\n")
    early_stderr.flush()


@silent
def descriptor(secret: str) -> None:
    os.write(2, f"{secret}\n".encode())


@silent
def child_process(secret: str) -> None:
    subprocess.run(["echo", secret], stdout=2, check=False) if os.name == "posix" else None


@silent
def fault_dump(secret: str) -> None:
    script = f"import faulthandler\ndef {secret}(): faulthandler.dump_traceback(file=2)\n{secret}()"
    exec(compile(script, secret, "exec"), {"__name__": "__main__"})  # noqa: S102


@channel("event.undeclared", dropped=1)
def undeclared_event(secret: str) -> None:
    from checkout_server.privacy.events import emit

    emit(secret)  # pyright: ignore[reportArgumentType] - what pyright would see


@channel("tool.finished", tool="list_products", dropped=4)
def wrong_fields(secret: str) -> None:
    from checkout_server.privacy.events import emit

    wrong: dict[str, Any] = {
        "preview_id": secret,
        "buyer": secret,
        "status": secret,
        "paths": [f"product_cart[0].{secret}"],
    }
    emit("tool.finished", tool="list_products", **wrong)


@channel("process.crashed", error_type="ValueError", causes=["KeyError"])
def process_crash(secret: str) -> None:
    """Last, since the process ends with it."""
    raise crashed(secret)


def main() -> None:
    from checkout_server.privacy import hooks, install, stderr, third_party
    from checkout_server.privacy.events import emit
    from checkout_server.privacy.tripwire import Registry

    faulthandler.enable()
    Registry.holds = lambda _self, text: "prompts/get" in text  # type: ignore[method-assign]
    Seen.folder = Path(sys.argv[1])
    layers: dict[str, Any] = {"hooks": hooks, "stderr": stderr, "third_party": third_party}
    for name in sys.argv[2:]:
        layers[name].install = lambda: None
    if "stderr" in sys.argv[2:]:
        from checkout_server.privacy.lines import output

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


if __name__ == "__main__":
    main()
