"""Gateways are killed while somebody watches: the picture goes on, for as long as it may.

Whole processes and real video: HTTP, two gateways, NATS, a camera that reads a clip.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.running_server import EMAIL, RunningServer, running_server
from devices.viewer.watching import Watching
from server.demo.processes import logged, milestone
from tests.flows.gateways import children_of

pytestmark = [pytest.mark.flow, pytest.mark.media]

AT_ONCE_S = 1.0
BACK_WITHIN_S = 60.0  # a gateway's start, on a machine that others use too
SECOND = 30  # frames


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path, nodes=2) as home:
        yield home


class Gateways:
    """The two gateways of a home: killed, and back when we let them."""

    def __init__(self, home: RunningServer) -> None:
        self._camera = home.camera
        self._parent = home.servers.processes[-1]

    async def are_killed(self) -> str:
        """Kill both, and keep them from being started again. The camera's last epoch."""
        epoch = await self._epoch()
        os.kill(self._parent.pid, signal.SIGSTOP)
        for child in children_of(self._parent.pid):
            os.kill(child, signal.SIGKILL)
        return epoch

    async def are_back(self, before: str) -> None:
        """Let them be started again, and wait until the camera has registered anew."""
        os.kill(self._parent.pid, signal.SIGCONT)
        await logged(self._parent, "gateway_ready", 3, BACK_WITHIN_S)
        async with asyncio.timeout(BACK_WITHIN_S):
            while await self._epoch() == before:  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.05)

    async def _epoch(self) -> str:
        return str((await milestone(self._camera, "registered"))["epoch"])


async def goes_on(watching: Watching) -> None:
    """Pictures come, another second of them."""
    wanted = watching.frames_decoded + SECOND
    assert await watching.frames(wanted) >= wanted
    assert watching.ended is None


@pytest.mark.parametrize("how", ["release", "sign_out"])
async def test_a_call_that_outlived_its_gateways_ends_with_the_right_to_it(
    home: RunningServer, how: str
):
    gateways = Gateways(home)
    async with await home.phone.watch(home.camera_id) as watching:
        before = await gateways.are_killed()
        await goes_on(watching)
        await gateways.are_back(before)
        await goes_on(watching)
        await (home.phone.release(home.camera_id) if how == "release" else home.phone.sign_out())
        assert await watching.until_ended(within=AT_ONCE_S) == "the camera stopped sending"


async def test_what_ended_while_no_gateway_was_there_is_over_when_the_camera_is_back(
    home: RunningServer,
):
    gateways = Gateways(home)
    async with await home.phone.watch(home.camera_id) as first:
        await home.phone.sign_in(EMAIL, home.password)
        async with await home.phone.watch(home.camera_id) as second:
            before = await gateways.are_killed()
            await home.phone.sign_out()
            await goes_on(second)
            await gateways.are_back(before)
            assert await second.until_ended(within=AT_ONCE_S) == "the camera stopped sending"
            await goes_on(first)


async def test_a_call_whose_viewer_left_signaling_ends_with_the_right_to_it(home: RunningServer):
    async with await home.phone.watch(home.camera_id) as watching:
        assert watching._socket is not None
        await watching._socket.close()
        await goes_on(watching)
        await home.phone.release(home.camera_id)
        assert await watching.until_ended(within=AT_ONCE_S) == "the camera stopped sending"
