"""A real NATS server of our own: the demo's, in a folder that nobody needs afterwards."""

import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from server.demo import nats_server


@asynccontextmanager
async def running_nats() -> AsyncGenerator[str]:
    """The address of a NATS server that runs as long as the context."""
    with tempfile.TemporaryDirectory(prefix="secuhome-nats-") as folder:
        async with nats_server.running_nats(Path(folder)) as nats:
            yield nats.url
