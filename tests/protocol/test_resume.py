"""A socket that breaks in a set-up: what was missed is heard, in order, once, on another socket."""

import pytest

from signaling.protocol import faults
from signaling.protocol.camera import Answered
from signaling.protocol.close_codes import RESUMED
from signaling.protocol.end import CallEnded, NotResumed, PeerCandidate, Reply
from signaling.protocol.limits import Limits
from signaling.protocol.said import Said
from signaling.protocol.viewer import Offered
from tests.protocol.playbook import ANSWER, SDP, SILENCE, IsRegistered, Later, Passed
from tests.protocol.stage import HOST, Stage

BACK = {"viewer": IsRegistered("acc_anna", resumed=True)}


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_viewer_that_drops_before_the_offer_comes_back_and_gets_it(nodes: int):
    it = Stage(nodes)
    session, _ = it.ring()
    invite = Later()
    (
        it.play
        >> it.viewer.drops()
        >> it.camera.says(lambda: it.lens.invite(session, SDP))
        >> it.camera.says(lambda: it.lens.candidate(session, HOST))
        << SILENCE
        >> Passed(5)
        >> it.viewer.comes_back()
        << it.viewer.hears(
            BACK["viewer"],
            Offered(session, SDP, invite),  # type: ignore[arg-type] # heard later
            PeerCandidate(session, HOST),
        )
        >> it.viewer.says(lambda: it.phone.answer(invite.value, ANSWER))
        << it.camera.hears(Answered(session, ANSWER))
        << SILENCE
    )
    assert it.play.outcomes == ["resumed", "answered"]


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_camera_that_drops_in_ice_comes_back_to_its_call(nodes: int):
    it = Stage(nodes)
    session = it.run()
    (
        it.play
        >> it.camera.drops()
        >> it.viewer.says(lambda: it.phone.candidate(session, HOST))
        >> it.camera.comes_back()
        << it.camera.hears(IsRegistered("cam_porch", resumed=True), PeerCandidate(session, HOST))
        >> it.camera.says(lambda: it.lens.candidate(session, HOST))
        << it.viewer.hears(PeerCandidate(session, HOST))
    )


def test_what_the_gateway_never_got_is_sent_again():
    it = Stage()
    session, _ = it.ring()
    invite = it.offer(session)
    lost: list[str] = []
    lost.append(it.phone.answer(invite.value, ANSWER))  # written to a dead connection
    lost.append(it.phone.candidate(session, HOST))
    again = [Reply(frame) for frame in lost]
    (
        it.play
        >> it.viewer.drops()
        >> it.viewer.comes_back()
        << it.viewer.hears(BACK["viewer"], *again)
        >> it.viewer.says(lambda: [reply.frame for reply in again])
        << it.camera.hears(Answered(session, ANSWER), PeerCandidate(session, HOST))
    )


def test_a_socket_that_is_not_known_to_be_dead_gives_way():
    """A connection may be dead for half a minute before anybody notices; its phone knows first."""
    it = Stage()
    session, _ = it.ring()
    old = it.viewer.number
    it.play >> it.viewer.comes_back() << it.viewer.hears(BACK["viewer"])
    assert it.viewer.number == old  # the gateway hangs up on the old socket (Attach)
    it.offer(session)
    assert RESUMED.number == 4103


@pytest.mark.parametrize("nodes", [1, 2])
def test_after_the_time_to_come_back_the_other_end_is_told(nodes: int):
    it = Stage(nodes, Limits(keep_for=15))
    session, _ = it.ring()
    invite = it.offer(session)
    del invite
    again = Later()
    (
        it.play
        >> it.viewer.drops()
        >> Passed(14.9)
        << SILENCE
        >> Passed(0.2)
        << it.camera.hears(CallEnded(session, 410, faults.GONE.message))
        >> it.viewer.comes_back()
        << it.viewer.hears(NotResumed(), again)
        >> it.viewer.says(lambda: again.value.frame)
        << it.viewer.hears(IsRegistered("acc_anna"))
    )


def test_nobody_resumes_what_is_somebody_elses():
    it = Stage()
    it.ring()
    it.play.parties[it.viewer.token] = it.play.parties[it.camera.token]
    it.play >> it.viewer.drops() >> it.viewer.comes_back() << it.viewer.hears(NotResumed(), Later())


@pytest.mark.parametrize("epoch", ["node0.99", "node1.2", "2", "", "node0.x", "node0." + "9" * 30])
def test_an_epoch_that_is_not_ours_is_gone(epoch: str):
    it = Stage()
    it.ring()
    it.phone._epoch = epoch
    it.play >> it.viewer.drops() >> it.viewer.comes_back() << it.viewer.hears(NotResumed(), Later())


@pytest.mark.parametrize("offset", [-1, 99])
def test_an_offset_that_cannot_be_is_gone(offset: int):
    it = Stage()
    it.ring()
    it.phone._received = offset
    it.play >> it.viewer.drops() >> it.viewer.comes_back() << it.viewer.hears(NotResumed(), Later())


def test_what_is_kept_has_a_bound_and_what_fell_out_is_gone():
    said = Said()
    for number in range(100):
        said.add([b"%02d" % number], 10 * 66)
    assert said.missed(90) == [b"%02d" % number for number in range(90, 100)]
    assert said.missed(89) is None
    assert said.missed(100) == []
    said.add([b"%02d" % (number % 100) for number in range(100, 120)], 10 * 66)
    assert said.missed(110) == [b"%02d" % number for number in range(10, 20)]
    assert said.missed(109) is None
    assert said.missed(121) is None
    said.forget()
    assert (said.missed(120), said.missed(119)) == ([], None)


def test_an_idle_endpoint_keeps_nothing():
    it = Stage(limits=Limits(keep_for=15))
    session = it.run()
    camera = it.play.boards[0]._board.endpoints[it.camera.number]
    assert camera.said is not None
    assert camera.said.frames
    (
        it.play
        >> it.viewer.says(lambda: it.phone.close(session, "seen enough"))
        << it.camera.hears(CallEnded(session, 410, "seen enough"))
        >> Passed(31)
    )
    assert not camera.said.frames


def test_who_unregisters_or_closes_in_words_is_not_waited_for():
    it = Stage()
    session, _ = it.ring()
    (
        it.play
        >> it.viewer.closes()
        << it.camera.hears(CallEnded(session, 1002, faults.DISCONNECTED.message))
        >> it.viewer.comes_back()
        << it.viewer.hears(NotResumed(), Later())
    )
