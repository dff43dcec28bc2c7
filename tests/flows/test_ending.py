"""What a person ends is over at once: a released camera, a sign-in that was ended."""

from pathlib import Path

import pytest

from bench.running_server import EMAIL, running_server

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
