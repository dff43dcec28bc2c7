"""What a camera reads from a phone that is held before it, and what it passes over."""

import asyncio
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
import segno
from PIL import Image

from devices.agent.lens import Lens
from devices.agent.sight import texts_in
from devices.viewer.qr_scene import Shot, show_still, show_video
from signaling.protocol.pairing_code import PairingCode

CODE = PairingCode(
    "https://eu.home.example:8443", "tok_0123456789abcdef0123456789", b"0123456789abcdef", "p" * 43
)
WIFI = "WIFI:T:WPA;S:home;P:not ours;;"


def _gray(path: Path) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    return np.asarray(Image.open(path).convert("L"), dtype=np.uint8)


async def _first(lens: Lens, foreign: list[str]) -> PairingCode:
    async with asyncio.timeout(30), aclosing(lens.codes(foreign.append)) as codes:
        async for code in codes:
            return code
    raise AssertionError


@pytest.mark.parametrize("turn", [0, 6, -17, 45, 90, 180])
@pytest.mark.parametrize("blur", [0.0, 1.6, 3.0])
def test_a_code_is_read_blurred_and_turned(tmp_path: Path, turn: float, blur: float) -> None:
    show_still(CODE, tmp_path / "seen.png", Shot(turn=turn, blur=blur))
    assert texts_in(_gray(tmp_path / "seen.png")) == [CODE.text()]


def test_a_code_from_across_the_room_and_one_in_bad_light_are_read(tmp_path: Path) -> None:
    show_still(CODE, tmp_path / "far.png", Shot(part=0.35, blur=0.8))
    assert texts_in(_gray(tmp_path / "far.png")) == [CODE.text()]
    show_still(CODE, tmp_path / "dim.png", Shot(noise=14))
    dim = (_gray(tmp_path / "dim.png") * 0.25 + 8).astype(np.uint8)
    assert texts_in(dim) == [CODE.text()]


def test_an_empty_room_shows_nothing() -> None:
    assert texts_in(np.full((720, 1280), 128, dtype=np.uint8)) == []


@pytest.mark.media
async def test_a_code_in_a_video_is_found(tmp_path: Path) -> None:
    show_video(CODE, tmp_path / "hand.ts", seconds=1)
    assert await _first(Lens(str(tmp_path / "hand.ts")), []) == CODE


async def test_a_file_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    looking = asyncio.create_task(_first(Lens(str(tmp_path / "later.png")), []))
    await asyncio.to_thread((tmp_path / "later.png").write_bytes, b"half a pictu")
    await asyncio.to_thread(show_still, CODE, tmp_path / "later.png")
    assert await looking == CODE


async def test_a_foreign_code_is_told_once_and_passed_over(tmp_path: Path) -> None:
    scene = tmp_path / "fridge.png"
    show_still(WIFI, scene)
    foreign: list[str] = []
    heard = asyncio.Event()

    def told(text: str) -> None:
        foreign.append(text)
        heard.set()

    lens = Lens(str(scene))
    async with asyncio.timeout(30), aclosing(lens.codes(told)) as codes:
        coming = asyncio.ensure_future(anext(codes))
        await heard.wait()
        await asyncio.to_thread(show_still, CODE, scene)
        assert await coming == CODE
    assert foreign == [WIFI]


def test_two_codes_in_one_picture_are_both_read(tmp_path: Path) -> None:
    ground = Image.new("L", (1280, 720), 200)
    for place, text in ((60, WIFI), (680, CODE.text())):
        segno.make(text, error="m").save(str(tmp_path / "one.png"), scale=8, border=4)
        ground.paste(Image.open(tmp_path / "one.png").convert("L"), (place, 60))
    assert set(texts_in(np.asarray(ground, dtype=np.uint8))) == {WIFI, CODE.text()}
