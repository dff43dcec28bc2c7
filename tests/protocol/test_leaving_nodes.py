"""Nodes that leave: well, by draining, or badly, by dying. And cameras that move to another."""

import pytest

from signaling.protocol import faults
from signaling.protocol.camera import CallWanted
from signaling.protocol.close_codes import DRAINING, REPLACED
from signaling.protocol.end import CallEnded, Draining
from signaling.protocol.limits import Limits
from signaling.protocol.viewer import CallHeld, CallRefused
from tests.protocol.playbook import (
    ANSWER,
    SILENCE,
    Closed,
    Does,
    IsRegistered,
    Later,
    Passed,
    Playbook,
    a_camera,
)
from tests.protocol.stage import STUN, Stage


def drains(stage: Stage, over: float, node: int = 0) -> Does:
    """A node begins to drain."""

    def act(play: Playbook) -> None:
        play.tell_node(node, "drain", over, play.now)

    return Does(stage.viewer, act)


def dies(stage: Stage, node: int) -> Does:
    """A node dies."""
    return Does(stage.viewer, lambda play: play.lose_node(node))


def test_each_socket_is_told_when_to_go_and_goes_then():
    it = Stage()
    (
        it.play
        >> drains(it, 10)
        << it.camera.hears(Draining(0))
        << it.viewer.hears(Draining(5))
        >> Passed(0.1)
        << it.camera.hears(Closed(DRAINING))
        >> Passed(4.8)
        << SILENCE
        >> Passed(0.2)
        << it.viewer.hears(Closed(DRAINING))
    )
    assert it.play.boards[0].counts == (0, 0, 0)


def test_a_call_in_set_up_is_finished_first():
    it = Stage()
    session, _ = it.ring()
    (
        it.play
        >> drains(it, 0)
        << it.camera.hears(Draining(0))
        << it.viewer.hears(Draining(0))
        >> Passed(1)
        << SILENCE
    )
    invite = it.offer(session)
    (
        it.play
        >> it.viewer.says(lambda: it.phone.answer(invite.value, ANSWER))
        << it.camera.hears(Later())
        >> Passed(0.3)
        << it.camera.hears(Closed(DRAINING))
        << it.viewer.hears(Closed(DRAINING))
    )


def test_a_set_up_that_never_ends_does_not_keep_a_node():
    it = Stage(limits=Limits(camera_answers_within=10, viewer_answers_within=30))
    session, _ = it.ring()
    it.offer(session)
    (
        it.play
        >> drains(it, 0)
        << it.camera.hears(Draining(0))
        << it.viewer.hears(Draining(0))
        >> Passed(30.1)
        << it.camera.hears(CallEnded(session, 408, faults.NO_REACTION.message))
        << it.viewer.hears(CallEnded(session, 408, faults.NO_REACTION.message))
        >> Passed(0.3)
        << it.camera.hears(Closed(DRAINING))
        << it.viewer.hears(Closed(DRAINING))
    )


def test_whoever_comes_while_a_node_drains_is_sent_on():
    it = Stage()
    late = a_camera(number=7, camera_id="cam_late")
    it.play.people[7] = late
    it.play.people = {7: late}
    it.play.boards[0].drain(0, 0.0)
    it.play >> late.opens() << late.hears(Closed(DRAINING))


def test_a_call_to_a_camera_that_a_node_sent_away_is_held_until_it_is_elsewhere():
    it = Stage(2)
    asked = Later()
    moved = a_camera(number=9, node=1)
    assert moved.end is not None
    it.play.people[9] = moved
    (
        it.play
        >> drains(it, 0)
        << it.camera.hears(Draining(0))
        >> Passed(0.1)
        << it.camera.hears(Closed(DRAINING))
        >> it.viewer.says(lambda: it.phone.call("cam_porch"))
        << it.viewer.hears(CallHeld(8))
        >> moved.opens()
        >> moved.says(moved.end.start)
        << moved.hears(IsRegistered("cam_porch"), CallWanted(asked, STUN, Later()))  # type: ignore[arg-type] # heard later
    )


def test_a_viewer_in_a_set_up_with_a_camera_of_a_lost_node_is_told_to_call_again():
    it = Stage(2)
    session, _ = it.ring()
    (
        it.play
        >> dies(it, 0)
        << it.viewer.hears(CallEnded(session, 410, faults.NODE_LOST.message))
        >> it.viewer.says(lambda: it.phone.call("cam_porch"))
        << it.viewer.hears(CallHeld(8))
    )


def test_a_call_that_rang_at_a_lost_node_is_held_for_the_camera():
    it = Stage(2)
    (
        it.play
        >> it.viewer.says(lambda: it.phone.call("cam_porch"))
        << it.camera.hears(CallWanted(Later(), STUN, Later()))  # type: ignore[arg-type] # heard later
        >> dies(it, 0)
        << it.viewer.hears(CallHeld(8))
        >> Passed(8.1)
        << it.viewer.hears(CallRefused(480, faults.UNAVAILABLE.message))
    )


def test_a_running_call_never_notices_a_lost_node():
    for node in (0, 1):
        it = Stage(2)
        it.run()
        it.play >> dies(it, node) << SILENCE


@pytest.mark.parametrize("offered", [False, True])
def test_a_camera_in_a_set_up_with_a_viewer_of_a_lost_node_is_told(offered: bool):
    it = Stage(2)
    session, _ = it.ring()
    if offered:
        it.offer(session)
    reason = faults.GONE.message if offered else faults.NODE_LOST.message
    it.play >> dies(it, 1) << it.camera.hears(CallEnded(session, 410, reason))
    assert it.play.boards[0].counts.calls == 0


def test_a_camera_that_registers_at_another_node_is_told_why_its_old_socket_goes():
    it = Stage(2)
    newer = a_camera(number=9, node=1)
    assert newer.end is not None
    it.play.people[9] = newer
    (
        it.play
        >> newer.opens()
        >> newer.says(newer.end.start)
        << it.camera.hears(Closed(REPLACED))
        << newer.hears(IsRegistered("cam_porch"))
        >> it.viewer.says(lambda: it.phone.call("cam_porch"))
        << newer.hears(CallWanted(Later(), STUN, Later()))  # type: ignore[arg-type] # heard later
    )
    assert it.play.boards[0].counts == (0, 0, 0)
