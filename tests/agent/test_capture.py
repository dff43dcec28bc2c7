"""One source, many viewers: each starts at a key frame, and none can hurt another."""

import asyncio
import itertools
import shutil
from pathlib import Path

import av
import pytest
from av.packet import Packet

from devices.agent.capture import MOST_WAITING, Capture, CaptureOver, Follower
from devices.agent.demux import SourceFailed, coded_pictures, shown
from devices.agent.gop_rules import CodedPicture
from tests.agent.conftest import CLIP_SECONDS

pytestmark = pytest.mark.media


def _as_mp4(clip: Path, path: Path) -> Path:
    """The same H.264 with length prefixes, as phones and recorders write it."""
    with av.open(str(clip)) as source, av.open(str(path), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
    return path


def _as_vp8(clip: Path, path: Path) -> Path:
    with av.open(str(clip)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libvpx", rate=30, options={"deadline": "realtime"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for frame in list(source.decode(video=0))[:20]:
            target.mux(stream.encode(frame.reformat(width=320, height=180)))
        target.mux(stream.encode(None))
    return path


def _decoded(pictures: list[CodedPicture]) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create("h264", "r")
    frames = [frame for picture in pictures for frame in decoder.decode(Packet(picture.data))]
    return [*frames, *decoder.decode(None)]


def test_the_clip_is_what_a_camera_gives(clip: Path) -> None:
    with av.open(str(clip)) as container:
        coded = container.streams.video[0].codec_context
        assert (coded.name, coded.profile) == ("h264", "Constrained Baseline")
    pictures = list(coded_pictures(str(clip)))
    assert len(pictures) == CLIP_SECONDS * 30
    assert [n for n, picture in enumerate(pictures) if picture.is_key] == [0, 30, 60]


def test_h264_is_passed_through_untouched(clip: Path) -> None:
    with av.open(str(clip)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    assert [picture.data for picture in coded_pictures(str(clip))] == packets


@pytest.mark.parametrize("convert", [_as_mp4, _as_vp8])
def test_whatever_the_source_is_each_key_frame_can_be_decoded_alone(
    clip: Path, tmp_path: Path, convert: object
) -> None:
    name = "source.mp4" if convert is _as_mp4 else "source.webm"
    path = (_as_mp4 if convert is _as_mp4 else _as_vp8)(clip, tmp_path / name)
    keys = [picture for picture in coded_pictures(str(path)) if picture.is_key]
    assert keys
    for key in keys:
        assert key.data.startswith((b"\0\0\0\1", b"\0\0\1"))
        assert len(_decoded([key])) == 1


async def test_a_viewer_who_comes_in_the_middle_sees_a_picture_at_once(capture: Capture) -> None:
    early = capture.follow()
    for _ in range(12):  # the group of pictures is well under way
        await early.next()
    late = capture.follow()
    first = await late.next()
    assert first.is_key
    assert len(_decoded([first])) == 1


async def test_times_only_go_forward_when_the_file_begins_again(capture: Capture) -> None:
    follower = capture.follow()
    async with asyncio.timeout(CLIP_SECONDS + 10):
        heard = [await follower.next() for _ in range(CLIP_SECONDS * 30 + 40)]
    assert all(a.ticks < b.ticks for a, b in itertools.pairwise(heard))


async def test_a_closed_capture_lets_everybody_go(clip: Path) -> None:
    capture = Capture(str(clip))
    await capture.open(within=10)
    follower = capture.follow()
    await capture.close()
    with pytest.raises(CaptureOver):
        while True:
            await follower.next()


async def test_a_source_that_is_not_there_is_told_and_tried_again(
    clip: Path, tmp_path: Path
) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    capture = Capture(str(tmp_path / "late.ts"), on_trouble=told.put_nowait)
    opening = asyncio.create_task(capture.open(within=15))
    assert "late.ts" in await told.get()
    await asyncio.to_thread(shutil.copy, clip, tmp_path / "late.ts")
    await opening
    assert (await capture.follow().next()).is_key
    await capture.close()


async def test_a_slow_viewer_loses_whole_groups_and_never_half_of_one() -> None:
    slow = Follower([])
    for number in range(MOST_WAITING + 40):
        slow.put(CodedPicture(b"x", number, is_key=number % 30 == 0))
    first = await slow.next()
    assert first.is_key
    assert first.ticks >= MOST_WAITING
    following = [(await slow.next()).ticks for _ in range(slow.behind)]
    assert following == list(range(first.ticks + 1, MOST_WAITING + 40))


def test_what_is_no_video_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("not a video")
    with pytest.raises(SourceFailed, match=r"note\.txt"):
        list(coded_pictures(str(tmp_path / "note.txt")))


def test_a_password_in_an_rtsp_address_is_never_shown() -> None:
    assert shown("rtsp://admin:hunter2@10.0.0.9:554/live?token=s") == "rtsp://10.0.0.9:554/live"
    with pytest.raises(SourceFailed) as failed:
        list(coded_pictures("rtsp://admin:hunter2@127.0.0.1:1/live"))
    assert "hunter2" not in str(failed.value)
