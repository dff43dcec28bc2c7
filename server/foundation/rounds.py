"""Work that comes back: once at the start, then again and again, as long as a process lasts."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from server.foundation.log import log_fault


async def in_rounds(
    name: str,
    work: Callable[[], Awaitable[None]],
    every_s: float,
    over: asyncio.Event,
    faults: tuple[type[Exception], ...],
) -> None:
    """Do the work at once and every so many seconds until `over`.

    One of `faults` is told in the log under this name, and the work is tried again at the next
    round. Raises whatever else the work raises.
    """
    while not over.is_set():
        try:
            await work()
        except faults as fault:
            log_fault(name, fault)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), every_s)
