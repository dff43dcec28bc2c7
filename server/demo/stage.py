"""The demo, whole: a folder, a server, a camera, the story; then it stays up to be clicked."""

import asyncio
import fcntl
import shutil
import signal
import time
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager
from os import environ
from pathlib import Path
from typing import Final

import typer

from devices.agent.clip import make_clip
from devices.viewer.phone import Phone
from server.demo.geography import PHONE_ADDRESS, write_geography
from server.demo.journal import Journal, StepFailed
from server.demo.processes import free_port, run_once, running
from server.demo.proxy import PROXY_ADDRESS, through_proxy
from server.demo.servers import running_servers
from server.demo.story import EMAIL, SERIAL, STAFF, Story
from server.foundation.file_labels import plain_file

CLIP_S: Final = 8.0
OF_THE_CAMERA: Final = plain_file("camera/*", "what a camera keeps for itself, in a home")
GEOGRAPHY: Final = plain_file("geoip.mmdb", "which networks are in which town")
BEFORE_THE_LENS: Final = plain_file("lens.ts", "the clip with the code that pairs the camera, once")


async def show(folder: Path, *, once: bool, nodes: int = 1) -> int:
    """Run the demo in this folder, which is emptied first. The exit status: 0 if all steps held."""
    began = time.perf_counter()
    journal = Journal(typer.echo)
    try:
        async with AsyncExitStack() as stack:
            stack.enter_context(_alone_in(folder))
            story = await _set_up(stack, journal, folder, nodes)
            await story.tell()
            took = time.perf_counter() - began
            journal.say(f"  all {journal.held} steps held, {took:.1f} s in all")
            if not once:
                await _stay(journal, story)
    except StepFailed as why:
        journal.say(f"the demo did not hold: {why}")
        return 1
    return 0


async def _set_up(stack: AsyncExitStack, journal: Journal, folder: Path, nodes: int) -> Story:
    async with journal.step("house set up: database, GeoIP file, clip, server") as facts:
        _empty(folder)
        write_geography(folder / "geoip.mmdb")
        clip = folder.parent / "clip.ts"
        if not clip.exists():
            await asyncio.to_thread(make_clip, clip, seconds=CLIP_S)
        http, sockets = free_port(8080), free_port(8081)
        url = f"http://127.0.0.1:{http}"
        env = _environment(folder, url, http, sockets)
        servers = await stack.enter_async_context(running_servers(env, folder, url, nodes))
        env = servers.env
        facts.append(f"{url}, {_database_name()}, {servers.manner}")
    camera_folder = folder / "camera"
    async with journal.step("camera made: its key never leaves it") as facts:
        made = ("camera", "manufacture", "--serial", SERIAL, "--model", "SH-C1", "--region", "PT")
        await run_once(env, *made, "--folder", str(camera_folder))
        record = str(camera_folder / "factory_record.csv")
        facts.append((await run_once(env, "factory-import", record)).strip().splitlines()[-1])
    sees = ("--source", str(clip), "--lens", str(folder / "lens.ts"))
    where = ("--folder", str(camera_folder), "--server", url)
    camera = await stack.enter_async_context(
        running("camera", env, folder, "camera", "run", *where, *sees)
    )
    http_client = await stack.enter_async_context(through_proxy(url, PHONE_ADDRESS))
    return Story(journal, folder, url, env, Phone(http_client), camera, servers.processes, nodes)


def _environment(folder: Path, url: str, http: int, sockets: int) -> dict[str, str]:
    return {
        "SECUHOME_MODE": "demo",
        "SECUHOME_DATA_DIR": str(folder),
        "SECUHOME_PUBLIC_URL": url,
        "SECUHOME_HTTP_PORT": str(http),
        "SECUHOME_SIGNALING_PORT": str(sockets),
        "SECUHOME_GEOIP_PATH": str(folder / "geoip.mmdb"),
        "SECUHOME_TRUSTED_PROXIES": f'["{PROXY_ADDRESS}/32"]',
    }


def _database_name() -> str:
    return environ.get("SECUHOME_DATABASE_URL", "SQLite").partition("+")[0]


@contextmanager
def _alone_in(folder: Path) -> Generator[None]:
    """Two demos in one folder would each empty the other's. Raises StepFailed."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StepFailed(
                f"another demo runs in {folder}; stop it, or name another folder with --folder"
            ) from None
        yield


def _empty(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


async def _stay(journal: Journal, story: Story) -> None:
    journal.say("")
    journal.say(f"  companion app   {story.url}/app/")
    journal.say(f"                  {EMAIL}  {story.password}")
    journal.say(f"  staff console   {story.url}/staff/")
    journal.say(f"                  {STAFF}  {story.staff_password}   serial {SERIAL}")
    journal.say(f"  mail            {story.folder / 'mail'}")
    journal.say("  Ctrl-C ends it.")
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    waits = [
        asyncio.create_task(stopped.wait()),
        *(asyncio.create_task(process.died()) for process in (story.camera, *story.servers)),
    ]
    done, others = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    for task in done:
        await task
