"""The camera's commands, as whoever runs them sees them."""

import asyncio
import csv
import json
import signal
import sys
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from devices.agent.clip import make_clip
from devices.agent.command_line import camera_app, clip
from devices.agent.device_key import DeviceKey

IN_ORDER = ["--serial", "SN-0001", "--model", "SH-C1", "--region", "DE"]


def _manufacture(folder: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(
        camera_app, ["manufacture", *(words or IN_ORDER), "--folder", str(folder)]
    )
    return done.exit_code, done.output


def test_manufacture_makes_all_that_a_camera_and_its_server_need(tmp_path: Path) -> None:
    code, said = _manufacture(tmp_path / "new" / "camera")
    folder = tmp_path / "new" / "camera"
    assert code == 0, said
    assert (folder / "device_key.pem").stat().st_mode & 0o777 == 0o600
    identity = json.loads((folder / "identity.json").read_text())
    assert identity == {"serial": "SN-0001", "model": "SH-C1", "region": "DE"}
    with (folder / "factory_record.csv").open() as record:
        rows = list(csv.DictReader(record))
    key = DeviceKey.load(folder / "device_key.pem")
    assert [list(row) for row in rows] == [["serial", "model", "region", "public_key"]]
    assert rows[0]["serial"] == "SN-0001"
    assert json.loads(rows[0]["public_key"]) == key.public_jwk()
    assert key.thumbprint() in said


def test_a_camera_is_never_made_over_another(tmp_path: Path) -> None:
    _manufacture(tmp_path)
    key = (tmp_path / "device_key.pem").read_bytes()
    code, said = _manufacture(tmp_path)
    assert (code, (tmp_path / "device_key.pem").read_bytes()) == (1, key)
    assert "holds a camera already" in said


@pytest.mark.parametrize("wrong", ["SH-X9", "Germany", "de", "SN 1", "x"])
def test_what_no_camera_has_is_refused(tmp_path: Path, wrong: str) -> None:
    place = {"SH-X9": 3, "Germany": 5, "de": 5}.get(wrong, 1)
    words = [*IN_ORDER[:place], wrong, *IN_ORDER[place + 1 :]]
    code, _ = _manufacture(tmp_path / "camera", *words)
    assert code == 2
    assert not (tmp_path / "camera").exists()


@pytest.mark.media
def test_a_clip_is_made_with_one_word(tmp_path: Path) -> None:
    app = Typer()
    app.command()(clip)
    done = CliRunner().invoke(app, [str(tmp_path / "clip.ts"), "--seconds", "0.5"])
    assert done.exit_code == 0
    assert "15 frames" in done.output
    assert (tmp_path / "clip.ts").stat().st_size > 10_000
    failed = CliRunner().invoke(app, [str(tmp_path / "no" / "clip.ts"), "--seconds", "0.5"])
    assert failed.exit_code == 1


async def _run(*words: str) -> asyncio.subprocess.Process:
    start = "from devices.agent.command_line import camera_app; camera_app()"
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", start, "run", *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def test_a_camera_waits_for_its_server_and_leaves_cleanly_when_told(
    tmp_path: Path,
) -> None:
    await asyncio.to_thread(_manufacture, tmp_path)
    clip = tmp_path / "clip.ts"
    await asyncio.to_thread(make_clip, clip, seconds=0.2)
    words = ("--folder", str(tmp_path), "--server", "http://127.0.0.1:1", "--source", str(clip))
    camera = await _run(*words)
    assert camera.stdout is not None
    async with asyncio.timeout(30):
        waiting = json.loads(await camera.stdout.readline())
        assert waiting["event"] == "waiting"
        camera.send_signal(signal.SIGTERM)
        rest, told = await camera.communicate()
    assert camera.returncode == 0
    assert json.loads(rest.splitlines()[-1])["event"] == "stopped"
    assert b"can't be reached" in told
    assert b"Traceback" not in told


async def test_a_folder_without_a_camera_is_told_in_words(tmp_path: Path) -> None:
    camera = await _run("--folder", str(tmp_path), "--source", "none.ts")
    async with asyncio.timeout(30):
        said, told = await camera.communicate()
    assert camera.returncode == 1
    assert json.loads(said)["event"] == "refused"
    assert b"identity.json" in told
    assert b"Traceback" not in told


async def test_an_owned_camera_does_not_follow_another_server(tmp_path: Path) -> None:
    await asyncio.to_thread(_manufacture, tmp_path)
    owned = {"server": "https://home.example", "camera_id": "cam_1", "name": "Porch", "epoch": 1}
    memory = json.dumps(owned | {"phone_thumbprint": "p" * 43})
    await asyncio.to_thread((tmp_path / "pairing.json").write_text, memory)
    words = ("--folder", str(tmp_path), "--server", "https://evil.example", "--source", "none.ts")
    camera = await _run(*words)
    async with asyncio.timeout(30):
        said, _ = await camera.communicate()
    assert camera.returncode == 1
    assert "home.example" in json.loads(said)["why"]
    done = await asyncio.to_thread(
        CliRunner().invoke, camera_app, ["reset", "--folder", str(tmp_path)]
    )
    assert done.exit_code == 0
    assert not await asyncio.to_thread((tmp_path / "pairing.json").exists)


@pytest.mark.parametrize("source", ["nowhere.ts", "README.md"])
async def test_a_source_that_is_no_video_is_told_in_words(source: str, tmp_path: Path) -> None:
    await asyncio.to_thread(_manufacture, tmp_path)
    words = ("--folder", str(tmp_path), "--server", "http://127.0.0.1:1", "--source", source)
    camera = await _run(*words)
    async with asyncio.timeout(30):
        _, told = await camera.communicate()
    assert camera.returncode == 1
    assert source.encode() in told
    assert b"--source" in told
    assert b"Traceback" not in told


async def test_a_server_that_is_no_address_is_told_in_words(tmp_path: Path) -> None:
    camera = await _run("--folder", str(tmp_path), "--server", "nonsense", "--source", "none.ts")
    async with asyncio.timeout(30):
        _, told = await camera.communicate()
    assert camera.returncode == 2
    assert b"http://" in told
