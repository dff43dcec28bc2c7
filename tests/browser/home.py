"""A whole SecuHome for a browser to use: server, mail folder, and a camera before a screen.

The processes are started as an operator would. The browser is told apart from the machine by the
address that it claims: here the server trusts whoever connects from loopback as its proxy.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from devices.agent.clip import make_clip
from devices.agent.h264_file import write_h264
from server.demo.geography import PHONE_ADDRESS, write_geography
from server.demo.processes import RunningProcess, free_port, milestone, run_once, running
from server.demo.processes import until_ready as until_server_is_ready
from server.demo.story import code_in_mail

SERIAL: Final = "SH-TEST-0001"
STAFF: Final = "jo"
STAFF_PASSWORD: Final = "lighthouse quarrel biscuit"
LENS: Final = (1280, 720)
FROM_LISBON: Final = {"X-Forwarded-For": PHONE_ADDRESS}


@dataclass(frozen=True, slots=True)
class Served:
    """A server, where it keeps things, and the environment that its commands run in."""

    url: str
    folder: Path
    env: dict[str, str]

    async def code(self) -> str:
        """The six digits from the newest letter."""
        return await code_in_mail(self.folder / "mail")


@dataclass(frozen=True, slots=True)
class Home(Served):
    """A server with a camera."""

    camera: RunningProcess

    async def hold_before_lens(self, screenshot: bytes) -> None:
        """Let the camera see this picture, as if somebody held a phone in front of it."""
        picture = Image.open(BytesIO(screenshot)).convert("RGB")
        picture.thumbnail(LENS)
        scene = Image.new("RGB", LENS, (96, 92, 88))
        scene.paste(picture, ((LENS[0] - picture.width) // 2, (LENS[1] - picture.height) // 2))
        frames = [np.asarray(scene, dtype=np.uint8)] * 30
        seen = self.folder / "lens.ts"
        drawn = seen.with_name("drawn.ts")
        await asyncio.to_thread(write_h264, drawn, frames, LENS, 15)
        drawn.rename(seen)

    async def camera_said(self, event: str) -> None:
        """Wait for a milestone of the camera."""
        await milestone(self.camera, event)


@asynccontextmanager
async def served(folder: Path, **settings: str) -> AsyncGenerator[Served]:
    """A server up and running in `folder`, ended afterwards.

    `settings` (PUBLIC_URL, DATABASE_URL, …) go before those that are chosen here.
    """
    http, sockets = free_port(0), free_port(0)
    write_geography(folder / "geoip.mmdb")
    chosen = {
        "MODE": "demo",
        "DATA_DIR": str(folder),
        "PUBLIC_URL": f"http://127.0.0.1:{http}",
        "HTTP_PORT": str(http),
        "SIGNALING_PORT": str(sockets),
        "GEOIP_PATH": str(folder / "geoip.mmdb"),
        "TRUSTED_PROXIES": '["127.0.0.1/32"]',
    }
    env = {f"SECUHOME_{name}": value for name, value in (chosen | settings).items()}
    async with running("server", env, folder, "serve") as server:
        here = Served(env["SECUHOME_PUBLIC_URL"], folder, env)
        await _ready(server, here.url)
        yield here


@asynccontextmanager
async def home(folder: Path, **settings: str) -> AsyncGenerator[Home]:
    """Everything up and running in `folder`, ended afterwards."""
    clip, box = folder / "clip.ts", folder / "camera"
    async with served(folder, **settings) as server:
        env, url = server.env, server.url
        model = ("--serial", SERIAL, "--model", "SH-C1", "--region", "PT")
        await asyncio.gather(
            asyncio.to_thread(make_clip, clip, seconds=4),
            run_once(env, "staff-add", STAFF, stdin=STAFF_PASSWORD + "\n"),
            run_once(env, "camera", "manufacture", *model, "--folder", str(box)),
        )
        await run_once(env, "factory-import", str(box / "factory_record.csv"))
        looks = ("--source", str(clip), "--lens", str(folder / "lens.ts"))
        where = ("--folder", str(box), "--server", url)
        async with running("camera", env, folder, "camera", "run", *where, *looks) as camera:
            yield Home(url, folder, env, camera)


async def _ready(server: RunningProcess, url: str) -> None:
    died = asyncio.create_task(server.died())
    ready = asyncio.create_task(until_server_is_ready(url))
    done, others = await asyncio.wait([died, ready], return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    for task in done:
        await task
