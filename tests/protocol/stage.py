"""A porch camera and Anna, who may see it: where most dialogues begin."""

from signaling.protocol.board import KEEPS_TICKETS
from signaling.protocol.camera import Answered, CallWanted, CameraEnd
from signaling.protocol.end import IceServer
from signaling.protocol.limits import Limits
from signaling.protocol.viewer import CallAllowed, Offered, ViewerEnd
from tests.protocol.playbook import ANSWER, SDP, IsRegistered, Later, Playbook, a_camera, a_viewer

STUN = (IceServer(("stun:127.0.0.1:3478",)),)
HOST = {"candidate": "candidate:1 1 udp 2 127.0.0.1 5 typ host", "sdpMid": "0"}


class Stage:
    """A porch camera and Anna, who may see it, both registered, on one node or on two."""

    def __init__(
        self,
        nodes: int = 1,
        limits: Limits | None = None,
        capabilities: tuple[str, ...] = ("trickle",),
    ) -> None:
        self.running: dict[str, str] = {}  # the tickets of calls that run
        self.ticket = Later() if KEEPS_TICKETS in capabilities else None  # of the newest call
        self.camera = a_camera(capabilities=capabilities, running=self.running)
        self.viewer = a_viewer(node=nodes - 1)
        assert isinstance(self.camera.end, CameraEnd)
        assert isinstance(self.viewer.end, ViewerEnd)
        self.lens, self.phone = self.camera.end, self.viewer.end
        self.play = Playbook(self.camera, self.viewer, nodes=nodes, limits=limits)
        lasts = limits.session_lasts if limits and "extend" in capabilities else None
        self.expires_s = None if lasts is None else int(lasts)
        self.play.allowed.add(("acc_anna", "cam_porch"))
        for person in (self.camera, self.viewer):
            end = person.end
            assert end is not None
            registered = IsRegistered(person.token.removesuffix("-token"))
            (self.play >> person.opens() >> person.says(end.start) << person.hears(registered))

    def ring(self) -> tuple[str, Later]:
        """Anna calls, the camera takes the call. The session, and the camera's request."""
        asked, ring = Later(), Later()
        if self.ticket is not None:
            self.ticket = Later()
        wanted = CallWanted(asked, STUN, ring, ticket=self.ticket)  # type: ignore[arg-type] # heard later
        (
            self.play
            >> self.viewer.says(lambda: self.phone.call("cam_porch"))
            << self.camera.hears(wanted)
            >> self.camera.says(lambda: self.lens.accept(ring.value))
            << self.viewer.hears(CallAllowed(asked, STUN, self.expires_s))  # type: ignore[arg-type] # heard later
        )
        return asked.value, ring

    def offer(self, session: str) -> Later:
        """The camera offers. Anna's request to answer."""
        invite = Later()
        (
            self.play
            >> self.camera.says(lambda: self.lens.invite(session, SDP))
            << self.viewer.hears(Offered(session, SDP, invite))  # type: ignore[arg-type] # heard later
        )
        return invite

    def run(self) -> str:
        """A whole call is set up. Its session."""
        session, _ = self.ring()
        invite = self.offer(session)
        (
            self.play
            >> self.viewer.says(lambda: self.phone.answer(invite.value, ANSWER))
            << self.camera.hears(Answered(session, ANSWER))
        )
        if self.ticket is not None:
            self.running[session] = self.ticket.value
        return session
