"""The camera's socket: it comes back by itself, and tells apart what coming back can't heal."""

import asyncio

import pytest

from devices.agent.calls import Calls
from devices.agent.capture import Capture
from devices.agent.device_key import DeviceKey
from devices.agent.server_api import TokenRefused
from devices.agent.signaling_link import Replaced, SignalingLink
from tests.agent.gateway_house import House, Told, camera_online, gateway_house


@pytest.fixture
def unopened() -> Capture:
    """A capture that nobody looks at."""
    return Capture("/nowhere")


def _link(house: House, capture: Capture, told: Told) -> SignalingLink:
    calls = Calls(capture, told.say)
    return SignalingLink(house.api(), calls, told.say, lambda: None, dice=lambda: 0.0)


async def test_a_camera_comes_back_after_the_server_was_down(unopened: Capture) -> None:
    told = Told()
    async with gateway_house() as house:
        house.server.down = True
        holding = asyncio.create_task(_link(house, unopened, told).hold())
        await told.hear("waiting", count=3)
        house.server.down = False
        await told.hear("registered")
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)


async def test_a_camera_comes_back_to_the_next_gateway(unopened: Capture) -> None:
    told = Told()
    async with (
        gateway_house() as first,
        gateway_house() as second,
        camera_online(first, unopened, told),
    ):
        first.server.signaling_url = second.url
        await first.gateway.stop()
        await told.hear("registered", count=2)


async def test_a_gateway_that_does_not_know_the_token_makes_it_get_a_new_one(
    unopened: Capture,
) -> None:
    told = Told()
    async with gateway_house() as house:
        known = house.access.tokens.pop("camera-token")
        holding = asyncio.create_task(_link(house, unopened, told).hold())
        await told.hear("waiting", count=2)
        house.access.tokens["camera-token"] = known
        await told.hear("registered")
        assert house.server.tokens_given >= 2
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)


async def test_a_camera_that_was_replaced_leaves_instead_of_fighting(unopened: Capture) -> None:
    async with gateway_house() as house:
        first = asyncio.create_task(_link(house, unopened, one := Told()).hold())
        await one.hear("registered")
        second = asyncio.create_task(_link(house, unopened, two := Told()).hold())
        await two.hear("registered")
        with pytest.raises(Replaced):
            async with asyncio.timeout(10):
                await first
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)


async def test_a_wrong_key_ends_it(unopened: Capture) -> None:
    async with gateway_house() as house:
        house.key = DeviceKey.generate()
        with pytest.raises(TokenRefused):
            await _link(house, unopened, Told()).hold()
