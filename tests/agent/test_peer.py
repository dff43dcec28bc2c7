"""The camera's half of a call, against a viewer that isn't ours."""

import asyncio
import re
from pathlib import Path

import pytest

from devices.agent.capture import Capture
from devices.agent.peer import BadAnswer, OverBefore, Peer
from tests.agent.conftest import PlainViewer

pytestmark = pytest.mark.media


async def test_a_viewer_gets_frames_and_the_first_packet_is_told(capture: Capture) -> None:
    left = asyncio.Event()
    peer = Peer(capture, on_first_packet=left.set)
    async with PlainViewer() as viewer:
        await peer.answered(await viewer.answer(await peer.offer()))
        first = await viewer.frame()
        assert (first.width, first.height) == (640, 360)
        async with asyncio.timeout(5):
            await left.wait()
        for _ in range(20):
            await viewer.frame()
    await peer.close()


async def test_a_viewer_who_joins_in_the_middle_sees_what_the_clock_shows_now(
    capture: Capture,
) -> None:
    """Not last second's picture for ever: the frames from the key frame on run by quickly."""
    watched = capture.follow()
    while not (await watched.next()).is_key or watched.behind > 1:
        pass  # now a group has just begun
    for _ in range(20):
        await watched.next()
    peer = Peer(capture)
    async with PlainViewer() as viewer:
        await peer.answered(await viewer.answer(await peer.offer()))
        began = asyncio.get_running_loop().time()
        for _ in range(20):
            await viewer.frame()
        assert asyncio.get_running_loop().time() - began < 20 / 30
    await peer.close()


async def test_a_viewer_without_h264_gets_the_picture_too(capture: Capture) -> None:
    peer = Peer(capture)
    async with PlainViewer("video/VP8") as viewer:
        answer = await viewer.answer(await peer.offer())
        assert "H264" not in answer
        await peer.answered(answer)
        assert (await viewer.frame()).width == 640
    await peer.close()


async def test_a_call_that_ends_while_it_is_offered_leaves_no_socket_open(capture: Capture) -> None:
    """Else a camera would hold sockets, and a relay, for a viewer who is long gone."""
    files = Path("/proc/self/fd")
    before = len(list(files.iterdir()))
    peer = Peer(capture)
    offering = asyncio.create_task(peer.offer())
    while len(list(files.iterdir())) == before:  # noqa: ASYNC110 - it says nothing of sockets
        await asyncio.sleep(0)
    await peer.close()
    with pytest.raises(OverBefore):
        await offering
    assert len(list(files.iterdir())) == before


async def test_the_offer_is_what_browsers_want(capture: Capture) -> None:
    peer = Peer(capture)
    offer = await peer.offer()
    first = re.search(r"^m=video \d+ \S+ (\d+)", offer, re.MULTILINE)
    assert first is not None
    fmtp = re.search(rf"^a=fmtp:{first[1]} (.*)$", offer, re.MULTILINE)
    assert fmtp is not None
    assert "profile-level-id=42e01f" in fmtp[1]
    assert "packetization-mode=1" in fmtp[1]
    assert "a=ice-options:trickle\r\n" in offer
    assert "a=sendonly\r\n" in offer
    assert " typ srflx" not in offer
    await peer.close()


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "not a description",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n",
    ],
)
async def test_an_answer_that_is_none_is_refused_and_breaks_nothing(
    capture: Capture, answer: str
) -> None:
    peer = Peer(capture)
    await peer.offer()
    with pytest.raises(BadAnswer):
        await peer.answered(answer)
    await peer.close()


async def test_an_answer_without_an_offer_is_refused(capture: Capture) -> None:
    with pytest.raises(BadAnswer):
        await Peer(capture).answered("v=0")


async def test_candidates_may_trickle_in_any_order_and_end_in_any_form(capture: Capture) -> None:
    peer = Peer(capture)
    async with PlainViewer() as viewer:
        answer = await viewer.answer(await peer.offer())
        lines = answer.split("\r\n")
        trickled = [line.removeprefix("a=") for line in lines if line.startswith("a=candidate:")]
        bare = "\r\n".join(
            line for line in lines if not line.startswith(("a=candidate", "a=end-of"))
        )
        peer.candidate({"candidate": trickled[0], "sdpMid": "0", "sdpMLineIndex": 0})
        await peer.answered(bare)
        for candidate in trickled[1:]:
            peer.candidate({"candidate": candidate, "sdpMLineIndex": 0})
        peer.candidate(None)
        peer.candidate(None)
        assert (await viewer.frame()).width == 640
    await peer.close()


async def test_names_that_nobody_resolves_do_not_hold_up_the_picture(capture: Capture) -> None:
    """Chromium hides its addresses behind `.local` names: a second each, if awaited in turn."""
    peer = Peer(capture)
    async with PlainViewer() as viewer:
        answer = await viewer.answer(await peer.offer())
        hidden = "".join(
            f"a=candidate:{n} 1 udp 2113937151 6b0bfa5a-0000-4000-8000-00000000000{n}.local "
            f"4000{n} typ host\r\n"
            for n in range(5)
        )
        answer = re.sub(r"^(?=a=candidate:)", hidden, answer, count=1, flags=re.MULTILINE)
        began = asyncio.get_running_loop().time()
        await peer.answered(answer)
        await viewer.frame()
        assert asyncio.get_running_loop().time() - began < 1.0
    await peer.close()


async def test_a_viewer_who_leaves_is_noticed(capture: Capture) -> None:
    over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    peer = Peer(capture, on_over=over.set_result)
    async with PlainViewer() as viewer:
        await peer.answered(await viewer.answer(await peer.offer()))
        await viewer.frame()
    async with asyncio.timeout(10):
        assert await over
    await peer.close()
    await peer.close()
