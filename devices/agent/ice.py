"""Finding a path to the other end, with aiortc's habits taken into account.

For both reference ends, camera and phone. What is worked around here was measured:

- The first retransmission of a connectivity check comes after 500 ms, and through a NAT the first
  check is nearly always lost: 600 to 800 ms to the picture instead of 240. RFC 8445 §14.3 names
  500 ms as the least; one camera and one viewer with a few pairs each congest nothing.
- A dead STUN or TURN server costs 5 s of gathering. Each is asked before it is used.
- `.local` candidates take up to a second each to resolve, so they are added side by side.
- A description that holds `.local` candidates would resolve them one after the other while it is
  being set, so they are taken out and added afterwards.
"""

import asyncio
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aioice import stun
from aiortc import RTCConfiguration, RTCIceCandidate, RTCIceServer, RTCPeerConnection
from aiortc.rtcconfiguration import RTCIceTransportPolicy
from aiortc.rtcicetransport import parse_stun_turn_uri
from aiortc.sdp import candidate_from_sdp

from signaling.protocol.end import IceServer

FIRST_RETRANSMISSION_S: Final = 0.1
SERVER_ANSWERS_WITHIN_S: Final = 0.5  # around the globe and back takes about 0.3 s
_CANDIDATE_LINE: Final = re.compile(r"^a=(candidate:\S+ [^\r\n]*)\r?\n", re.MULTILINE)
_END_LINE: Final = re.compile(r"^a=end-of-candidates\r?\n", re.MULTILINE)
_UFRAG_LINE: Final = re.compile(r"^(?=a=ice-ufrag:)", re.MULTILINE)


class BadCandidate(ValueError):  # noqa: N818 - says what it is; fault 1003 carries it
    """The candidate is malformed."""


def hurry_checks() -> None:
    """Retransmit connectivity checks of this process early. Call it once, at the start."""
    stun.RETRY_RTO = FIRST_RETRANSMISSION_S


def with_trickle(sdp: str) -> str:
    """Our description with `ice-options:trickle` in it; aiortc leaves it out (RFC 8840 §4.1.1)."""
    return _UFRAG_LINE.sub("a=ice-options:trickle\r\n", sdp)


def without_local_names(sdp: str) -> tuple[str, list[dict[str, Any]]]:
    """A peer's description without its `.local` candidates, and those candidates.

    Where some were taken out, its end-of-candidates is taken out as well: say it after them.
    """
    taken: list[dict[str, Any]] = []

    def take(line: re.Match[str]) -> str:
        if ".local " not in line[1]:
            return line[0]
        taken.append({"candidate": line[1], "sdpMLineIndex": 0})
        return ""

    rest = _CANDIDATE_LINE.sub(take, sdp)
    return (_END_LINE.sub("", rest) if taken else sdp), taken


def relayed(sdp: str) -> str:
    """A peer's description with its relay candidates alone: we must not learn where it is."""
    return _CANDIDATE_LINE.sub(lambda line: line[0] if " typ relay" in line[1] else "", sdp)


def configured(servers: list[RTCIceServer], *, relay_only: bool) -> RTCConfiguration:
    """What a connection needs to know: its servers, and whether it keeps to a relay."""
    policy = RTCIceTransportPolicy.RELAY if relay_only else RTCIceTransportPolicy.ALL
    return RTCConfiguration(iceServers=servers, iceTransportPolicy=policy)


def read_candidate(told: dict[str, Any]) -> RTCIceCandidate:
    """An RTCIceCandidateInit as aiortc wants it. Raises BadCandidate."""
    try:
        candidate = candidate_from_sdp(str(told["candidate"]).removeprefix("candidate:"))
    except (KeyError, ValueError, AssertionError, IndexError) as wrong:
        raise BadCandidate("the candidate can't be read") from wrong
    mid, line = told.get("sdpMid"), told.get("sdpMLineIndex")
    candidate.sdpMid = mid if isinstance(mid, str) else None
    candidate.sdpMLineIndex = line if isinstance(line, int) else None
    if candidate.sdpMid is None and candidate.sdpMLineIndex is None:
        candidate.sdpMLineIndex = 0  # one bundled transport: there is no other line it could mean
    return candidate


class RemoteCandidates:
    """The other end's candidates, in whatever order and whenever they come.

    Those before the description wait for it. None of them waits for another one.
    """

    def __init__(self, connection: RTCPeerConnection, *, relay_only: bool = False) -> None:
        self._connection = connection
        self._relay_only = relay_only
        self._early: list[dict[str, Any] | None] | None = []
        self._adding: set[asyncio.Task[None]] = set()
        self._ending: asyncio.Task[None] | None = None

    def add(self, told: dict[str, Any] | None) -> None:
        """One candidate; None ends the list. Raises BadCandidate."""
        candidate = None if told is None else read_candidate(told)
        if self._early is not None:
            self._early.append(told)
            return
        if candidate is not None and self._relay_only and candidate.type != "relay":
            return
        if candidate is None:
            if self._ending is None:  # peers say it more than once
                self._ending = asyncio.create_task(self._end(tuple(self._adding)))
            return
        task = asyncio.create_task(self._add(candidate))
        self._adding.add(task)
        task.add_done_callback(self._adding.discard)

    def described(self, more: Iterable[dict[str, Any]] = ()) -> None:
        """The peer's description is set: let in those that waited, and `more` from it."""
        early, self._early = self._early or [], None
        more = list(more)
        for told in [*more, *early]:
            self.add(told)
        if more:
            self.add(None)

    def forget(self) -> None:
        """The call is over."""
        for task in (*self._adding, *((self._ending,) if self._ending else ())):
            task.cancel()

    async def _add(self, candidate: RTCIceCandidate | None) -> None:
        try:
            await self._connection.addIceCandidate(candidate)
        except (OSError, ValueError):
            return  # no multicast here, or the list had ended: a candidate less, not a call less

    async def _end(self, others: tuple[asyncio.Task[None], ...]) -> None:
        """The end may not overtake a name that is still being resolved."""
        await asyncio.gather(*others, return_exceptions=True)
        await self._add(None)


@dataclass(frozen=True, slots=True)
class _Address:
    host: str
    port: int
    over_tcp: bool


async def answering(servers: Sequence[IceServer]) -> list[RTCIceServer]:
    """Those STUN and TURN servers that answer now, as aiortc wants them; the dead are left out."""
    urls = [(server, url) for server in servers for url in server.urls]
    alive = await asyncio.gather(*(_answers(url) for _, url in urls))
    return [
        RTCIceServer(urls=url, username=server.username, credential=server.credential)
        for (server, url), is_alive in zip(urls, alive, strict=True)
        if is_alive
    ]


async def _answers(url: str) -> bool:
    """Whether somebody is there: a TCP connection, or any answer to a STUN binding request."""
    try:
        parsed = parse_stun_turn_uri(url)
    except ValueError:
        return False
    address = _Address(parsed["host"], parsed["port"], parsed.get("transport") == "tcp")
    try:
        async with asyncio.timeout(SERVER_ANSWERS_WITHIN_S):
            return await (_connects(address) if address.over_tcp else _binds(address))
    except (OSError, TimeoutError):
        return False


async def _connects(address: _Address) -> bool:
    _, writer = await asyncio.open_connection(address.host, address.port)
    writer.close()
    return True


async def _binds(address: _Address) -> bool:
    loop = asyncio.get_running_loop()
    heard: asyncio.Future[bool] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Listening(heard), remote_addr=(address.host, address.port)
    )
    try:
        ask = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, os.urandom(12))
        while not heard.done():
            transport.sendto(bytes(ask))
            await asyncio.wait({heard}, timeout=FIRST_RETRANSMISSION_S)
        return heard.result()
    finally:
        transport.close()


class _Listening(asyncio.DatagramProtocol):
    def __init__(self, heard: asyncio.Future[bool]) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:  # noqa: ARG002 - asyncio's signature
        if not self._heard.done():
            self._heard.set_result(True)

    def error_received(self, exc: Exception) -> None:  # noqa: ARG002 - asyncio's signature
        if not self._heard.done():
            self._heard.set_result(False)  # the port is closed: no need to wait
