"""What a person ends is over at once: a released camera, a sign-in that was ended."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.agent.clip import make_clip
from devices.viewer.phone import Phone
from devices.viewer.qr_scene import show_still
from server.demo.processes import milestone, run_once, running
from server.demo.story import code_in_mail
from tests.flows.server_process import running_server

pytestmark = [pytest.mark.flow, pytest.mark.media]

EMAIL, PASSWORD = "owner@home.example", "seventeen wet otters"
AT_ONCE_S = 1.0


@asynccontextmanager
async def paired(folder: Path) -> AsyncGenerator[tuple[Phone, str]]:
    """An owner's phone and their camera, which is online."""
    make_clip(folder / "clip.ts", seconds=2)
    async with running_server(folder) as server, Phone(server.url) as phone:
        made = ("--serial", "SH-TEST-1", "--model", "SH-C1", "--region", "DE")
        camera_folder = folder / "camera"
        await run_once(server.env, "camera", "manufacture", *made, "--folder", str(camera_folder))
        await run_once(server.env, "factory-import", str(camera_folder / "factory_record.csv"))
        registration = await phone.register(EMAIL, PASSWORD, "DE")
        await phone.confirm(registration, await code_in_mail(folder / "mail"))
        await phone.accept_policy(await phone.policy())
        sees = ("--source", str(folder / "clip.ts"), "--lens", str(folder / "lens.png"))
        where = ("--folder", str(camera_folder), "--server", server.url)
        async with running("camera", server.env, folder, "camera", "run", *where, *sees) as camera:
            shown = await phone.start_pairing("Porch")
            show_still(shown.code, folder / "lens.png")
            mine = await phone.finish_pairing(shown)
            await milestone(camera, "online")
            yield phone, mine.id


async def test_a_released_camera_shows_its_last_owner_nothing_more(tmp_path: Path):
    async with paired(tmp_path) as (phone, camera_id):
        watching = await phone.watch(camera_id)
        async with watching:
            await phone.release(camera_id)
            assert "ended" in await watching.until_ended(within=AT_ONCE_S)


async def test_a_sign_out_ends_what_that_sign_in_watches_and_nothing_else(tmp_path: Path):
    async with paired(tmp_path) as (phone, camera_id):
        first = await phone.watch(camera_id)
        async with first:
            await phone.sign_in(EMAIL, PASSWORD)
            second = await phone.watch(camera_id)
            async with second:
                await phone.sign_out()
                assert "ended" in await second.until_ended(within=AT_ONCE_S)
                seen = first.frames_decoded
                assert await first.frames(seen + 10) >= seen + 10
                assert first.ended is None
