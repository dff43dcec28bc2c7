"""Several gateway processes behind one address: started, watched, started again, stopped.

The kernel spreads the sockets that come in over the processes that listen (SO_REUSEPORT). The
first process is started alone: if it can't serve, no other could, and we leave with what it said.
Once it has served, whoever dies is started again, whatever the reason: the others go on
meanwhile, and a database or NATS that is away comes back by waiting.
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import Coroutine
from typing import Any, Final

import structlog

from server.foundation.log import start_log
from server.foundation.settings import PREFIX, BadSettings, Settings, load_settings
from server.restart_rules import deaths_in_a_row, wait_s
from server.serving import DRAINED, READY
from server.stopping import when_told_to_stop

SECUHOME: Final = (sys.executable, "-m", "server.command_line")
HIGHEST_PORT: Final = 65_535
LEAVES_WITHIN_S: Final = 60.0  # longer than a gateway takes to send its sockets away
log = structlog.get_logger()


def gateway_settings(processes: int = 1) -> Settings:
    """A gateway's settings from the environment, whatever role that names. Raises BadSettings."""
    if load_settings(role="all").engine == "memory":
        raise BadSettings(
            f"{PREFIX}ENGINE: a gateway process reaches the others through NATS; "
            "give a nats:// address"
        )
    settings = load_settings(role="gateway")
    if processes > 1 and settings.signaling_port == 0:
        raise BadSettings(f"{PREFIX}SIGNALING_PORT: processes that share an address need its port")
    if settings.metrics_port and settings.metrics_port + processes - 1 > HIGHEST_PORT:
        raise BadSettings(f"{PREFIX}METRICS_PORT: each process takes the next; start lower")
    return settings


async def keep_gateways(settings: Settings, processes: int) -> int:
    """Run so many gateways until we are told to stop, or all have drained. The exit status."""
    start_log(settings.log_level)
    stopped = asyncio.create_task(when_told_to_stop().wait())
    gateways = [GatewayProcess(number) for number in range(processes)]
    first = asyncio.create_task(gateways[0].keep())
    await _either(first, stopped, gateways[0].serving.wait())
    could_serve = gateways[0].serving.is_set() or stopped.done()
    keeping = [first]
    if could_serve:
        keeping += [asyncio.create_task(gateway.keep()) for gateway in gateways[1:]]
        await _either(asyncio.gather(*keeping), stopped)
    for gateway in gateways:
        gateway.stop()
    _, staying = await asyncio.wait(keeping, timeout=LEAVES_WITHIN_S)
    if staying:
        log.error("gateway_stays", count=len(staying))
        for gateway in gateways:
            gateway.kill()
    await asyncio.gather(*keeping)
    stopped.cancel()
    return 0 if could_serve else 1


class GatewayProcess:
    """One of the processes, in one life after the other. Numbers count from zero."""

    def __init__(self, number: int) -> None:
        self.serving = asyncio.Event()  # it has served at least once
        self._number = number
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._drained = False

    async def keep(self) -> None:
        """Run it, again and again, until it is stopped, has drained, or could not serve at all."""
        deaths = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            status = await self._live()
            if self._stopping.is_set():
                return
            if self._drained:
                log.info("gateway_drained", process=self._number)
                return
            if self._number == 0 and not self.serving.is_set():
                return
            deaths = deaths_in_a_row(deaths, time.monotonic() - began)
            wait = wait_s(deaths)
            log.error("gateway_died", process=self._number, status=status, wait_s=wait)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

    def stop(self) -> None:
        """Ask it to leave, and don't start it again."""
        self._stopping.set()
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    def kill(self) -> None:
        """End it now."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _live(self) -> int:
        """Start it, hear what it tells, wait for its end. Its exit status, or minus its signal."""
        self._process = process = await asyncio.create_subprocess_exec(
            *SECUHOME, "gateway-process", "--number", str(self._number),
            stdin=asyncio.subprocess.PIPE,  # it leaves once this closes, however we ended
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches us, and we stop it
        )  # fmt: skip
        if self._stopping.is_set():
            self.stop()
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        async for line in process.stdout:
            told = line.decode().strip()
            self._drained |= told == DRAINED
            if told == READY:
                self.serving.set()
                log.info("gateway_ready", process=self._number)
        return await process.wait()


async def _either(*waits: "asyncio.Future[Any] | Coroutine[Any, Any, Any]") -> None:
    """Return as soon as one of them is done; a future that isn't goes on."""
    futures = [asyncio.ensure_future(wait) for wait in waits]
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
    for future, wait in zip(futures, waits, strict=True):
        if future is not wait:
            future.cancel()
