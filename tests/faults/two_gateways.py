"""Two gateways in processes of their own, with NATS between them, and ends on real sockets."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from bench.tokens import token_desk
from server.demo.nats_server import running_nats
from server.demo.processes import free_port
from server.foundation.identity import Kind
from signaling.protocol.camera import Answered, CallWanted, CameraEnd
from signaling.protocol.end import Registered
from signaling.protocol.viewer import CallAllowed, Offered, ViewerEnd
from tests.protocol.playbook import ANSWER, SDP

CAMERA, OWNER = "cam_eu1_1", "acc_eu1_1"
BACK_WITHIN_S = 5.0


class Socketed:
    """An end on a real socket."""

    def __init__(self, end: CameraEnd | ViewerEnd) -> None:
        self.end = end
        self.socket: ClientConnection | None = None

    async def open(self, port: int) -> None:
        """Open a socket there and register."""
        async with asyncio.timeout(BACK_WITHIN_S):
            self.socket = await connect(f"ws://127.0.0.1:{port}/signal")
            for frame in self.end.start():
                await self.say(frame)
            await self.hears(Registered)

    async def say(self, frame: str) -> None:
        """Send a frame."""
        assert self.socket is not None
        await self.socket.send(frame)

    async def hears(self, *kinds: type) -> Any:
        """The next event of one of these kinds. Raises TimeoutError."""
        assert self.socket is not None
        async with asyncio.timeout(2 * BACK_WITHIN_S):
            while True:
                for event in self.end.receive(await self.socket.recv()):
                    if isinstance(event, kinds):
                        return event


@dataclass
class Two:
    """Two gateways: their ports and process ids, and the NATS between them."""

    ports: list[int]
    pids: list[int]
    camera: Socketed
    viewer: Socketed
    lens: CameraEnd
    phone: ViewerEnd
    nats: str
    processes: list[asyncio.subprocess.Process]

    async def ring(self) -> str:
        """The viewer calls and the camera takes it. The session."""
        await self.viewer.say(self.phone.call(CAMERA))
        wanted = await self.camera.hears(CallWanted)
        await self.camera.say(self.lens.accept(wanted.request_id))
        return (await self.viewer.hears(CallAllowed)).session

    async def run(self) -> str:
        """A whole call."""
        session = await self.ring()
        await self.camera.say(self.lens.invite(session, SDP))
        offered = await self.viewer.hears(Offered)
        await self.viewer.say(self.phone.answer(offered.request_id, ANSWER))
        assert (await self.camera.hears(Answered)).session == session
        return session


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    desk = token_desk(tmp_path)
    async with AsyncExitStack() as stack:
        nats = await stack.enter_async_context(running_nats(tmp_path))
        ports, processes = [free_port(0), free_port(0)], list[asyncio.subprocess.Process]()
        for number, port in enumerate(ports):
            words = ("--port", str(port), "--folder", str(tmp_path), "--node", f"node{number}")
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bench.gateway_process", *words,
                "--engine", nats.url, "--ping-every", "2",
            )  # fmt: skip
            processes.append(process)
            stack.push_async_callback(process.wait)
            stack.callback(_kill, process.pid)
        for port in ports:
            await _until_open(port)
        lens = CameraEnd(desk.issue(Kind.CAMERA, CAMERA, "ses_camera"))
        phone = ViewerEnd(desk.issue(Kind.ACCOUNT, OWNER, "ses_owner"))
        pids = [process.pid for process in processes]
        it = Two(ports, pids, Socketed(lens), Socketed(phone), lens, phone, nats.url, processes)
        await it.camera.open(ports[0])
        await it.viewer.open(ports[1])
        yield it


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


async def _until_open(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)
