"""How long a session lasts, how it is extended, and how it is ended with a reason."""

import pytest

from signaling.protocol import faults
from signaling.protocol.end import CallEnded, Extended, Reply
from signaling.protocol.limits import Limits
from signaling.protocol.viewer import NotExtended
from tests.protocol.playbook import SILENCE, Later, Passed
from tests.protocol.stage import Stage

LASTS = Limits(session_lasts=60)
OVER = "The session was not extended in time"


def stage(nodes: int = 1) -> Stage:
    """Sessions of a minute, and a camera that can extend them."""
    return Stage(nodes, LASTS, ("trickle", "extend"))


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_session_that_is_not_extended_ends_at_both_ends_with_the_reason(nodes: int):
    it = stage(nodes)
    session = it.run()
    (
        it.play
        >> Passed(59.9)
        << SILENCE
        >> Passed(0.2)
        << it.viewer.hears(CallEnded(session, 410, OVER))
        << it.camera.hears(CallEnded(session, 410, OVER))
        << SILENCE
    )


@pytest.mark.parametrize("nodes", [1, 2])
def test_an_extended_session_goes_on(nodes: int):
    it = stage(nodes)
    session = it.run()
    taken = Later()
    (
        it.play
        >> Passed(50)
        >> it.viewer.says(lambda: it.phone.extend(session))
        << it.camera.hears(taken, Extended(session, 60))
        >> it.camera.says(lambda: taken.value.frame)
        << it.viewer.hears(Extended(session, 60))
        >> Passed(59)
        << SILENCE
        >> Passed(1.1)
        << it.viewer.hears(CallEnded(session, 410, OVER))
        << it.camera.hears(CallEnded(session, 410, OVER))
    )
    assert isinstance(taken.value, Reply)


def test_a_viewer_whose_right_has_ended_extends_nothing():
    it = stage()
    session = it.run()
    it.play.allowed.clear()
    (
        it.play
        >> it.viewer.says(lambda: it.phone.extend(session))
        << it.viewer.hears(NotExtended(session, 403, faults.FORBIDDEN.message))
    )


def test_a_session_of_somebody_else_is_not_extended():
    it = stage()
    it.run()
    (
        it.play
        >> it.viewer.says(lambda: it.phone.extend("call_99"))
        << it.viewer.hears(NotExtended("call_99", 403, faults.FORBIDDEN.message))
    )


def test_a_camera_that_knows_no_extending_is_told_no_end():
    it = Stage(1, LASTS)  # it registers without the capability: an end would only cut it off
    session = it.run()
    (
        it.play
        >> Passed(600)
        << SILENCE
        >> it.viewer.says(lambda: it.phone.extend(session))
        << it.viewer.hears(NotExtended(session, -32601, faults.METHOD.message))
    )


@pytest.mark.parametrize("nodes", [1, 2])
def test_either_end_closes_a_session_in_words(nodes: int):
    it = stage(nodes)
    first, second = it.run(), it.run()
    (
        it.play
        >> it.viewer.says(lambda: it.phone.close(first, "privacy mode"))
        << it.camera.hears(CallEnded(first, 410, "privacy mode"))
        >> it.camera.says(lambda: it.lens.close(second, "lens covered"))
        << it.viewer.hears(CallEnded(second, 410, "lens covered"))
        << SILENCE
    )


def test_stage_reports_are_counted_for_ones_own_sessions_only():
    it = stage()
    session = it.run()
    (
        it.play
        >> it.viewer.says(lambda: it.phone.stage(session, "first_frame", 84.5))
        >> it.camera.says(lambda: it.lens.stage(session, "offer", 3))
        >> it.viewer.says(lambda: it.phone.stage("call_99", "first_frame", 1))
        >> it.viewer.says(lambda: it.phone.stage(session, "lunch", 1))
        >> it.viewer.says(lambda: it.phone.stage(session, "answer", -1))
        << SILENCE
    )
    assert it.play.observed == [("first_frame", 84.5), ("offer", 3.0)]
