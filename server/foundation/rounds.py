"""Work that comes back: once at the start, then again and again, as long as a process lasts."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from server.foundation.log import faults_told


async def in_rounds(
    name: str,
    work: Callable[[], Awaitable[None]],
    every_s: float,
    over: asyncio.Event,
) -> None:
    """Do the work at once and every so many seconds until `over`.

    A fault is told in the log under this name, and the work is tried again at the next round: one
    that nobody has thought of must not end it for as long as the process lasts.
    """
    while not over.is_set():
        with faults_told(name):
            await work()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), every_s)
