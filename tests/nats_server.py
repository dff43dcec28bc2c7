"""A real NATS server of our own, from its package, on a port that the system chose."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from server.demo.processes import free_port


@asynccontextmanager
async def running_nats() -> AsyncGenerator[str]:
    """The address of a NATS server that runs as long as the context."""
    port = free_port(0)
    program = Path(sys.executable).with_name("nats-server")
    process = await asyncio.create_subprocess_exec(
        program, "-a", "127.0.0.1", "-p", str(port), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async for line in process.stderr:
            if b"Server is ready" in line:
                break
        yield f"nats://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.communicate()
