"""The calls that this camera is in: each session has its own peer, and none knows of another.

Signaling only sets a call up. Once pictures flow, neither end needs its socket (ONVIF), so a lost
socket, ours or the viewer's, ends only what was still being set up. The gateway's ticket of each
running call is kept, to be named when we register anew: so the right to it can still end it.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from devices.agent.capture import Capture
from devices.agent.ice import BadCandidate
from devices.agent.milestones import Say
from devices.agent.peer import BadAnswer, OverBefore, Peer
from signaling.protocol import faults
from signaling.protocol.camera import Answered, CallWanted, CameraEnd, NewTicket
from signaling.protocol.end import CallEnded, PeerCandidate

MOST_CALLS: Final = 8  # a household's screens; encryption is a small camera's limit, not encoding
Send = Callable[[str], None]
Report = Callable[[str, str], None]  # a session that ended by itself, and why


class Calls:
    """All running calls of one camera."""

    def __init__(self, capture: Capture, say: Say) -> None:
        self._capture = capture
        self._say = say
        self._peers: dict[str, Peer] = {}
        self._seen: set[str] = set()  # sessions whose pictures flow
        self._tickets: dict[str, str] = {}  # by session
        self._report: Report = lambda _session, _reason: None
        self._running: set[asyncio.Task[None]] = set()

    def report_to(self, report: Report) -> None:
        """Who is told of each call that ends by itself: its viewer left, or its path failed."""
        self._report = report

    def running(self) -> dict[str, str]:
        """The tickets of the calls whose pictures flow, by session."""
        return {session: it for session, it in self._tickets.items() if session in self._seen}

    def wanted(self, call: CallWanted, end: CameraEnd, send: Send) -> None:
        """Take a call and offer at once, or decline it if there are too many."""
        if len(self._peers) >= MOST_CALLS:
            send(end.decline(call.request_id, faults.UNAVAILABLE.code, "too many are watching"))
            return
        self._say("call", session=call.session)
        send(end.accept(call.request_id))
        if call.ticket is not None:
            self._tickets[call.session] = call.ticket
        peer = self._peers[call.session] = Peer(
            self._capture,
            on_first_packet=lambda: self._first_packet(call.session),
            on_over=lambda reason: self._over_by_itself(call.session, reason),
        )
        self._start(self._offer(peer, call, end, send))

    def answered(self, told: Answered, end: CameraEnd, send: Send) -> None:
        """The viewer answered our offer."""
        if peer := self._peers.get(told.session):
            self._start(self._answer(peer, told, end, send))

    def candidate(self, told: PeerCandidate, end: CameraEnd, send: Send) -> None:
        """One more way to the viewer, or the end of the list."""
        if peer := self._peers.get(told.session):
            try:
                peer.candidate(told.candidate)
            except BadCandidate as why:
                send(end.hang_up(told.session, faults.BAD_CANDIDATE.code, str(why)))
                self._over(told.session, str(why))

    def renewed(self, told: NewTicket) -> None:
        """A call was extended, and has a ticket that says so."""
        if told.session in self._peers:
            self._tickets[told.session] = told.ticket

    def ended(self, told: CallEnded) -> None:
        """The gateway ended a call: the viewer hung up, or may watch no longer."""
        lost_socket = told.code == faults.DISCONNECTED.code
        if not (lost_socket and told.session in self._seen):
            self._over(told.session, told.reason)

    def socket_lost(self) -> None:
        """Our own socket is gone: what was being set up can't be finished."""
        for session in set(self._peers) - self._seen:
            self._over(session, "the signaling connection was lost")

    async def close(self) -> None:
        """End all calls."""
        peers, self._peers = list(self._peers.values()), {}
        await asyncio.gather(*(peer.close() for peer in peers), *self._running)

    async def _offer(self, peer: Peer, call: CallWanted, end: CameraEnd, send: Send) -> None:
        try:
            offer = await peer.offer(call.ice_servers, relay_only=call.relay_only)
            send(end.invite(call.session, offer))
        except OverBefore:
            pass  # whoever ended it has told everybody
        except OSError as why:
            send(end.hang_up(call.session, faults.UNAVAILABLE.code, "the camera has no network"))
            self._over(call.session, f"no offer could be made: {why}")

    async def _answer(self, peer: Peer, told: Answered, end: CameraEnd, send: Send) -> None:
        try:
            await peer.answered(told.sdp)
        except BadAnswer as why:
            send(end.hang_up(told.session, faults.BAD_SESSION.code, str(why)))
            self._over(told.session, str(why))

    def _first_packet(self, session: str) -> None:
        self._seen.add(session)
        self._say("first_packet", session=session)

    def _over_by_itself(self, session: str, reason: str) -> None:
        if session in self._peers:
            self._over(session, reason)
            self._report(session, reason)

    def _over(self, session: str, reason: str) -> None:
        self._tickets.pop(session, None)
        if peer := self._peers.pop(session, None):
            self._seen.discard(session)
            self._say("ended", session=session, reason=reason)
            self._start(peer.close())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)  # the loop itself holds its tasks only weakly
        task.add_done_callback(self._running.discard)
