"""Time to the first decoded frame, beside the least that is possible.

    python -m bench.first_frame [--runs 20] [--smoke] [--chromium] [--json FILE]

Measured: a phone with a fresh socket, server and camera each in a process of its own, from the
wish to watch (open the socket, register, connect) to the first decoded frame. Two floors are
measured in the same run, in turn with it, so that a busy machine slows all three alike:

- `aiortc`: two aiortc peers in this process, no server, aiortc's own player passing the same clip
  through. Its second picture comes 33 ms after the first, and aiortc needs it to know the first
  is whole.
- `ours`: the same with the camera's own capture and peer, which sends the newest group of
  pictures at once. What is left between this and the phone is the price of signaling alone.

Holds if the phone's median is at most 1.25 times the aiortc floor's; exit status 1 otherwise.
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated, Any, Final

import typer
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.contrib.media import MediaPlayer

from bench.chromium_viewer import chromium_viewer
from bench.running_server import RunningServer, running_server
from devices.agent.capture import Capture
from devices.agent.ice import hurry_checks
from devices.agent.peer import Peer
from devices.viewer.watching import PEER_TO_PEER, watch

CHROMIUM_GOAL: Final = 1.5  # reported, not held: a browser starts a page and its decoder too
MOST_RATIO: Final = 1.25
SMOKE_RUNS: Final = 3
WARM_UP_RUNS: Final = 2  # the first decoder and certificate of a process load their libraries
GOP_S: Final = 1.0  # runs begin anywhere in it, as viewers do

Measure = Callable[[], Awaitable[float]]


class _PlainViewer:
    """A viewer made of aiortc alone, for the floors."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._track: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
        self.connection.on("track", self._track.set_result)

    async def answer(self, offer: str) -> str:
        await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return self.connection.localDescription.sdp

    async def first_frame(self) -> None:
        await (await self._track).recv()


async def aiortc_floor(clip: Path) -> float:
    """Seconds to the first frame between two plain aiortc peers; the player is open before."""
    player = MediaPlayer(str(clip), loop=True, decode=False)
    began = time.perf_counter()
    camera, viewer = RTCPeerConnection(RTCConfiguration(iceServers=[])), _PlainViewer()
    video = camera.addTransceiver(player.video or "video", direction="sendonly")
    codecs = RTCRtpSender.getCapabilities("video").codecs
    video.setCodecPreferences([codec for codec in codecs if codec.mimeType == "video/H264"])
    await camera.setLocalDescription(await camera.createOffer())
    answer = await viewer.answer(camera.localDescription.sdp)
    await camera.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await viewer.first_frame()
    took = time.perf_counter() - began
    await viewer.connection.close()
    await camera.close()
    return took


async def our_floor(capture: Capture) -> float:
    """The same with the camera's own peer; the capture runs, as in a camera that is on."""
    began = time.perf_counter()
    peer, viewer = Peer(capture), _PlainViewer()
    await peer.answered(await viewer.answer(await peer.offer()))
    await viewer.first_frame()
    took = time.perf_counter() - began
    await viewer.connection.close()
    await peer.close()
    return took


async def through_server(server: RunningServer) -> float:
    """Seconds on a phone, from the wish to watch. Raises CannotWatch."""
    token = server.phone.access_token or ""
    async with await watch(server.signaling_url, token, server.camera_id) as watching:
        if watching.path != PEER_TO_PEER:
            raise RuntimeError(f"the pictures took another path: {watching.path}")
        return watching.first_frame_s


async def measure(runs: int, *, chromium: bool) -> dict[str, Any]:
    """All series, in turn; times in milliseconds."""
    hurry_checks()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="first-frame-")))
        server = await stack.enter_async_context(running_server(folder))
        capture = Capture(str(server.clip))
        await capture.open(within=10)
        stack.push_async_callback(capture.close)
        measures: dict[str, Measure] = {
            "aiortc": lambda: aiortc_floor(server.clip),
            "ours": lambda: our_floor(capture),
            "phone": lambda: through_server(server),
        }
        if chromium:
            measures["chromium"] = await stack.enter_async_context(chromium_viewer(server))
        series = await _in_turn(measures, runs)
    return _summary(series)


async def _in_turn(measures: dict[str, Measure], runs: int) -> dict[str, list[float]]:
    series: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(WARM_UP_RUNS + runs):
        for name, once in measures.items():
            await asyncio.sleep(random.random() * GOP_S)
            took = await once()
            if number >= WARM_UP_RUNS:
                series[name].append(took)
    return series


def _summary(series: dict[str, list[float]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, times in series.items():
        tenths = quantiles(times, n=10) if len(times) > 1 else times * 9
        told[name] = {
            "runs": len(times),
            "p50_ms": round(median(times) * 1000, 1),
            "p90_ms": round(tenths[8] * 1000, 1),
            "least_ms": round(min(times) * 1000, 1),
        }
    for floor in ("aiortc", "ours"):
        ratio = told["phone"]["p50_ms"] / told[floor]["p50_ms"]
        told[f"phone_to_{floor}"] = round(ratio, 2)
    if browser := told.get("chromium"):
        ratio = browser["p50_ms"] / told["aiortc"]["p50_ms"]
        told["chromium_to_aiortc"] = round(ratio, 2)
        told["chromium_goal"] = CHROMIUM_GOAL
    told["most_ratio"] = MOST_RATIO
    told["holds"] = told["phone_to_aiortc"] <= MOST_RATIO
    return told


def main(
    runs: Annotated[int, typer.Option(min=2)] = 20,
    *,
    smoke: Annotated[bool, typer.Option("--smoke", help="A few runs, nothing held.")] = False,
    chromium: Annotated[bool, typer.Option("--chromium", help="A browser as well.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures.")] = None,
) -> None:
    """Measure the time to the first frame."""
    told = asyncio.run(measure(SMOKE_RUNS if smoke else runs, chromium=chromium))
    for name in ("aiortc", "ours", "phone", "chromium"):
        if figures := told.get(name):
            print(f"{name:9} p50 {figures['p50_ms']:6} ms   p90 {figures['p90_ms']:6} ms")
    print(f"phone / aiortc floor {told['phone_to_aiortc']} (at most {MOST_RATIO})")
    if chromium:
        print(f"Chromium / aiortc floor {told['chromium_to_aiortc']} (goal {CHROMIUM_GOAL})")
    print(f"phone / our own peers in one process {told['phone_to_ours']}")
    if json_file is not None:
        json_file.write_text(json.dumps(told, indent=2) + "\n")
    if not (told["holds"] or smoke):
        sys.exit(1)


if __name__ == "__main__":
    typer.run(main)
