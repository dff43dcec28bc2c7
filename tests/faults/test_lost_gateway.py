"""One of two gateways is killed: who was set up is told, who streams never notices, all come back.

Both gateways are processes, with NATS between them and real signed tokens; the ends are the
protocol's own, on real sockets.
"""

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
from signaling.protocol import faults
from signaling.protocol.camera import Answered, CallWanted, CameraEnd
from signaling.protocol.end import CallEnded, Registered
from signaling.protocol.viewer import CallAllowed, CallHeld, Offered, ViewerEnd
from tests.protocol.playbook import ANSWER, SDP

pytestmark = pytest.mark.slow
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
    """Two gateways: their ports and process ids."""

    ports: list[int]
    pids: list[int]
    camera: Socketed
    viewer: Socketed
    lens: CameraEnd
    phone: ViewerEnd

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
        ports, pids = [free_port(0), free_port(0)], list[int]()
        for number, port in enumerate(ports):
            words = ("--port", str(port), "--folder", str(tmp_path), "--node", f"node{number}")
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bench.gateway_process", *words, "--engine", nats.url
            )
            pids.append(process.pid)
            stack.push_async_callback(process.wait)
            stack.callback(_kill, process.pid)
        for port in ports:
            await _until_open(port)
        lens = CameraEnd(desk.issue(Kind.CAMERA, CAMERA, "ses_camera"))
        phone = ViewerEnd(desk.issue(Kind.ACCOUNT, OWNER, "ses_owner"))
        it = Two(ports, pids, Socketed(lens), Socketed(phone), lens, phone)
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


async def test_a_call_in_set_up_at_a_killed_gateway_gets_410_and_succeeds_on_retry(two: Two):
    session = await two.ring()
    os.kill(two.pids[0], signal.SIGKILL)
    over = await two.viewer.hears(CallEnded)
    assert (over.session, over.code, over.reason) == (session, 410, faults.NODE_LOST.message)
    await two.viewer.say(two.phone.call(CAMERA))  # at once, before the camera is back
    await two.viewer.hears(CallHeld)
    await two.camera.open(two.ports[1])
    wanted = await two.camera.hears(CallWanted)
    await two.camera.say(two.lens.accept(wanted.request_id))
    assert await two.viewer.hears(CallAllowed)


async def test_a_running_call_is_told_nothing_and_the_camera_is_back(two: Two):
    running = await two.run()
    os.kill(two.pids[0], signal.SIGKILL)
    await two.camera.open(two.ports[1])
    told = await two.run()  # whatever the viewer heard of the first call would come before
    assert told != running
    await two.viewer.say(two.phone.close(told, "seen enough"))
    assert (await two.camera.hears(CallEnded)).session == told


async def test_a_camera_that_comes_to_another_gateway_leaves_the_first(two: Two):
    newer = Socketed(CameraEnd(two.lens._token))
    await newer.open(two.ports[1])
    assert two.camera.socket is not None
    async with asyncio.timeout(BACK_WITHIN_S):
        await two.camera.socket.wait_closed()
    assert two.camera.socket.close_code == 4101
