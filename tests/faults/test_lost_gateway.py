"""One of two gateways is killed: who was set up is told, who streams never notices, all come back.

Both gateways are processes, with NATS between them and real signed tokens; the ends are the
protocol's own, on real sockets.
"""

import asyncio
import os
import signal

import pytest

from signaling.protocol import faults
from signaling.protocol.camera import CallWanted, CameraEnd
from signaling.protocol.end import CallEnded
from signaling.protocol.viewer import CallAllowed, CallHeld
from tests.faults.two_gateways import BACK_WITHIN_S, CAMERA, Socketed, Two

pytestmark = pytest.mark.slow


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
