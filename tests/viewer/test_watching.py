"""Phone, gateway and camera, all real, in one room: a picture comes, or a reason does."""

import asyncio

import pytest

from devices.agent.capture import Capture
from devices.viewer.watching import PEER_TO_PEER, CannotWatch, watch
from tests.agent.gateway_house import CAMERA, Told, camera_online, gateway_house

pytestmark = pytest.mark.media


async def test_the_owner_sees_a_picture_and_what_it_is(capture: Capture) -> None:
    told = Told()
    async with gateway_house() as house, camera_online(house, capture, told):
        async with await watch(house.url, "owner-token", CAMERA) as watching:
            await watching.frames(15)
            assert watching.resolution == (640, 360)
            assert watching.codec == "H264"
            assert watching.path == PEER_TO_PEER
            assert 0 < watching.first_frame_s < 5
        assert (await told.hear("first_packet"))["session"] == watching.session
        assert (await told.hear("ended"))["session"] == watching.session


async def test_a_stranger_is_refused_as_if_there_were_no_camera(capture: Capture) -> None:
    told = Told()
    async with gateway_house() as house, camera_online(house, capture, told):
        with pytest.raises(CannotWatch) as not_his:
            await watch(house.url, "stranger-token", CAMERA)
        with pytest.raises(CannotWatch) as not_there:
            await watch(house.url, "stranger-token", "cam_nowhere")
    assert (not_his.value.code, str(not_his.value)) == (
        not_there.value.code,
        str(not_there.value),
    )
    assert not_his.value.code == 403
    assert not any(event["event"] == "call" for event in told.all)


async def test_a_camera_that_does_not_come_is_an_answer_after_the_hold() -> None:
    async with gateway_house() as house:
        with pytest.raises(CannotWatch) as away:
            await watch(house.url, "owner-token", CAMERA, within=5)
    assert away.value.code == 480


async def test_a_token_that_does_not_hold_is_refused(capture: Capture) -> None:
    async with gateway_house() as house:
        with pytest.raises(CannotWatch):
            await watch(house.url, "made-up", CAMERA, within=5)


async def test_three_screens_watch_at_the_same_time(capture: Capture) -> None:
    async with gateway_house() as house, camera_online(house, capture, Told()):
        screens = await asyncio.gather(*(watch(house.url, "owner-token", CAMERA) for _ in range(3)))
        await asyncio.gather(*(screen.frames(5) for screen in screens))
        assert len({screen.session for screen in screens}) == 3
        await screens[0].close()
        seen = screens[1].frames_decoded
        await screens[1].frames(seen + 5)  # one who leaves takes nobody with him
        await asyncio.gather(*(screen.close() for screen in screens[1:]))


async def test_pictures_outlive_the_gateway(capture: Capture) -> None:
    async with gateway_house() as house, camera_online(house, capture, Told()):
        watching = await watch(house.url, "owner-token", CAMERA)
        await watching.frames(5)
        await house.gateway.stop()
        await watching.frames(watching.frames_decoded + 30)
        await watching.close()


async def test_a_camera_that_stops_ends_its_calls(capture: Capture) -> None:
    told = Told()
    async with gateway_house() as house:
        async with camera_online(house, capture, told):
            watching = await watch(house.url, "owner-token", CAMERA)
        await watching.until_ended()
        await watching.close()
