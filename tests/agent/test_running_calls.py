"""Calls that run while gateways and viewers come and go: the camera keeps account of them."""

import asyncio

import pytest

from devices.agent.capture import Capture
from devices.viewer.watching import watch
from signaling.access import ShareEnded, pack_ending
from signaling.gateway import Gateway
from tests.agent.gateway_house import CAMERA, OWNER, Told, camera_online, gateway_house

pytestmark = pytest.mark.media


async def calls(gateway: Gateway, wanted: int) -> None:
    """Wait until the gateway knows of so many calls. Raises TimeoutError."""
    async with asyncio.timeout(10):
        while gateway.counts().calls != wanted:  # noqa: ASYNC110 - it announces no count
            await asyncio.sleep(0.02)


async def test_a_camera_brings_its_calls_to_the_next_gateway(capture: Capture) -> None:
    told = Told()
    async with (
        gateway_house() as first,
        gateway_house() as second,
        camera_online(first, capture, told),
        await watch(first.url, "owner-token", CAMERA) as watching,
    ):
        second.access.tickets = first.access.tickets  # as the key of the cell would open them
        first.server.signaling_url = second.url
        await first.gateway.stop()
        await told.hear("registered", count=2)
        await calls(second.gateway, 1)
        await watching.frames(watching.frames_decoded + 10)
        second.gateway.announced(pack_ending(ShareEnded(OWNER, CAMERA)))
        assert (await told.hear("ended"))["reason"] == "The right to this call has ended"
        await watching.until_ended(within=5)


async def test_a_call_that_nobody_vouches_for_ends_and_a_new_one_can_begin(
    capture: Capture,
) -> None:
    told = Told()
    async with (
        gateway_house() as first,
        gateway_house() as second,  # of another cell: it opens no ticket of the first
        camera_online(first, capture, told),
        await watch(first.url, "owner-token", CAMERA) as watching,
    ):
        first.server.signaling_url = second.url
        await first.gateway.stop()
        await watching.until_ended(within=10)
        assert second.gateway.counts().calls == 0
        async with await watch(second.url, "owner-token", CAMERA) as again:
            await again.frames(5)


async def test_the_gateway_hears_that_a_viewer_who_said_nothing_is_gone(capture: Capture) -> None:
    """Else it would keep the call for as long as the camera is on."""
    async with gateway_house() as house, camera_online(house, capture, Told()):
        for _ in range(3):
            watching = await watch(house.url, "owner-token", CAMERA)
            assert watching._socket is not None
            await watching._socket.close()
            await calls(house.gateway, 1)
            await watching.frames(watching.frames_decoded + 5)
            watching.session = None  # so that it hangs up without a word
            await watching.close()
            await calls(house.gateway, 0)


async def test_a_session_that_ran_out_is_over_though_its_pictures_flow(capture: Capture) -> None:
    told = Told()
    async with (
        gateway_house(session_lasts=1.0) as house,
        camera_online(house, capture, told),
        await watch(house.url, "owner-token", CAMERA),
    ):
        assert (await told.hear("ended"))["reason"] == "The session was not extended in time"
