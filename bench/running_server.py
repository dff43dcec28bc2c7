"""A server, a camera that it knows, and a phone that owns it: each its own process but the phone.

Made in the way an operator and an owner would: `secuhome serve`, a manufactured camera, an
account, the policy accepted, a pairing by a QR code before the lens.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devices.agent.clip import make_clip
from devices.viewer.phone import Phone
from devices.viewer.qr_scene import show_still
from server.demo.processes import RunningProcess, free_port, milestone, run_once, running
from server.demo.servers import Servers, running_servers
from server.demo.story import code_in_mail

SERIAL: Final = "SH-BENCH-0001"
EMAIL: Final = "bench@secuhome.example"
CLIP_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class RunningServer:
    """What a bench needs of it."""

    url: str
    signaling_url: str
    phone: Phone
    camera_id: str
    clip: Path
    password: str
    camera: RunningProcess
    servers: Servers


@asynccontextmanager
async def running_server(
    folder: Path, nodes: int = 1, settings: Mapping[str, str] | None = None
) -> AsyncGenerator[RunningServer, None]:
    """Everything up and the camera online; taken down on the way out. Raises StepFailed.

    With several nodes, HTTP is a process of its own, and so is each gateway. `settings` (TURN_URLS,
    …) are the server's, without their prefix.
    """
    async with AsyncExitStack() as stack:
        http, signaling = free_port(0), free_port(0)
        url = f"http://127.0.0.1:{http}"
        env = _environment(folder, url, http, signaling)
        env |= {f"SECUHOME_{name}": value for name, value in (settings or {}).items()}
        clip, seen = folder / "clip.ts", folder / "seen.png"
        await asyncio.to_thread(make_clip, clip, seconds=CLIP_S)
        servers = await stack.enter_async_context(running_servers(env, folder, url, nodes))
        made = await _manufacture(folder / "camera", env)
        words = ("--folder", str(made), "--server", url, "--source", str(clip), "--lens", str(seen))
        camera = await stack.enter_async_context(
            running("camera", env, folder, "camera", "run", *words)
        )
        phone = await stack.enter_async_context(Phone(url))
        password = secrets.token_urlsafe(18)
        await _account(phone, folder / "mail", password)
        shown = await phone.start_pairing("Bench")
        await asyncio.to_thread(show_still, shown.code, seen)
        paired = await phone.finish_pairing(shown)
        await milestone(camera, "online")
        yield RunningServer(
            url=url,
            signaling_url=await phone.signaling_url(),
            phone=phone,
            camera_id=paired.id,
            clip=clip,
            password=password,
            camera=camera,
            servers=servers,
        )


def _environment(folder: Path, url: str, http: int, signaling: int) -> dict[str, str]:
    return {
        "SECUHOME_MODE": "demo",
        "SECUHOME_DATA_DIR": str(folder),
        "SECUHOME_PUBLIC_URL": url,
        "SECUHOME_HTTP_PORT": str(http),
        "SECUHOME_SIGNALING_PORT": str(signaling),
    }


async def _manufacture(folder: Path, env: dict[str, str]) -> Path:
    words = ("camera", "manufacture", "--serial", SERIAL, "--model", "SH-C1", "--region", "DE")
    await run_once(env, *words, "--folder", str(folder))
    await run_once(env, "factory-import", str(folder / "factory_record.csv"))
    return folder


async def _account(phone: Phone, mail: Path, password: str) -> None:
    registration = await phone.register(EMAIL, password, "DE")
    await phone.confirm(registration, await code_in_mail(mail))
    await phone.accept_policy(await phone.policy())
