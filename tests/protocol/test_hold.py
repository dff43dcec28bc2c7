"""A camera that is not connected for a moment: the call waits for it, and the caller is told."""

import pytest

from signaling.protocol import faults
from signaling.protocol.camera import CallWanted
from signaling.protocol.limits import Limits
from signaling.protocol.viewer import CallHeld, CallRefused
from tests.protocol.playbook import (
    SILENCE,
    IsRegistered,
    Later,
    Passed,
    a_camera,
)
from tests.protocol.stage import STUN, Stage

HOLD = Limits(hold_for=8)


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_call_is_held_until_the_camera_is_back(nodes: int):
    it = Stage(nodes, HOLD)
    asked, ring = Later(), Later()
    (
        it.play
        >> it.camera.drops()
        >> it.viewer.says(lambda: it.phone.call("cam_porch"))
        << it.viewer.hears(CallHeld(8))
        >> Passed(3)
        << SILENCE
        >> it.camera.opens()
        >> it.camera.says(it.lens.start)
        << it.camera.hears(IsRegistered("cam_porch"), CallWanted(asked, STUN, ring))  # type: ignore[arg-type] # heard later
        >> it.camera.says(lambda: it.lens.accept(ring.value))
    )
    assert it.viewer.heard.popleft().session == asked.value
    it.play >> Passed(11) << it.camera.hears(Later()) << it.viewer.hears(Later())  # no offer came
    assert it.play.outcomes == ["held", "timed_out"]


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_camera_in_a_call_that_broke_off_is_waited_for_too(nodes: int):
    it = Stage(nodes, HOLD)
    it.run()
    asked, ring = Later(), Later()
    (
        it.play
        >> it.camera.drops()
        >> it.viewer.says(lambda: it.phone.call("cam_porch"))
        << it.viewer.hears(CallHeld(8))
        >> it.camera.comes_back()
        << it.camera.hears(
            IsRegistered("cam_porch", resumed=True),
            CallWanted(asked, STUN, ring),  # type: ignore[arg-type] # heard later
        )
    )


@pytest.mark.parametrize("nodes", [1, 2])
def test_the_wait_ends_with_480(nodes: int):
    it = Stage(nodes, HOLD)
    (
        it.play
        >> it.camera.drops()
        >> it.viewer.says(lambda: it.phone.call("cam_porch"))
        << it.viewer.hears(CallHeld(8))
        >> Passed(7.9)
        << SILENCE
        >> Passed(0.2)
        << it.viewer.hears(CallRefused(480, faults.UNAVAILABLE.message))
        >> it.camera.opens()
        >> it.camera.says(it.lens.start)
        << it.camera.hears(IsRegistered("cam_porch"))
        << SILENCE
    )


def test_authority_is_asked_again_when_the_wait_is_over():
    it = Stage(1, HOLD)
    (
        it.play
        >> it.camera.drops()
        >> it.viewer.says(lambda: it.phone.call("cam_porch"))
        << it.viewer.hears(CallHeld(8))
    )
    it.play.allowed.clear()
    (
        it.play
        >> it.camera.opens()
        >> it.camera.says(it.lens.start)
        << it.camera.hears(IsRegistered("cam_porch"))
        << it.viewer.hears(CallRefused(403, faults.FORBIDDEN.message))
        << SILENCE
    )


def test_a_caller_that_leaves_is_not_called_back():
    it = Stage(1, HOLD)
    (
        it.play
        >> it.camera.drops()
        >> it.viewer.says(lambda: it.phone.call("cam_porch"))
        << it.viewer.hears(CallHeld(8))
        >> it.viewer.closes()
        >> it.camera.opens()
        >> it.camera.says(it.lens.start)
        << it.camera.hears(IsRegistered("cam_porch"))
        << SILENCE
    )


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_goodbye_is_known_until_the_camera_is_back_or_it_is_old(nodes: int):
    it = Stage(nodes, Limits(hold_for=8, goodbye_lasts=600))
    it.play >> it.camera.says(it.lens.unregister) >> it.camera.closes()
    assert not it.play.boards[0].is_there("cam_porch")
    (
        it.play
        >> it.viewer.says(lambda: it.phone.call("cam_porch"))
        << it.viewer.hears(CallRefused(480, faults.UNAVAILABLE.message))
        >> Passed(601)
        >> it.viewer.says(lambda: it.phone.call("cam_porch"))
        << it.viewer.hears(CallHeld(8))
    )
    assert it.play.holders == {}


def test_a_goodbye_at_one_node_is_over_when_the_camera_registers_at_another():
    it = Stage(2, HOLD)
    elsewhere = a_camera(number=9, node=1)
    assert elsewhere.end is not None
    it.play.people[9] = elsewhere
    (
        it.play
        >> it.camera.says(it.lens.unregister)
        >> it.camera.closes()
        >> elsewhere.opens()
        >> elsewhere.says(elsewhere.end.start)
        << elsewhere.hears(IsRegistered("cam_porch"))
        >> elsewhere.drops()
        >> it.viewer.says(lambda: it.phone.call("cam_porch"))
        << it.viewer.hears(CallHeld(8))
    )
