"""`secuhome gateway` as its own process, and what it says about its children."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.demo.processes import RunningProcess, free_port, logged, running

WITHIN_S = 60.0  # two starts, one after the other, on a machine that others use too


@dataclass(frozen=True)
class Gateways:
    """The parent process, and the address of its children."""

    parent: RunningProcess
    url: str
    env: dict[str, str]

    async def logged(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until the log has so many lines of an event. Raises StepFailed."""
        return await logged(self.parent, event, count, WITHIN_S)

    def children(self) -> list[int]:
        """The process ids of the gateways that run now."""
        return children_of(self.parent.pid)


@asynccontextmanager
async def running_gateways(
    folder: Path, nats: str, processes: int = 2, **settings: str
) -> AsyncGenerator[Gateways]:
    """So many gateways, all of them ready; settings without their prefix."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port(0)
    usual = {"DATA_DIR": str(folder), "SIGNALING_PORT": str(port), "ENGINE": nats}
    env = {f"SECUHOME_{name}": value for name, value in (usual | settings).items()}
    words = ("gateway", "--processes", str(processes))
    async with running("gateways", env, folder, *words) as parent:
        gateways = Gateways(parent, f"ws://127.0.0.1:{port}/signal", env)
        await gateways.logged("gateway_ready", processes)
        yield gateways


def children_of(pid: int) -> list[int]:
    """The processes that a process has started."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(number) for number in text.split()]


async def gone(pid: int) -> None:
    """Wait until a process is gone. Raises TimeoutError."""
    async with asyncio.timeout(WITHIN_S):
        while Path(f"/proc/{pid}").exists() and not _is_zombie(pid):  # noqa: ASYNC110 - not our child
            await asyncio.sleep(0.05)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except (FileNotFoundError, ProcessLookupError):
        return True
