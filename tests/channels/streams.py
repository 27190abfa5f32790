"""What is printed, and what goes to a descriptor."""

import faulthandler
import os
import subprocess
import sys
import traceback

from channels.registry import Seen, channel, crashed, silent

early_stderr = sys.stderr


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


@channel("privacy.withheld", where="stderr")
def personal_value_on_stderr(secret: str) -> None:
    print(secret, "prompts/get", file=sys.stderr, flush=True)


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
def fault_handler_from_before(secret: str) -> None:
    if faulthandler.is_enabled():
        (Seen.folder / "seen").write_text(secret)


@silent
def fault_dump(secret: str) -> None:
    script = f"import faulthandler\ndef {secret}(): faulthandler.dump_traceback(file=2)\n{secret}()"
    exec(compile(script, secret, "exec"), {"__name__": "__main__"})  # noqa: S102 - the leak
