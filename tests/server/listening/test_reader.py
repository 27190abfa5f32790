"""Noticing that nobody reads any more."""

import asyncio
import os
from collections.abc import Callable

import pytest

from checkout_server.listening.loop import new_event_loop
from checkout_server.listening.reader import reader_gone


@pytest.mark.requirement("transport.stop")
@pytest.mark.parametrize("loop", [new_event_loop, asyncio.new_event_loop])
def test_a_closed_pipe_is_noticed_and_an_open_one_stays_as_it_is(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def watched() -> None:
        read, write = os.pipe()
        with reader_gone(write) as gone:
            assert os.get_blocking(write)  # otherwise a long answer would find no room and end the process
            assert not gone.is_set()
            os.close(read)
            await gone.wait()
        with reader_gone(write) as gone:
            await gone.wait()
        os.close(write)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(watched())


@pytest.mark.requirement("transport.stop")
async def test_what_has_no_other_end_is_not_watched() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with reader_gone(nowhere) as gone:
        assert not gone.is_set()
    os.close(nowhere)
