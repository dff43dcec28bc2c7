"""The demo's processes: a server and a camera, as an operator would start them."""

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import AsyncGenerator, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx

from server.demo.journal import StepFailed
from server.foundation.file_labels import plain_file
from server.gateway_processes import SECUHOME

T = TypeVar("T")

STARTS_WITHIN_S: Final = 30.0
STOPS_WITHIN_S: Final = 10.0
LOGS: Final = [
    plain_file(name, "what processes say of themselves: routes, ids and times, nobody's data")
    for name in ("*.log", "*.jsonl")
]


class ProcessDied(StepFailed):
    """A process that should go on has ended. The message names it, how, and its log."""


def free_port(wished: int) -> int:
    """The wished TCP port of loopback if nobody has it, else one that the system chooses."""
    for port in (wished, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    raise StepFailed("no port of loopback is free")


async def run_once(env: Mapping[str, str], *arguments: str, stdin: str = "") -> str:
    """Run a `secuhome` command to its end; what it printed. Raises StepFailed."""
    process = await asyncio.create_subprocess_exec(
        *SECUHOME,
        *arguments,
        env={**os.environ, **env},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(stdin.encode())
    if process.returncode:
        why = err.decode().strip().splitlines()
        raise StepFailed(f"`secuhome {arguments[0]}` failed: {why[-1] if why else 'no reason'}")
    return out.decode()


class RunningProcess:
    """A child that should go on until we stop it."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def died(self) -> None:
        """Wait until the process ends by itself, and raise ProcessDied then."""
        code = await self._process.wait()
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        raise ProcessDied(f"the {self.name} process ended ({how}); its log is {self.log}")

    async def ended(self) -> int:
        """Wait until the process has ended; its exit status, or minus the signal's number."""
        return await self._process.wait()

    async def stop(self) -> None:
        """Ask it to end; insist after a while."""
        if self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(STOPS_WITHIN_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def running(
    name: str, env: Mapping[str, str], folder: Path, *arguments: str
) -> AsyncGenerator[RunningProcess]:
    """A `secuhome` command that goes on; its output lies in `folder`."""
    log, out = folder / f"{name}.log", folder / f"{name}.jsonl"
    with log.open("ab") as errors, out.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *SECUHOME,
            *arguments,
            env={**os.environ, **env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
        )
    child = RunningProcess(name, process, log)
    try:
        yield child
    finally:
        await child.stop()


async def attended(work: Coroutine[Any, Any, T], processes: Iterable[RunningProcess]) -> T:
    """Do the work, but raise ProcessDied at once if one of the processes ends meanwhile."""
    doing = asyncio.create_task(work)
    deaths = [asyncio.create_task(process.died()) for process in processes]
    try:
        done, _ = await asyncio.wait([doing, *deaths], return_when=asyncio.FIRST_COMPLETED)
        for death in deaths:
            if death in done:
                await death
        return await doing
    finally:
        for task in (doing, *deaths):
            task.cancel()
        await asyncio.gather(doing, *deaths, return_exceptions=True)


async def until_ready(url: str) -> None:
    """Wait until the server says that it is ready. Raises StepFailed."""
    async with httpx.AsyncClient() as http:
        try:
            async with asyncio.timeout(STARTS_WITHIN_S):
                while True:
                    with contextlib.suppress(httpx.TransportError):
                        if (await http.get(f"{url}/readyz")).is_success:
                            return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise StepFailed(f"the server was not ready in {STARTS_WITHIN_S:.0f} s") from None


async def logged(
    process: RunningProcess, event: str, count: int = 1, within: float = STARTS_WITHIN_S
) -> list[dict[str, Any]]:
    """Wait until a server's log has so many lines of an event. Raises StepFailed."""
    try:
        async with asyncio.timeout(within):
            while len(told := _lines_of(process.log, event)) < count:
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise StepFailed(f"{process.name} did not say `{event}` in {within:.0f} s") from None
    return told


async def milestone(camera: RunningProcess, event: str, within: float = 30.0) -> dict[str, Any]:
    """Wait for a camera's milestone, and tell the newest of its kind.

    Raises StepFailed where none comes within so many seconds.
    """
    path = camera.log.with_suffix(".jsonl")
    try:
        async with asyncio.timeout(within):
            while not (told := _lines_of(path, event)):
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise StepFailed(f"the camera did not reach `{event}` in {within:.0f} s") from None
    return told[-1]


def _lines_of(path: Path, event: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for line in path.read_text().splitlines():
        with contextlib.suppress(ValueError):  # no JSON, or not all of it yet
            told.append(json.loads(line))
    return [each for each in told if each["event"] == event]
