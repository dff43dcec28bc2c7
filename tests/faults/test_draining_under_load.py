"""A gateway leaves while homes call all the time: no call is lost, none is refused."""

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from bench.tokens import token_desk
from server.foundation.identity import Kind
from signaling.protocol.camera import CallWanted, CameraEnd
from signaling.protocol.close_codes import DRAINING
from signaling.protocol.end import CallEnded
from signaling.protocol.viewer import CallAllowed, CallRefused, Offered, ViewerEnd
from tests.faults.two_gateways import Socketed, Two
from tests.protocol.playbook import ANSWER, SDP

pytestmark = pytest.mark.slow
HOMES = 8
CALLS_BEFORE = 5  # of each home
CALLS_AFTER = 5
WITHIN_S = 60.0


class Home:
    """A camera and somebody who calls it again and again. Both go where a gateway still is."""

    def __init__(self, number: int, folder: Path, ports: list[int]) -> None:
        desk = token_desk(folder)
        self._camera_id = f"cam_home{number}"
        self._lens = CameraEnd(desk.issue(Kind.CAMERA, self._camera_id, "ses_camera"))
        self._phone = ViewerEnd(desk.issue(Kind.ACCOUNT, f"acc_home{number}", f"ses_{number}"))
        self._camera, self._viewer = Socketed(self._lens), Socketed(self._phone)
        self._camera_port, self._viewer_port = ports[number % 2], ports[number // 2 % 2]
        self._stays = ports[1]
        self._calls = asyncio.Semaphore(0)
        self.closed_with: list[int | None] = []

    async def live(self) -> None:
        """Be called for ever."""
        await self._camera.open(self._camera_port)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._answer())
            group.create_task(self._call())

    async def called(self, least: int) -> None:
        """Return after so many more calls."""
        self._calls = asyncio.Semaphore(0)
        for _ in range(least):
            await self._calls.acquire()

    async def _answer(self) -> None:
        while True:
            try:
                async with asyncio.timeout(WITHIN_S):
                    wanted = await self._camera.hears(CallWanted)
                    await self._camera.say(self._lens.accept(wanted.request_id))
                    await self._camera.say(self._lens.invite(wanted.session, SDP))
            except ConnectionClosed as closed:
                await self._move(self._camera, closed)

    async def _call(self) -> None:
        await self._viewer.open(self._viewer_port)
        while True:
            try:
                await self._viewer.say(self._phone.call(self._camera_id))
                session = await self._set_up()
                self._calls.release()
                await self._viewer.say(self._phone.close(session, "seen enough"))
            except ConnectionClosed as closed:  # a call that had not begun is begun anew
                await self._move(self._viewer, closed)

    async def _set_up(self) -> str:
        told = await self._viewer.hears(CallAllowed, CallRefused, CallEnded)
        assert isinstance(told, CallAllowed), told
        offered = await self._viewer.hears(Offered, CallRefused, CallEnded)
        assert isinstance(offered, Offered), offered
        await self._viewer.say(self._phone.answer(offered.request_id, ANSWER))
        return offered.session

    async def _move(self, end: Socketed, closed: ConnectionClosed) -> None:
        self.closed_with.append(closed.rcvd.code if closed.rcvd else None)
        await end.open(self._stays)


async def called(homes: list[Home], living: list[asyncio.Task[None]], least: int) -> None:
    """Wait until each home has had so many more calls. Raises TimeoutError, and what ended one."""
    more = asyncio.gather(*(home.called(least) for home in homes))
    async with asyncio.timeout(WITHIN_S):
        await asyncio.wait({more, *living}, return_when=asyncio.FIRST_COMPLETED)
    for life in living:
        if life.done():
            more.cancel()
            life.result()
    await more


async def test_no_call_is_lost_while_a_gateway_drains(two: Two, tmp_path: Path):
    homes = [Home(number, tmp_path, two.ports) for number in range(HOMES)]
    living = [asyncio.create_task(home.live()) for home in homes]
    try:
        await called(homes, living, CALLS_BEFORE)
        two.processes[0].send_signal(signal.SIGTERM)
        async with asyncio.timeout(WITHIN_S):
            assert await two.processes[0].wait() == 0
        await called(homes, living, CALLS_AFTER)
    finally:
        for life in living:
            life.cancel()
        ended = await asyncio.gather(*living, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended
    moved = [code for home in homes for code in home.closed_with]
    assert moved == [DRAINING.number] * HOMES  # of two ends a home, half were there
    with suppress(ProcessLookupError):
        two.processes[1].send_signal(signal.SIGTERM)
