"""An ONVIF device and an ONVIF client who know nothing of us meet here, and a picture comes."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiortc import VideoStreamTrack
from aiortc.contrib.media import MediaPlayer

from server.foundation.identity import Kind
from tests.onvif.client import Client
from tests.onvif.conftest import ANNA, PORCH, Home
from tests.onvif.device import Device
from tests.onvif.end import TokenBy
from tests.onvif.media import Receiver, Sender

pytestmark = pytest.mark.media


def porch(**more: Any) -> Device:
    return Device("trickle", picture=VideoStreamTrack, **more)


@pytest.mark.parametrize("by", ["header", "query", "register"])
@pytest.mark.parametrize("names_subprotocol", [True, False], ids=["onvif", "no subprotocol"])
async def test_a_picture_comes_however_the_token_does(
    home: Home, by: TokenBy, names_subprotocol: bool
):
    how: dict[str, Any] = {"by": by, "names_subprotocol": names_subprotocol}
    device = await home.device(porch(), **how)
    client = await home.client(Client(watches=True), **how)
    named = "webrtc.onvif.org" if names_subprotocol else None
    assert (device.subprotocol, client.subprotocol) == (named, named)
    await client.see(await client.connect(PORCH))


async def test_a_clip_comes_as_h264_and_both_ends_asked_the_stun_server_they_were_given(
    home: Home, clip: Path
):
    player = MediaPlayer(str(clip), loop=True)
    assert player.video is not None
    shown = player.video
    device = await home.device(Device("trickle", picture=lambda: shown))
    client = await home.client(Client(watches=True))
    session = await client.connect(PORCH)
    await client.see(session)
    ring = device.rings[session.id]
    servers = [{"urls": [home.stun.url]}]
    assert session.told["iceServers"] == ring.asked["iceServers"] == servers
    assert len(home.stun.asked) >= 2
    assert "H264/90000" in session.invited["offer"]
    assert "H264/90000" in ring.answer["answer"]
    for description in (session.invited["offer"], ring.answer["answer"]):
        assert "a=ice-options:trickle\r\n" in description
        assert "a=candidate" not in description


async def test_a_device_may_trickle_before_it_offers(home: Home):
    await home.device(porch(early=True))
    client = await home.client(Client(watches=True))
    session = await client.connect(PORCH)
    await client.see(session)
    assert isinstance(session.media, Receiver)
    assert session.media.came_early >= 2  # a candidate and the end of the list at least
    offer = next(i for i, frame in enumerate(client.heard) if '"offer"' in frame)
    assert any('"trickle"' in frame for frame in client.heard[:offer])


@pytest.mark.parametrize("no_more", ["", {}, {"candidate": ""}, None], ids=repr)
async def test_a_list_of_candidates_may_end_in_any_form(home: Home, no_more: Any):
    device = await home.device(porch(no_more=no_more))
    client = await home.client(Client(watches=True, no_more=no_more))
    session = await client.connect(PORCH)
    await client.see(session)
    ring = device.rings[session.id]
    assert isinstance(session.media, Receiver)
    assert isinstance(ring.media, Sender)
    ends = session.media, ring.media
    await client.until(lambda: ends[0].ends_heard == 1)
    await device.until(lambda: ends[1].ends_heard == 1)


async def test_three_clients_see_one_device_and_one_who_leaves_takes_nobody_along(home: Home):
    await home.device(porch())
    for account in ("acc_bert", "acc_cleo"):
        home.may_call(account, PORCH)
    clients = [
        await home.client(Client(watches=True), who) for who in (ANNA, "acc_bert", "acc_cleo")
    ]
    sessions = await asyncio.gather(*(client.connect(PORCH) for client in clients))
    await asyncio.gather(*(c.see(s) for c, s in zip(clients, sessions, strict=True)))
    assert len({session.id for session in sessions}) == 3
    await clients[0].close()
    await asyncio.gather(*(c.see(s) for c, s in zip(clients[1:], sessions[1:], strict=True)))


async def test_one_client_sees_two_devices(home: Home):
    for camera in (PORCH, "cam_barn"):
        await home.device(porch(), camera)
    client = await home.client(Client(watches=True))
    first, second = await client.connect(PORCH), await client.connect("cam_barn")
    await asyncio.gather(client.see(first), client.see(second))
    await client.end_session(first.id, 1001, "seen enough", bare=False)
    await client.see(second)


@pytest.mark.parametrize("who", ["device", "client"])
async def test_a_picture_outlives_either_socket(home: Home, who: str):
    device = await home.device(porch())
    client = await home.client(Client(watches=True))
    session = await client.connect(PORCH)
    await client.see(session)
    await (device if who == "device" else client).leave()
    await client.see(session)
    assert not client.ended
    assert not device.ended


async def test_two_screens_of_one_user_are_two_clients(home: Home):
    await home.device(porch())
    screens = [await home.client(Client(watches=True)) for _ in range(2)]
    sessions = [await screen.connect(PORCH) for screen in screens]
    await asyncio.gather(*(c.see(s) for c, s in zip(screens, sessions, strict=True)))


async def test_a_device_that_registers_anew_goes_on_with_new_calls(home: Home):
    older, newer = await home.device(porch()), porch()
    await home.opens(newer, Kind.CAMERA, PORCH)
    await newer.register()
    assert await older.until_closed() == 4101
    client = await home.client(Client(watches=True))
    session = await client.connect(PORCH)
    await client.see(session)
    assert session.id in newer.rings
