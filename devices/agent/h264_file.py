"""Writes pictures as the H.264 that a camera's encoder chip gives: ready to be passed through.

Constrained baseline (no B-frames, so that pictures leave in the order they were taken), a key
frame each second (a viewer who joins waits for none longer), Annex B in MPEG-TS (from a
length-prefixed file a browser decodes nothing).
"""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

_FILE_TYPE: Final = "mpegts"
Picture = NDArray[np.uint8]  # rows, columns, three bytes of RGB

# x264 in words: one slice a picture, one key frame each `keyint`, none in between for a cut
_STEADY: Final = (
    "keyint={keyint}:min-keyint={keyint}:scenecut=0:bframes=0:repeat-headers=1:slices=1"
)


def write_h264(path: Path, pictures: Iterable[Picture], size: tuple[int, int], fps: int) -> int:
    """Encode the pictures into `path` (overwritten); the number of pictures written.

    `size` is (width, height) in pixels, both even; a key frame comes every `fps` pictures.
    Raises OSError where the path can't be written.
    """
    written = 0
    beside = path.with_name(path.name + ".part")  # a lens that waits for `path` never sees half
    with av.open(str(beside), "w", format=_FILE_TYPE) as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.profile = "Baseline"
        stream.codec_context.time_base = Fraction(1, fps)
        stream.options = {
            "preset": "veryfast",
            "level": "31",
            "crf": "24",
            "maxrate": "2500k",
            "bufsize": "2500k",
            "threads": "1",
            "x264-params": _STEADY.format(keyint=fps),
        }
        for written, picture in enumerate(pictures, start=1):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = written - 1
            frame.time_base = Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    beside.replace(path)
    return written
