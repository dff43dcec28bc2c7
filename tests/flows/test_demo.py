"""The demo is the main job with real processes: it must hold, and must notice when it doesn't."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import pytest

from server.foundation.file_labels import label_of_file
from tests.flows.gateways import children_of

pytestmark = [pytest.mark.flow, pytest.mark.timeout(180)]

STEPS = (
    "camera registered with its own key",
    "account made, policy shown and accepted",
    "signed in, coarse place recorded",
    "camera paired by a QR that it read through its lens",
    "warranty activated",
    "live video seen by the phone",
    "support looked the warranty up, the owner can read it",
)


@asynccontextmanager
async def demo(folder: Path, *words: str, **env: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """`secuhome demo --once`, running."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server.command_line",
        "demo", "--once", "--folder", str(folder), *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={**os.environ, **env},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def is_camera(pid: int) -> bool:
    """Whether this process is a camera."""
    return b"camera\0run" in Path(f"/proc/{pid}/cmdline").read_bytes()


async def test_every_step_holds(tmp_path: Path, database_url: str, database_kind: str):
    env = {} if database_kind == "sqlite" else {"SECUHOME_DATABASE_URL": database_url}
    async with demo(tmp_path / "demo", **env) as process:
        out, err = await process.communicate()
    told = out.decode()
    assert process.returncode == 0, told + err.decode()
    for step in STEPS:
        assert re.search(rf"✓ +[\d.]+ s  {re.escape(step)}", told), told
    assert "place: Portugal" in told
    assert re.search(r"1280×720 H264, first frame after \d+ ms, peer to peer, \d+ frames", told)
    assert re.search(r"the owner reads: “.*2026-000123", told)
    folder = tmp_path / "demo"
    left = {it.relative_to(folder) for it in folder.rglob("*") if it.is_file()}
    import_module("server.command_line")  # so that every file is known
    assert Path("secuhome.sqlite") in left or database_kind != "sqlite"
    assert {it for it in left if label_of_file(it) is None} == set()  # else nobody says what it has


async def test_with_two_nodes_every_step_holds_and_nobody_is_left_behind(tmp_path: Path):
    async with demo(tmp_path / "demo", "--nodes", "2") as process:
        assert process.stdout is not None
        told = ""
        running: set[int] = set()
        async for line in process.stdout:
            told += line.decode()
            if "signed in, coarse place" in line.decode():  # once; a camera says so too
                children = children_of(process.pid)
                running = {*children, *(pid for child in children for pid in children_of(child))}
        assert await process.wait() == 0, told
    for step in STEPS:
        assert re.search(rf"✓ +[\d.]+ s  {re.escape(step)}", told), told
    assert "NATS, HTTP, and 2 gateways behind one address" in told
    crossed = re.search(r"the camera is at (\S+), the phone at (\S+)", told)
    assert crossed is not None
    assert crossed[1] != crossed[2]
    assert len(running) == 6  # NATS, HTTP, two gateways and their parent, the camera
    assert not any(Path(f"/proc/{pid}").exists() for pid in running)


async def test_a_gateway_that_dies_half_way_is_started_again_and_the_demo_goes_on(tmp_path: Path):
    async with demo(tmp_path / "demo", "--nodes", "2") as process:
        assert process.stdout is not None
        told = ""
        async for line in process.stdout:
            told += line.decode()
            if "signed in, coarse place" in line.decode():  # once; a camera says so too
                parent = next(pid for pid in children_of(process.pid) if children_of(pid))
                os.kill(children_of(parent)[0], signal.SIGKILL)
        assert await process.wait() == 0, told
    assert "all 9 steps held" in told


async def test_a_camera_that_dies_half_way_is_noticed_and_named(tmp_path: Path):
    async with demo(tmp_path / "demo") as process:
        assert process.stdout is not None
        told: list[str] = []
        async for line in process.stdout:
            told.append(line.decode())
            if "camera paired" in told[-1]:
                camera = next(pid for pid in children_of(process.pid) if is_camera(pid))
                os.kill(camera, signal.SIGKILL)
        assert await process.wait() == 1
    assert "the camera process ended (SIGKILL)" in told[-1]
    assert not any("all 9 steps held" in line for line in told)


async def test_the_demo_leaves_no_process_behind(tmp_path: Path):
    async with demo(tmp_path / "demo") as process:
        assert process.stdout is not None
        children: list[int] = []
        async for line in process.stdout:
            if "signed in, coarse place" in line.decode():  # once; a camera says so too
                children = children_of(process.pid)
                process.send_signal(signal.SIGINT)
        await process.wait()
    assert len(children) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)


async def test_a_second_demo_in_the_same_folder_is_refused_and_disturbs_nothing(tmp_path: Path):
    async with demo(tmp_path / "demo") as first:
        assert first.stdout is not None
        await first.stdout.readline()  # its folder is set up
        async with demo(tmp_path / "demo") as second:
            told, _ = await second.communicate()
        assert second.returncode == 1
        assert b"another demo runs in" in told
        await first.stdout.read()
        assert await first.wait() == 0
