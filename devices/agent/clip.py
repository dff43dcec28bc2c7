"""Makes a clip to look at where no camera is at hand: a porch with a running clock.

The frame counter is drawn in, so that whoever watches sees at once whether pictures are
missing, late or repeated.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from devices.agent.h264_file import Picture, write_h264

SIZE: Final = (1280, 720)
FPS: Final = 30
_SKY, _WALL, _FLOOR, _DOOR = (126, 160, 196), (196, 178, 150), (112, 104, 96), (92, 58, 44)
_INK, _PLATE, _BALL = (250, 250, 250), (20, 24, 30), (214, 84, 48)


def make_clip(
    path: Path, *, seconds: float = 10.0, size: tuple[int, int] = SIZE, fps: int = FPS
) -> int:
    """Write a clip (H.264 constrained baseline in MPEG-TS); the number of its frames.

    `size` is (width, height) in pixels, both even. Raises ValueError for an empty clip or an odd
    size, OSError where the path can't be written.
    """
    frames = round(seconds * fps)
    if frames < 1:
        raise ValueError("a clip needs at least one frame")
    if size[0] % 2 or size[1] % 2 or min(size) < 64:  # noqa: PLR2004 - 4:2:0 halves both sides
        raise ValueError("width and height must be even, and 64 pixels at least")
    return write_h264(path, _pictures(frames, size, fps), size, fps)


def _pictures(frames: int, size: tuple[int, int], fps: int) -> Iterator[Picture]:
    scene = _porch(size)
    font = ImageFont.load_default(size=size[1] / 9)
    small = ImageFont.load_default(size=size[1] / 24)
    for number in range(frames):
        picture = scene.copy()
        draw = ImageDraw.Draw(picture)
        _draw_clock(draw, size, number, fps, (font, small))
        _draw_ball(draw, size, number, fps)
        yield np.asarray(picture, dtype=np.uint8)


def _porch(size: tuple[int, int]) -> Image.Image:
    """The still part: sky, wall, floor and a door."""
    width, height = size
    scene = Image.new("RGB", size, _SKY)
    draw = ImageDraw.Draw(scene)
    draw.rectangle((0, height * 0.30, width, height * 0.80), fill=_WALL)
    draw.rectangle((0, height * 0.80, width, height), fill=_FLOOR)
    draw.rectangle((width * 0.68, height * 0.36, width * 0.84, height * 0.80), fill=_DOOR)
    knob = (width * 0.70, height * 0.58, width * 0.712, height * 0.60)
    draw.ellipse(knob, fill=_INK)
    return _grained(scene)


def _grained(scene: Image.Image) -> Image.Image:
    """Plaster and planks: a key frame of smooth paint would be a fifth of a real one."""
    grain = np.random.default_rng(seed=720).normal(0, 1.4, (scene.height, scene.width, 1))
    pixels = np.asarray(scene, dtype=np.float32) + grain
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _draw_clock(
    draw: ImageDraw.ImageDraw,
    size: tuple[int, int],
    number: int,
    fps: int,
    fonts: tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, ...],
) -> None:
    width, height = size
    minutes, seconds = divmod(number // fps, 60)
    clock = f"{minutes:02d}:{seconds:02d}.{number % fps * 1000 // fps:03d}"
    plate = (width * 0.04, height * 0.05, width * 0.50, height * 0.26)
    draw.rectangle(plate, fill=_PLATE)
    draw.text((width * 0.06, height * 0.06), clock, fill=_INK, font=fonts[0])
    caption = f"frame {number:05d}   SecuHome test clip"
    draw.text((width * 0.06, height * 0.20), caption, fill=_INK, font=fonts[1])


def _draw_ball(draw: ImageDraw.ImageDraw, size: tuple[int, int], number: int, fps: int) -> None:
    """A ball that rolls from left to right in four seconds: something that moves evenly."""
    width, height = size
    radius = height * 0.05
    along = number % (4 * fps) / (4 * fps)
    x, y = radius + along * (width - 2 * radius), height * 0.88
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_BALL)
