"""A camera whose gateway was killed brings its running calls to another, with sealed tickets.

Real processes, real keys, and a camera that may lie about what it has running.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.tokens import call_tickets, token_desk
from server.foundation.identity import Kind
from server.security.call_tickets import CallTickets
from server.security.tokens import TokenDesk
from server.signaling_parts import NoGateway
from signaling.access import AuthorityEnded, CameraChangedHands, ShareEnded, pack_ending
from signaling.engine.nats import NatsEngine
from signaling.protocol import faults
from signaling.protocol.board import KEEPS_TICKETS
from signaling.protocol.camera import Answered, CallWanted, CameraEnd
from signaling.protocol.end import CallEnded
from signaling.protocol.viewer import Offered
from tests.faults.two_gateways import CAMERA, OWNER, Socketed, Two
from tests.protocol.playbook import ANSWER, SDP

pytestmark = pytest.mark.slow
SPEAKS = ("trickle", KEEPS_TICKETS)
AT_ONCE_S = 1.0


class Home:
    """A camera with a running call whose ticket it keeps, and whoever says that a right ended."""

    def __init__(self, two: Two, folder: Path) -> None:
        self.two = two
        self.desk: TokenDesk = token_desk(folder)
        self.tickets: CallTickets = call_tickets(folder)
        self.running: dict[str, str] = {}
        self.herald = NatsEngine("herald", two.nats)

    def camera(self, camera_id: str = CAMERA) -> Socketed:
        """A camera that will register anew, with what is running."""
        token = self.desk.issue(Kind.CAMERA, camera_id, "ses_camera")
        return Socketed(CameraEnd(token, capabilities=SPEAKS, running=lambda: self.running))

    async def call(self, camera: Socketed) -> str:
        """A whole call; its ticket is kept."""
        lens, phone = camera.end, self.two.phone
        assert isinstance(lens, CameraEnd)
        await self.two.viewer.say(phone.call(CAMERA))
        wanted = await camera.hears(CallWanted)
        await camera.say(lens.accept(wanted.request_id))
        await camera.say(lens.invite(wanted.session, SDP))
        offered = await self.two.viewer.hears(Offered)
        await self.two.viewer.say(phone.answer(offered.request_id, ANSWER))
        await camera.hears(Answered)
        assert wanted.ticket
        self.running[wanted.session] = wanted.ticket
        return wanted.session

    async def announce(self, ended: AuthorityEnded) -> None:
        """Tell every gateway that a right has ended."""
        await self.herald.announce(pack_ending(ended))


async def is_over(camera: Socketed, session: str) -> None:
    """The camera hears that this call is over, at once and without more."""
    async with asyncio.timeout(AT_ONCE_S):
        over = await camera.hears(CallEnded)
    assert over == CallEnded(session, faults.REVOKED.code, faults.REVOKED.message)


@pytest.fixture
async def home(two: Two, tmp_path: Path) -> AsyncIterator[Home]:
    home = Home(two, tmp_path)
    await home.herald.start(NoGateway())
    yield home
    await home.herald.stop()


@pytest.mark.parametrize("ended", [ShareEnded(OWNER, CAMERA), CameraChangedHands(CAMERA)], ids=repr)
async def test_a_call_is_taken_back_and_ends_with_the_right_to_it(
    home: Home, ended: AuthorityEnded
):
    camera = home.camera()
    await camera.open(home.two.ports[0])
    session = await home.call(camera)
    os.kill(home.two.pids[0], signal.SIGKILL)
    await camera.open(home.two.ports[1])
    await home.announce(ShareEnded("acc_eu1_2", CAMERA))
    await home.announce(ShareEnded(OWNER, "cam_eu1_2"))
    second = await home.call(camera)  # were the first over, it would be heard before this
    await home.announce(ended)
    heard = {(await camera.hears(CallEnded)).session for _ in range(2)}
    assert heard == {session, second}


async def test_a_viewers_killed_gateway_leaves_the_call_to_the_cameras(home: Home):
    camera = home.camera()
    await camera.open(home.two.ports[0])
    session = await home.call(camera)
    os.kill(home.two.pids[1], signal.SIGKILL)
    await home.announce(ShareEnded(OWNER, CAMERA))
    await is_over(camera, session)


@pytest.mark.parametrize("lie", ["forged", "cut", "another cell's", "another session's", "none"])
async def test_a_ticket_that_does_not_hold_ends_the_call(home: Home, lie: str, tmp_path: Path):
    camera = home.camera()
    await camera.open(home.two.ports[0])
    session = await home.call(camera)
    good, viewer = home.running[session], home.desk.verify(home.two.phone._token)
    home.running[session] = {
        "forged": good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        "cut": good[:40],
        "another cell's": call_tickets(tmp_path / "other").seal(viewer, CAMERA, session, None),
        "another session's": home.tickets.seal(viewer, CAMERA, "call_other", None),
        "none": "",
    }[lie]
    os.kill(home.two.pids[0], signal.SIGKILL)
    await camera.open(home.two.ports[1])
    await is_over(camera, session)


async def test_another_camera_gets_nothing_for_a_ticket_that_it_found(home: Home):
    camera, thief = home.camera(), home.camera("cam_eu1_2")
    await camera.open(home.two.ports[0])
    session = await home.call(camera)
    await thief.open(home.two.ports[1])
    await is_over(thief, session)
    await home.announce(ShareEnded(OWNER, CAMERA))
    await is_over(camera, session)  # it had it all the time
