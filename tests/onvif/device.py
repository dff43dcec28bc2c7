"""An ONVIF device: it registers, takes calls, offers at once, trickles, and shows a picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiortc import MediaStreamTrack

from tests.onvif.end import Asked, End, Refusal
from tests.onvif.media import Blind, Candidate, Sender, Sending

NO_MORE: Any = {"candidate": ""}


@dataclass
class Ring:
    """A session at its device."""

    session: str
    media: Sending
    asked: dict[str, Any]  # what the server said in `connect`
    answer: dict[str, Any] = field(default_factory=dict[str, Any])
    refused: Refusal | None = None  # what came of our `invite` instead of an answer


class Device(End):
    """A device. Without `picture` it only talks.

    `early`: it trickles before its invite. `no_more`: how it says that its list is over.
    `declines`: what it says to every call. `tells_capabilities`: whether its answer lists them.
    """

    def __init__(
        self,
        *capabilities: str,
        picture: Callable[[], MediaStreamTrack] | None = None,
        early: bool = False,
        no_more: Any = NO_MORE,
        declines: Refusal | None = None,
        tells_capabilities: bool = True,
        subprotocols: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.capabilities = list(capabilities)
        self.rings: dict[str, Ring] = {}
        self.extended: list[dict[str, Any]] = []
        self._picture = picture
        self._early = early
        self._no_more = no_more
        self._declines = declines
        self._tells_capabilities = tells_capabilities
        self._subprotocols = list(subprotocols)

    async def close(self) -> None:
        """Leave, and show nothing more."""
        await super().close()
        for ring in self.rings.values():
            await ring.media.close()

    async def requested(self, asked: Asked) -> None:
        """`connect`, and `extend` if we can do it."""
        if asked.method == "connect":
            await self._called(asked)
        elif asked.method == "extend" and "extend" in self.capabilities:
            self.extended.append(asked.params)
            await asked.answer({"expiryTimeSeconds": asked.params["expiryTimeSeconds"]})
        else:
            await super().requested(asked)

    async def trickled(self, session: str, candidate: Candidate | None) -> None:
        """A way to the client."""
        if ring := self.rings.get(session):
            await ring.media.candidate(candidate)

    async def session_over(self, session: str) -> None:
        """No more pictures for that one."""
        if ring := self.rings.get(session):
            await ring.media.close()

    async def trickle(self, session: str, candidates: Sequence[Candidate]) -> None:
        """Our ways, and that there are no more."""
        for candidate in (*candidates, self._no_more):
            await self.notify("trickle", {"session": session, "candidate": candidate})

    async def _called(self, asked: Asked) -> None:
        if self._declines is not None:
            raise self._declines
        session = str(asked.params["session"])
        media = self._media(asked.params.get("iceServers", []))
        ring = self.rings[session] = Ring(session, media, asked.params)
        told = {"capabilities": self.capabilities} if self._tells_capabilities else {}
        await asked.answer(told)
        await self.invite(ring)

    def _media(self, servers: Sequence[dict[str, Any]]) -> Sending:
        return Blind() if self._picture is None else Sender(servers, self._picture())

    async def invite(self, ring: Ring) -> None:
        """Offer, at once."""
        offer, candidates = await ring.media.offer()
        params: dict[str, Any] = {"session": ring.session, "offer": offer}
        if self._subprotocols:
            params["subprotocols"] = self._subprotocols
        if self._early:
            await self.trickle(ring.session, candidates)
        answer = await self.ask("invite", params)
        if not self._early:
            await self.trickle(ring.session, candidates)
        try:
            ring.answer = await answer
        except Refusal as refusal:
            ring.refused = refusal
            return
        await ring.media.answered(ring.answer["answer"])
