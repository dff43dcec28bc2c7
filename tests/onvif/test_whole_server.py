"""ONVIF ends on the whole server: real tokens, a real database, real authority."""

from pathlib import Path

import httpx
import pytest
from aiortc import VideoStreamTrack

from bench.running_server import running_server
from devices.agent.camera_folder import CameraFolder
from devices.agent.server_api import ServerApi
from tests.onvif.client import Client
from tests.onvif.device import Device

pytestmark = [pytest.mark.media, pytest.mark.flow, pytest.mark.timeout(240)]


async def token_of_the_camera(server: str, folder: Path) -> str:
    """A camera's access token, as its firmware gets it: by signing with its own key."""
    camera = CameraFolder(folder)
    async with httpx.AsyncClient() as http:
        return await ServerApi(server, camera.identity(), camera.key(), http).token()


async def test_an_onvif_client_sees_our_camera_and_then_an_onvif_device_in_its_place(
    tmp_path: Path,
):
    async with running_server(tmp_path) as server, Client(watches=True) as client:
        assert server.phone.access_token is not None
        await client.open(server.signaling_url, server.phone.access_token, by="header")
        await client.register()
        await client.see(await client.connect(server.camera_id))
        token = await token_of_the_camera(server.url, tmp_path / "camera")
        async with Device("trickle", picture=VideoStreamTrack) as device:
            await device.open(server.signaling_url, token)
            assert await device.register() == server.camera_id
            session = await client.connect(server.camera_id)
            await client.see(session)
            assert session.id in device.rings
