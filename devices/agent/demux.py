"""Reads a source once, from its beginning to its end, as coded H.264 pictures.

H.264 without B-frames is passed on as it came: nothing is decoded. Anything else is encoded
here, once for all viewers. This blocks; `capture.py` runs it in a thread.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import av
import av.container
from av.bitstream import BitStreamFilterContext
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from devices.agent.gop_rules import TICKS_PER_SECOND, CodedPicture

OPEN_TIMEOUT_S: Final = 5.0
READ_TIMEOUT_S: Final = 5.0  # a camera module that is silent this long has gone
ENCODED_FPS: Final = 30
_LIVE_SCHEMES: Final = {"rtsp", "rtsps"}
_AVCC: Final = 1  # first byte of a length-prefixed stream's configuration (ISO/IEC 14496-15)
_PARAMETER_SET: Final = re.compile(rb"\x00\x00\x01[\x07\x27\x47\x67]")  # NAL unit type 7

Unit: TypeAlias = "tuple[Packet[VideoStream], bytes]"  # its times, and its bytes in Annex B


class SourceFailed(OSError):  # noqa: N818 - says what happened
    """The source can't be opened or has stopped. Its text names the cause, never a password."""


def is_live(source: str) -> bool:
    """Whether the source sets the pace itself (a camera) and not we (a file)."""
    return source.startswith("/dev/") or urlsplit(source).scheme in _LIVE_SCHEMES


def shown(source: str) -> str:
    """The source as it may stand in a log: an RTSP address without user and password."""
    parts = urlsplit(source)
    if parts.scheme not in _LIVE_SCHEMES:
        return source
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def open_source(source: str) -> av.container.InputContainer:
    """Open a file, an RTSP address or a V4L2 device. Raises SourceFailed."""
    timeouts = (OPEN_TIMEOUT_S, READ_TIMEOUT_S)
    try:
        if source.startswith("/dev/"):
            return av.open(source, format="v4l2", options={"framerate": str(ENCODED_FPS)})
        if is_live(source):
            low_delay = {"rtsp_transport": "tcp", "fflags": "nobuffer", "flags": "low_delay"}
            return av.open(source, options=low_delay, timeout=timeouts)
        return av.open(source)
    except (OSError, ValueError, FFmpegError) as why:
        raise SourceFailed(f"{shown(source)} can't be opened: {_cause(why)}") from why


def coded_pictures(source: str) -> Iterator[CodedPicture]:
    """All pictures of one pass, times from zero. Raises SourceFailed."""
    with open_source(source) as container:
        if not container.streams.video:
            raise SourceFailed(f"{shown(source)} has no video")
        stream = container.streams.video[0]
        fits = stream.codec_context.name == "h264" and not stream.codec_context.has_b_frames
        units = _passed_through(container, stream) if fits else _encoded(container, stream)
        first: Fraction | None = None
        try:
            for packet, data in units:
                if packet.pts is None or not data:
                    continue
                at = packet.pts * packet.time_base
                first = at if first is None else first
                ticks = round((at - first) * TICKS_PER_SECOND)
                yield CodedPicture(data, ticks, packet.is_keyframe)
        except (OSError, FFmpegError) as why:
            raise SourceFailed(f"{shown(source)} has stopped: {_cause(why)}") from why


def _cause(why: Exception) -> str:
    """FFmpeg's own word, without the address that it repeats (it may hold a password)."""
    return (why.strerror if isinstance(why, OSError) else None) or type(why).__name__


def _passed_through(container: av.container.InputContainer, stream: VideoStream) -> Iterator[Unit]:
    """The packets as they are, in Annex B form and with the parameter sets at each key frame."""
    extradata = stream.codec_context.extradata or b""
    if extradata[:1] == bytes([_AVCC]):
        to_annex_b = BitStreamFilterContext("h264_mp4toannexb", stream)
        for packet in container.demux(stream):
            for changed in to_annex_b.filter(packet if packet.size else None):
                yield changed, bytes(changed)
        return
    for packet in container.demux(stream):
        data = bytes(packet)
        if packet.is_keyframe and not _PARAMETER_SET.search(data, 0, 4096):
            data = extradata + data  # RTSP tells them once, in its SDP; a late viewer missed it
        yield packet, data


def _encoded(container: av.container.InputContainer, stream: VideoStream) -> Iterator[Unit]:
    """The pictures of any other codec as H.264 constrained baseline, a key frame each second."""
    encoder: VideoCodecContext | None = None
    for frame in container.decode(stream):
        if encoder is None:
            time_base = frame.time_base or Fraction(1, TICKS_PER_SECOND)
            encoder = _encoder(frame.width & ~1, frame.height & ~1, time_base)
        even = frame.reformat(width=encoder.width, height=encoder.height, format="yuv420p")
        for packet in encoder.encode(even):
            yield packet, bytes(packet)
    if encoder is not None:
        for packet in encoder.encode(None):
            yield packet, bytes(packet)


def _encoder(width: int, height: int, time_base: Fraction) -> VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = time_base
    encoder.framerate = Fraction(ENCODED_FPS)
    encoder.profile = "Baseline"
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "level": "31",
        "x264-params": f"keyint={ENCODED_FPS}:scenecut=0:repeat-headers=1:annexb=1",
    }
    return encoder
