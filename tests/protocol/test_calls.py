"""A call as its two ends live it, with one gateway and with two."""

import pytest

from signaling.protocol import faults
from signaling.protocol.board import Party
from signaling.protocol.camera import CallWanted, CameraEnd
from signaling.protocol.close_codes import BAD_TOKEN, BROKEN, NOT_IN_TIME, REPLACED
from signaling.protocol.end import CallEnded, PeerCandidate, Refused
from signaling.protocol.limits import Limits
from signaling.protocol.viewer import CallRefused, ViewerEnd
from tests.protocol.playbook import (
    SDP,
    SILENCE,
    Closed,
    IsRegistered,
    Later,
    Passed,
    Person,
    Playbook,
    a_camera,
    a_viewer,
)
from tests.protocol.stage import HOST, STUN, Stage


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_viewer_gets_the_offer_and_the_camera_the_answer(nodes: int):
    stage = Stage(nodes)
    stage.run()
    assert stage.play << SILENCE


@pytest.mark.parametrize("nodes", [1, 2])
def test_candidates_reach_the_other_end_as_they_were(nodes: int):
    stage = Stage(nodes)
    session = stage.run()
    (
        stage.play
        >> stage.viewer.says(lambda: stage.phone.candidate(session, HOST))
        << stage.camera.hears(PeerCandidate(session, HOST))
        >> stage.camera.says(lambda: stage.lens.candidate(session, HOST))
        << stage.viewer.hears(PeerCandidate(session, HOST))
        >> stage.viewer.says(lambda: stage.phone.candidate(session, None))
        << stage.camera.hears(PeerCandidate(session, None))
        << SILENCE
    )


@pytest.mark.parametrize("end", ['""', "{}", '{"candidate": ""}', "null"])
def test_each_form_of_no_more_candidates_is_relayed_byte_for_byte(end: str):
    stage = Stage()
    session = stage.run()
    stage.camera.end = None
    frame = '{"params": {"candidate":  %s,"session":"%s"},"jsonrpc":"2.0","method":"trickle"}'
    said = frame % (end, session)
    stage.play >> stage.viewer.says(said)
    assert [heard.text for heard in stage.camera.heard] == [said]


def test_a_candidate_may_come_before_the_offer():
    stage = Stage()
    session, _ = stage.ring()
    (
        stage.play
        >> stage.camera.says(lambda: stage.lens.candidate(session, HOST))
        << stage.viewer.hears(PeerCandidate(session, HOST))
    )


def test_a_camera_of_somebody_else_and_one_that_is_not_there_look_alike():
    stage = Stage()
    heard: list[object] = []
    for camera_id in ("cam_porch", "cam_nowhere"):
        stage.play.allowed.clear()
        stage.play >> stage.viewer.says(lambda wanted=camera_id: stage.phone.call(wanted))
        heard.append(stage.viewer.heard.popleft())
    assert heard == [CallRefused(403, faults.FORBIDDEN.message)] * 2


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_camera_that_said_goodbye_is_unavailable_at_once(nodes: int):
    stage = Stage(nodes)
    (
        stage.play
        >> stage.camera.says(stage.lens.unregister)
        >> stage.camera.closes()
        >> stage.viewer.says(lambda: stage.phone.call("cam_porch"))
        << stage.viewer.hears(CallRefused(480, faults.UNAVAILABLE.message))
    )


def test_a_camera_that_says_nothing_is_unavailable():
    stage = Stage(limits=Limits(camera_answers_within=10))
    asked = Later()
    (
        stage.play
        >> stage.viewer.says(lambda: stage.phone.call("cam_porch"))
        << stage.camera.hears(CallWanted(asked, STUN, Later()))  # type: ignore[arg-type] # heard later
        >> Passed(9.9)
        << SILENCE
        >> Passed(0.2)
        << stage.viewer.hears(CallRefused(480, faults.UNAVAILABLE.message))
        << stage.camera.hears(CallEnded(asked.value, 408, faults.NO_REACTION.message))
    )


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_viewer_that_does_not_answer_the_offer_is_given_up(nodes: int):
    stage = Stage(nodes, Limits(viewer_answers_within=30))
    session, _ = stage.ring()
    stage.offer(session)
    (
        stage.play
        >> Passed(30.1)
        << stage.camera.hears(CallEnded(session, 408, faults.NO_REACTION.message))
        << stage.viewer.hears(CallEnded(session, 408, faults.NO_REACTION.message))
    )


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_viewer_that_goes_before_it_answers_is_gone(nodes: int):
    stage = Stage(nodes)
    session, _ = stage.ring()
    stage.offer(session)
    (
        stage.play
        >> stage.viewer.closes()
        << stage.camera.hears(CallEnded(session, 410, faults.GONE.message))
        << SILENCE
    )


@pytest.mark.parametrize("nodes", [1, 2])
def test_a_camera_that_goes_before_media_flows_is_told_to_the_viewer(nodes: int):
    stage = Stage(nodes)
    session, _ = stage.ring()
    (
        stage.play
        >> stage.camera.closes()
        << stage.viewer.hears(CallEnded(session, 1002, faults.DISCONNECTED.message))
    )


@pytest.mark.parametrize("who", ["camera", "viewer"])
def test_a_running_call_outlives_either_socket(who: str):
    stage = Stage()
    stage.run()
    stage.play >> getattr(stage, who).drops() << SILENCE


@pytest.mark.parametrize("nodes", [1, 2])
def test_either_end_can_end_a_session_with_a_reason(nodes: int):
    stage = Stage(nodes)
    first, second = stage.run(), stage.run()
    (
        stage.play
        >> stage.viewer.says(lambda: stage.phone.hang_up(first, 410, "seen enough"))
        << stage.camera.hears(CallEnded(first, 410, "seen enough"))
        >> stage.camera.says(lambda: stage.lens.hang_up(second, 1001, "too hot"))
        << stage.viewer.hears(CallEnded(second, 1001, "too hot"))
        << SILENCE
    )


def test_a_camera_that_declines_is_quoted():
    stage = Stage()
    ring = Later()
    (
        stage.play
        >> stage.viewer.says(lambda: stage.phone.call("cam_porch"))
        << stage.camera.hears(CallWanted(Later(), STUN, ring))  # type: ignore[arg-type] # heard later
        >> stage.camera.says(lambda: stage.lens.decline(ring.value, 480, "asleep"))
        << stage.viewer.hears(CallRefused(480, "asleep"))
    )


def test_a_bad_description_is_refused_to_whoever_sent_it():
    stage = Stage()
    session, _ = stage.ring()
    (
        stage.play
        >> stage.camera.says(lambda: stage.lens.invite(session, "not an SDP"))
        << stage.camera.hears(CallEnded(session, 400, faults.BAD_SESSION.message))
    )


def test_nobody_speaks_in_a_session_that_is_not_theirs():
    stage = Stage()
    session, _ = stage.ring()
    thief, mallory = a_camera(8, "cam_thief"), a_viewer(9, "acc_mallory")
    for person in (thief, mallory):
        stage.play.people[person.number] = person
        is_camera = person is thief
        name = person.token.removesuffix("-token")
        stage.play.parties[person.token] = Party(is_camera, name)
        assert person.end is not None
        (stage.play >> person.opens() >> person.says(person.end.start))
        assert person.heard.popleft() == IsRegistered(name)
        for frame in (
            person.end.candidate(session, HOST),
            person.end.hang_up(session, 410, "gone"),
        ):
            stage.play >> person.says(frame) << SILENCE
    assert isinstance(thief.end, CameraEnd)
    (
        stage.play
        >> thief.says(thief.end.invite(session, SDP))
        << thief.hears(CallEnded(session, 400, faults.BAD_SESSION.message))
        << SILENCE
    )


def test_the_newest_connection_of_a_camera_wins_and_the_old_one_is_told_why():
    stage = Stage()
    again = a_camera(7)
    stage.play.people[7] = again
    assert isinstance(again.end, CameraEnd)
    (
        stage.play
        >> again.opens()
        >> again.says(again.end.start)
        << stage.camera.hears(Closed(REPLACED))
        << again.hears(IsRegistered("cam_porch"))
        >> stage.viewer.says(lambda: stage.phone.call("cam_porch"))
        << again.hears(CallWanted(Later(), STUN, Later()))  # type: ignore[arg-type] # heard later
        << SILENCE
    )


def test_whoever_does_not_register_in_time_is_closed():
    nobody = Person(5, "nobody")
    play = Playbook(nobody, limits=Limits(register_within=10))
    play >> nobody.opens() >> Passed(9.9) << SILENCE >> Passed(0.2)
    assert nobody.hears(Closed(NOT_IN_TIME)).events == tuple(nobody.heard)


def test_a_token_that_does_not_hold_is_refused_and_closed():
    stage = Stage()
    stranger = Person(6, "stolen", ViewerEnd("stolen"))
    stage.play.people[6] = stranger
    assert stranger.end is not None
    (
        stage.play
        >> stranger.opens()
        >> stranger.says(stranger.end.start)
        << stranger.hears(Refused(401, faults.UNAUTHORISED.message), Closed(BAD_TOKEN))
    )


def test_the_header_token_and_the_register_token_must_name_the_same_party():
    stage = Stage()
    both = Person(6, "acc_anna-token", ViewerEnd("acc_anna-token"))
    stage.play.people[6] = both
    assert both.end is not None
    (
        stage.play
        >> both.opens("cam_porch-token")
        >> both.says(both.end.start)
        << both.hears(Refused(401, faults.UNAUTHORISED.message), Closed(BAD_TOKEN))
    )


def test_another_viewers_token_does_not_open_a_call():
    stage = Stage()
    other = a_viewer(9, "acc_bert")
    stage.play.parties[other.token] = Party(is_camera=False, id="acc_bert")
    assert isinstance(other.end, ViewerEnd)
    (
        stage.play
        >> stage.viewer.says(other.end.call("cam_porch"))
        << stage.viewer.hears(Refused(401, faults.UNAUTHORISED.message))
    )


def test_a_camera_takes_only_as_many_calls_as_its_limit():
    stage = Stage(limits=Limits(calls_per_camera=1))
    stage.run()
    (
        stage.play
        >> stage.viewer.says(lambda: stage.phone.call("cam_porch"))
        << stage.viewer.hears(CallRefused(1001, faults.NO_RESOURCES.message))
    )


def test_a_flood_of_candidates_stops_at_the_limit():
    stage = Stage(limits=Limits(trickles_per_call=3, faults_per_endpoint=100))
    session = stage.run()
    for _ in range(5):
        stage.camera.heard.clear()
        stage.play >> stage.viewer.says(lambda: stage.phone.candidate(session, HOST))
    assert not stage.camera.heard


@pytest.mark.parametrize("nodes", [1, 2])
def test_what_is_said_of_a_call_that_is_just_over_is_no_fault(nodes: int):
    """A camera lives for months on one socket; candidates often cross the end of their call."""
    stage = Stage(nodes, limits=Limits(faults_per_endpoint=1))
    for _ in range(3):
        session = stage.run()
        stage.play >> stage.viewer.says(lambda session=session: stage.phone.close(session, "seen"))
        stage.camera.heard.clear()
        for end, person in ((stage.lens, stage.camera), (stage.phone, stage.viewer)):
            for frame in (
                end.candidate(session, HOST),
                end.stage(session, "first_frame", 900),
                end.close(session, "gone here too"),
            ):
                stage.play >> person.says(frame) << SILENCE


def test_what_is_said_of_a_call_that_never_was_is_a_fault():
    stage = Stage(limits=Limits(faults_per_endpoint=1))
    stage.run()
    (
        stage.play
        >> stage.camera.says(lambda: stage.lens.candidate("another", HOST))
        << stage.camera.hears(Closed(BROKEN))
    )
