"""Shows a pairing code to a camera that isn't there: the phone's screen as a lens would see it.

A phone in a hand, a little turned, not quite in focus, in a room with noise; as a still (PNG) or
as a few seconds of video (H.264 in MPEG-TS) in which the hand moves.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, pi, sin
from pathlib import Path
from typing import Final

import numpy as np
import segno
from PIL import Image, ImageDraw, ImageFilter

from devices.agent.h264_file import Picture, write_h264
from signaling.protocol.pairing_code import PairingCode

SIZE: Final = (1280, 720)
FPS: Final = 10
_ROOM, _PHONE, _TABLE = (148, 142, 132), (24, 24, 28), (108, 84, 64)


@dataclass(frozen=True, slots=True)
class Shot:
    """How badly the code is held: turn in degrees, blur in pixels, noise in grey levels."""

    turn: float = 6.0
    blur: float = 1.6
    noise: float = 9.0
    part: float = 0.62  # of the picture's height that the phone's screen takes


def show_still(code: PairingCode | str, path: Path, shot: Shot | None = None) -> None:
    """Write one picture of the code as PNG, all at once. Raises OSError."""
    beside = path.with_name(path.name + ".part")
    scene = _scene(_qr(_text(code)), shot or Shot(), (0.0, 0.0), seed=1)
    Image.fromarray(scene).save(beside, format="PNG")
    beside.replace(path)


def show_video(
    code: PairingCode | str, path: Path, *, seconds: float = 2.0, shot: Shot | None = None
) -> None:
    """Write a short clip in which a hand holds the code before the lens. Raises OSError."""
    qr, frames = _qr(_text(code)), max(1, round(seconds * FPS))
    write_h264(path, _moving(qr, shot or Shot(), frames), SIZE, FPS)


def _text(code: PairingCode | str) -> str:
    return code if isinstance(code, str) else code.text()


def _qr(text: str) -> Image.Image:
    """The code as the phone draws it: error level M, quiet zone of four modules."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=8, border=4)
    return Image.open(drawn).convert("RGB")


def _moving(qr: Image.Image, shot: Shot, frames: int) -> Iterator[Picture]:
    for number in range(frames):
        phase = 2 * pi * number / frames
        swing = Shot(shot.turn + 2.0 * sin(phase), shot.blur, shot.noise, shot.part)
        yield _scene(qr, swing, (12.0 * cos(phase), 7.0 * sin(2 * phase)), seed=number)


def _scene(qr: Image.Image, shot: Shot, shift: tuple[float, float], seed: int) -> Picture:
    width, height = SIZE
    room = Image.new("RGB", SIZE, _ROOM)
    ImageDraw.Draw(room).rectangle((0, height * 0.82, width, height), fill=_TABLE)
    phone = _phone(qr, round(height * shot.part)).rotate(
        shot.turn, Image.Resampling.BICUBIC, expand=True
    )
    left = round((width - phone.width) / 2 + shift[0])
    top = round((height - phone.height) / 2 + shift[1])
    room.paste(phone, (left, top), phone)
    blurred = room.filter(ImageFilter.GaussianBlur(shot.blur))
    dice = np.random.default_rng(seed)  # seeded: the same scene each time, for tests
    noisy = np.asarray(blurred, dtype=np.float32) * 0.9
    noisy += dice.normal(0.0, shot.noise, (height, width, 1))
    return noisy.clip(0, 255).astype(np.uint8)


def _phone(qr: Image.Image, side: int) -> Image.Image:
    """A phone with the code on its screen, on a transparent ground."""
    rim, ears = side // 16, side // 5
    body = Image.new("RGBA", (side + 2 * rim, side + 2 * ears), (0, 0, 0, 0))
    draw = ImageDraw.Draw(body)
    draw.rounded_rectangle((0, 0, body.width - 1, body.height - 1), radius=rim * 2, fill=_PHONE)
    body.paste(qr.resize((side, side), Image.Resampling.BILINEAR), (rim, ears))
    return body
