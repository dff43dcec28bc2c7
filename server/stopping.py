"""When a process is to end: somebody tells it, or whoever started it is gone."""

import asyncio
import signal
import sys


def when_told_to_stop() -> asyncio.Event:
    """Set by SIGTERM and by Ctrl-C."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


async def stop_when_input_ends(stopped: asyncio.Event) -> None:
    """Set `stopped` once nobody holds the other end of our standard input any more."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    await reader.read()
    stopped.set()
