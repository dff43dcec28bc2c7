"""uvicorn as a part of a process: it listens on a socket that it is given, until we say so.

On its own it would take the signals, write its own log, and end the process when it is done.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

BACKLOG: Final = 2_048  # connections that may wait to be accepted
# Longer than our proxy (60 s) and HTTP libraries (5 s) keep an idle connection: who closes first
# while the other writes loses a request, and it has to be them, who know that nothing was sent.
KEEP_IDLE_S: Final = 75
GRACE_S: Final = 5  # how long requests that are being served may go on after a stop


def listener_on(host: str, port: int) -> socket.socket:
    """A TCP socket on this address. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket) -> AsyncGenerator[asyncio.Task[None]]:
    """Serve `app` as long as the context. The task ends early only if serving is over by itself."""
    http = _Http(
        uvicorn.Config(
            app,
            loop="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # `peer_address` decides whom to believe
            timeout_keep_alive=KEEP_IDLE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    task = asyncio.create_task(http.serve(sockets=[listener]))
    try:
        yield task
    finally:
        http.should_exit = True
        await task


class _Http(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
