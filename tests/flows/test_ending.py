"""What a person ends is over at once: a released camera, a sign-in that was ended."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from bench.running_server import EMAIL, running_server
from devices.viewer.watching import CannotWatch, Watching

pytestmark = [pytest.mark.flow, pytest.mark.media]

AT_ONCE_S = 1.0


async def test_a_released_camera_shows_its_last_owner_nothing_more(tmp_path: Path):
    async with running_server(tmp_path) as home:
        watching = await home.phone.watch(home.camera_id)
        async with watching:
            await home.phone.release(home.camera_id)
            assert "ended" in await watching.until_ended(within=AT_ONCE_S)


async def test_a_sign_out_ends_what_that_sign_in_watches_and_nothing_else(tmp_path: Path):
    async with running_server(tmp_path) as home:
        first = await home.phone.watch(home.camera_id)
        async with first:
            await home.phone.sign_in(EMAIL, home.password)
            second = await home.phone.watch(home.camera_id)
            async with second:
                await home.phone.sign_out()
                assert "ended" in await second.until_ended(within=AT_ONCE_S)
                seen = first.frames_decoded
                assert await first.frames(seen + 10) >= seen + 10
                assert first.ended is None


async def test_who_cancels_watches_nothing_more_on_any_gateway(tmp_path: Path):
    """HTTP and each gateway are processes of their own; all of the account's sign-ins end."""
    async with running_server(tmp_path, nodes=2) as home, AsyncExitStack() as stack:
        watching: list[Watching] = []
        for _ in range(4):
            await home.phone.sign_in(EMAIL, home.password)
            watching.append(await stack.enter_async_context(await home.phone.watch(home.camera_id)))
        headers = {"Authorization": f"Bearer {home.phone.access_token}"}
        async with httpx.AsyncClient(base_url=home.url, headers=headers) as http:
            body = {"password": home.password}
            told = await http.post("/v1/account/cancellation", json=body)
            assert told.status_code == 202, told.text
            ends = [it.until_ended(within=AT_ONCE_S) for it in watching]
            assert all("ended" in it for it in await asyncio.gather(*ends))
            assert (await http.get("/v1/account")).status_code == 401
        with pytest.raises(CannotWatch):
            await home.phone.watch(home.camera_id)
