"""Authority that ends: what was begun under it is over at once, at both ends, on any node."""

import pytest

from signaling.protocol import faults
from signaling.protocol.camera import CallWanted
from signaling.protocol.close_codes import REVOKED
from signaling.protocol.end import CallEnded
from signaling.protocol.viewer import CallRefused
from tests.protocol.playbook import SILENCE, Closed, Does, Later, Playbook
from tests.protocol.stage import STUN, Stage

WHY = faults.REVOKED.message


def everywhere(stage: Stage, verb: str, *given: str) -> Does:
    """An announcement that every node hears."""

    def act(play: Playbook) -> None:
        for node in range(len(play.boards)):
            play.tell_node(node, verb, *given)

    return Does(stage.viewer, act)


@pytest.mark.parametrize("nodes", [1, 2])
@pytest.mark.parametrize(
    ("verb", "who"), [("sign_in_ended", "ses_acc_anna"), ("account_ended", "acc_anna")]
)
def test_whose_sign_in_or_account_ends_is_cut_off(nodes: int, verb: str, who: str):
    stage = Stage(nodes)
    session = stage.run()
    (
        stage.play
        >> everywhere(stage, verb, who)
        << stage.viewer.hears(CallEnded(session, 403, WHY), Closed(REVOKED))
        << stage.camera.hears(CallEnded(session, 403, WHY))
        << SILENCE
    )


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_camera_that_changes_hands_shows_nobody_anything(nodes: int):
    stage = Stage(nodes)
    session = stage.run()
    (
        stage.play
        >> everywhere(stage, "camera_changed_hands", "cam_porch")
        << stage.viewer.hears(CallEnded(session, 403, WHY))
        << stage.camera.hears(CallEnded(session, 403, WHY))
        << SILENCE
    )


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_share_that_ends_ends_that_persons_call_of_that_camera(nodes: int):
    stage = Stage(nodes)
    session = stage.run()
    (
        stage.play
        >> everywhere(stage, "share_ended", "acc_bert", "cam_porch")
        >> everywhere(stage, "share_ended", "acc_anna", "cam_garden")
        << SILENCE
        >> everywhere(stage, "share_ended", "acc_anna", "cam_porch")
        << stage.viewer.hears(CallEnded(session, 403, WHY))
        << stage.camera.hears(CallEnded(session, 403, WHY))
    )


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["camera's", "viewer's"])
def test_it_is_heard_and_counted_once_whichever_node_hears_it_first(order: tuple[int, int]):
    stage = Stage(2)
    session = stage.run()

    def act(play: Playbook) -> None:
        for node in order:
            play.tell_node(node, "share_ended", "acc_anna", "cam_porch")

    (
        stage.play
        >> Does(stage.viewer, act)
        << stage.viewer.hears(CallEnded(session, 403, WHY))
        << stage.camera.hears(CallEnded(session, 403, WHY))
        << SILENCE
    )
    assert stage.play.outcomes == ["answered", "revoked"]


def test_a_call_that_is_still_ringing_is_refused():
    stage = Stage()
    ring = Later()
    (
        stage.play
        >> stage.viewer.says(lambda: stage.phone.call("cam_porch"))
        << stage.camera.hears(CallWanted(Later(), STUN, ring))  # type: ignore[arg-type] # heard later
        >> everywhere(stage, "camera_changed_hands", "cam_porch")
        << stage.viewer.hears(CallRefused(403, WHY))
    )
    assert stage.camera.heard.popleft().code == 403


@pytest.mark.parametrize("nodes", [1, 2])
def test_others_keep_their_calls(nodes: int):
    stage = Stage(nodes)
    stage.run()
    (
        stage.play
        >> everywhere(stage, "sign_in_ended", "ses_acc_bert")
        >> everywhere(stage, "account_ended", "acc_bert")
        >> everywhere(stage, "camera_changed_hands", "cam_garden")
        << SILENCE
    )
