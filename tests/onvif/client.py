"""An ONVIF client: it registers, calls a device, answers its offer, and counts what it sees."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.onvif.end import Asked, End, Refusal
from tests.onvif.media import Blind, Candidate, Receiver, Receiving

NO_MORE: Any = {"candidate": ""}


@dataclass
class Session:
    """A session at its client. `told` is the server's answer to `connect`."""

    id: str
    told: dict[str, Any]
    media: Receiving = field(default_factory=Blind)
    invited: dict[str, Any] = field(default_factory=dict[str, Any])
    answered: bool = False
    frames: int = 0


class Client(End):
    """A client. Unless it `watches`, it only talks.

    `refuses`: what it says to every offer. `answers`: whether it says anything to an offer.
    `no_more`: how it says that its list is over.
    """

    def __init__(
        self,
        *,
        watches: bool = False,
        refuses: Refusal | None = None,
        answers: bool = True,
        no_more: Any = NO_MORE,
        subprotocols: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.sessions: dict[str, Session] = {}
        self._watches = watches
        self._refuses = refuses
        self._answers = answers
        self._no_more = no_more
        self._subprotocols = list(subprotocols)

    async def connect(self, peer: str, **more: Any) -> Session:
        """Call a device. Raises Refusal."""
        params = {"peer": peer, "authorization": f"Bearer {self._token}", **more}
        told = await self.request("connect", params)
        return self.sessions[told["session"]]

    async def extend(self, session: Session) -> int:
        """Let a session go on; for so many seconds. Raises Refusal."""
        return (await self.request("extend", {"session": session.id}))["expiryTimeSeconds"]

    async def see(self, session: Session, frames: int = 10) -> None:
        """Wait until so many more frames are decoded."""
        seen = session.frames
        await self.until(lambda: session.frames >= seen + frames)

    async def talk(self, peer: str, **more: Any) -> Session:
        """Call a device and wait until its offer is answered. Raises Refusal."""
        session = await self.connect(peer, **more)
        await self.until(lambda: session.answered)
        return session

    async def close(self) -> None:
        """Leave, and watch nothing more."""
        await super().close()
        for session in self.sessions.values():
            await session.media.close()

    def responded(self, method: str, result: Any) -> None:
        """`connect` went through: from now on we know its session."""
        if method == "connect":
            session = self.sessions[result["session"]] = Session(result["session"], result)
            if self._watches:
                session.media = Receiver(
                    result.get("iceServers", []), lambda: self._has_frame(session)
                )

    async def requested(self, asked: Asked) -> None:
        """`invite`."""
        if asked.method != "invite":
            await super().requested(asked)
            return
        session = self.sessions.get(asked.params["session"])
        if session is None:
            raise Refusal(400, "no such session here")
        session.invited = asked.params
        if self._refuses is not None:
            raise self._refuses
        if self._answers:
            await self._take(session, asked)

    async def trickled(self, session: str, candidate: Candidate | None) -> None:
        """A way to the device; before its offer perhaps."""
        if known := self.sessions.get(session):
            await known.media.candidate(candidate)

    async def session_over(self, session: str) -> None:
        """No more pictures from that one."""
        if known := self.sessions.get(session):
            await known.media.close()

    async def _take(self, session: Session, asked: Asked) -> None:
        sdp, candidates = await session.media.answer(asked.params["offer"])
        result: dict[str, Any] = {"answer": sdp}
        if self._subprotocols:
            offered = asked.params.get("subprotocols", [])
            result["subprotocols"] = [name for name in offered if name in self._subprotocols]
        first, rest = candidates[:1], candidates[1:]
        for candidate in first:  # before the answer: the device has to keep it
            await self.notify("trickle", {"session": session.id, "candidate": candidate})
        await asked.answer(result)
        for candidate in (*rest, self._no_more):
            await self.notify("trickle", {"session": session.id, "candidate": candidate})
        session.answered = True

    def _has_frame(self, session: Session) -> None:
        session.frames += 1
        self.changed()
