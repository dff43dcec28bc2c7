"""A real browser sees what the agent shows, with its own addresses hidden behind `.local` names."""

import asyncio
from dataclasses import dataclass

import pytest

from bench.chromium_viewer import chromium_viewer
from devices.agent.capture import Capture
from devices.viewer.phone import Phone
from tests.agent.gateway_house import CAMERA, Told, camera_online, gateway_house

pytestmark = [pytest.mark.media, pytest.mark.browser]


@dataclass
class Called:
    """What the browser's page needs to call a camera."""

    url: str
    signaling_url: str
    phone: Phone
    camera_id: str


async def _empty_page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    body = b"<!doctype html><title>empty</title>"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
    await writer.drain()
    writer.close()


async def test_chromium_decodes_the_passed_through_picture(capture: Capture) -> None:
    pages = await asyncio.start_server(_empty_page, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{pages.sockets[0].getsockname()[1]}"
    told = Told()
    async with (
        pages,
        gateway_house(url) as house,
        camera_online(house, capture, told),
        Phone(url) as phone,
    ):
        phone.access_token = "owner-token"
        async with chromium_viewer(Called(url, house.url, phone, CAMERA)) as first_frame:
            assert 0 < await first_frame() < 10
            assert 0 < await first_frame() < 5  # in the middle of a group of pictures
        assert (await told.hear("ended", count=2))["reason"]
