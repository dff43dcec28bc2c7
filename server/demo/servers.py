"""The demo's server: one process, or HTTP and several gateways that speak through NATS."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server.demo.nats_server import running_nats
from server.demo.processes import (
    STARTS_WITHIN_S,
    RunningProcess,
    attended,
    logged,
    running,
    until_ready,
)

ONE: Final = "one process for HTTP and signaling"


@dataclass(frozen=True, slots=True)
class Servers:
    """What runs, in which environment a command reaches it, and how to call it."""

    processes: tuple[RunningProcess, ...]
    env: dict[str, str]
    manner: str


@asynccontextmanager
async def running_servers(
    env: Mapping[str, str], folder: Path, url: str, nodes: int
) -> AsyncGenerator[Servers]:
    """Servers with so many gateways, ready. Raises StepFailed."""
    async with AsyncExitStack() as stack:
        if nodes == 1:
            server = await stack.enter_async_context(running("server", env, folder, "serve"))
            await attended(until_ready(url), [server])
            yield Servers((server,), dict(env), ONE)
            return
        nats = await stack.enter_async_context(running_nats(folder))
        shared = {**env, "SECUHOME_ENGINE": nats.url}
        http = await stack.enter_async_context(
            running("server", shared | {"SECUHOME_ROLE": "http"}, folder, "serve")
        )
        await attended(until_ready(url), [nats.process, http])
        words = ("gateway", "--processes", str(nodes))
        gateways = await stack.enter_async_context(running("gateways", shared, folder, *words))
        processes = (nats.process, http, gateways)
        within = 2 * STARTS_WITHIN_S  # the first alone, then the others
        await attended(logged(gateways, "gateway_ready", nodes, within), processes)
        yield Servers(processes, shared, f"NATS, HTTP, and {nodes} gateways behind one address")
