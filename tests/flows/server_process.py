"""A `secuhome` server as its own process, for tests and benches that want the whole of it."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from server.demo.processes import free_port, running, until_ready


@dataclass(frozen=True)
class ServerProcess:
    """A running server: where it is, and where its files are."""

    url: str
    signaling_url: str
    folder: Path
    env: dict[str, str]
    pid: int


@asynccontextmanager
async def running_server(folder: Path, **settings: str) -> AsyncGenerator[ServerProcess]:
    """A server that is ready, on free ports of loopback; settings without their prefix."""
    folder.mkdir(parents=True, exist_ok=True)
    port, sockets = free_port(0), free_port(0)
    usual = {
        "DATA_DIR": str(folder),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "HTTP_PORT": str(port),
        "SIGNALING_PORT": str(sockets),
    }
    env = {f"SECUHOME_{name.upper()}": value for name, value in (usual | settings).items()}
    async with running("server", env, folder, "serve") as child:
        await until_ready(f"http://127.0.0.1:{port}")
        signaling = f"ws://127.0.0.1:{sockets}/signal"
        yield ServerProcess(f"http://127.0.0.1:{port}", signaling, folder, env, child.pid)


async def secuhome(*arguments: str, stdin: str = "", **settings: str) -> tuple[int, str, str]:
    """Run a command to its end: its exit status, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.command_line", *arguments,
        env={**os.environ, **{f"SECUHOME_{name}": value for name, value in settings.items()}},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate(stdin.encode())
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()
