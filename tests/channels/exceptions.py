"""Exceptions whose names, places and texts are data."""

import asyncio
import gc
import sys

from channels.registry import channel, crashed, library


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
        exec(compile(f"def {secret}(): raise RuntimeError\n{secret}()", secret, "exec"), {"__name__": secret})  # noqa: S102 - the leak
    except RuntimeError as error:
        library.error("x", exc_info=error.with_traceback(error.__traceback__ and error.__traceback__.tb_next))


@channel(logger="pydantic", error_type="ValidationError")
def pydantic_error(secret: str) -> None:
    from pydantic import BaseModel, ValidationError

    class Order(BaseModel):
        quantity: int

    try:
        Order(quantity=secret)  # type: ignore[arg-type] - wrong on purpose
    except ValidationError as error:
        library.error("for %s %s", error, error.errors(), exc_info=True)


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
