"""A call that runs outlives its gateway and its viewer's socket, but not the right to it."""

import pytest

from signaling.protocol import faults
from signaling.protocol.board import KEEPS_TICKETS, Party
from signaling.protocol.camera import CallWanted, NewTicket
from signaling.protocol.close_codes import DRAINING, REPLACED, REVOKED
from signaling.protocol.end import CallEnded, Draining, Extended
from signaling.protocol.limits import Limits
from signaling.protocol.viewer import ViewerEnd
from tests.protocol.playbook import (
    SILENCE,
    Closed,
    Does,
    IsRegistered,
    Later,
    Passed,
    Person,
    Playbook,
    a_camera,
    a_viewer,
)
from tests.protocol.stage import STUN, Stage
from tests.protocol.test_authority_ends import everywhere
from tests.protocol.test_leaving_nodes import dies, drains

WHY = faults.REVOKED.message
SPEAKS = ("trickle", "extend", KEEPS_TICKETS)
ENDINGS = [
    ("sign_in_ended", ("ses_acc_anna",)),
    ("account_ended", ("acc_anna",)),
    ("share_ended", ("acc_anna", "cam_porch")),
    ("camera_changed_hands", ("cam_porch",)),
]
OTHERS = [
    ("sign_in_ended", ("ses_acc_bert",)),
    ("account_ended", ("acc_bert",)),
    ("share_ended", ("acc_bert", "cam_porch")),
    ("share_ended", ("acc_anna", "cam_barn")),
    ("camera_changed_hands", ("cam_barn",)),
]


def stage(nodes: int = 2, limits: Limits | None = None) -> Stage:
    """A camera that keeps tickets."""
    return Stage(nodes, limits, SPEAKS)


def on_its_next_socket(it: Stage, camera_id: str = "cam_porch", node: int = 1) -> Person:
    """The camera (or another) as it registers anew: it brings what the stage's camera has."""
    newer = a_camera(it.play.fresh_number(it.camera), camera_id, node, SPEAKS, it.running)
    it.play.people[newer.number] = newer
    it.play.parties.setdefault(newer.token, Party(is_camera=True, id=camera_id))
    return newer


def comes(it: Stage, camera: Person, *heard: CallEnded) -> None:
    """It registers anew, and hears this of the calls that it brings."""
    assert camera.end is not None
    (
        it.play
        >> camera.opens()
        >> camera.says(camera.end.start)
        << camera.hears(IsRegistered(camera.token.removesuffix("-token")), *heard)
        << SILENCE
    )


def over(session: str, fault: faults.Fault = faults.REVOKED) -> CallEnded:
    """The word that ends a session."""
    return CallEnded(session, fault.code, fault.message)


def test_a_camera_that_does_not_keep_tickets_gets_none():
    it = Stage()
    ticket = CallWanted(Later(), STUN, Later())  # type: ignore[arg-type] # heard later
    it.play >> it.viewer.says(lambda: it.phone.call("cam_porch")) << it.camera.hears(ticket)
    assert ticket.ticket is None


@pytest.mark.parametrize("nodes", [1, 2])
def test_the_camera_gets_a_ticket_and_the_viewer_none(nodes: int):
    it = stage(nodes)
    it.viewer.end = None  # whatever it hears is kept as it came
    ring = Later()
    wanted = CallWanted(Later(), STUN, ring, ticket="ticket_1")  # type: ignore[arg-type] # heard later
    (
        it.play
        >> it.viewer.says(it.phone.call("cam_porch"))
        << it.camera.hears(wanted)
        >> it.camera.says(lambda: it.lens.accept(ring.value))
    )
    assert '"ticket' not in it.viewer.heard.popleft().text


@pytest.mark.parametrize(("verb", "who"), ENDINGS)
def test_a_call_that_came_back_ends_with_the_right_to_it(verb: str, who: tuple[str, ...]):
    it = stage()
    session = it.run()
    camera = on_its_next_socket(it)
    it.play >> dies(it, 0) << SILENCE
    comes(it, camera)
    it.play >> everywhere(it, verb, *who) << camera.hears(over(session))
    if verb in ("sign_in_ended", "account_ended"):
        it.play << it.viewer.hears(Closed(REVOKED))
    it.play << SILENCE
    assert [board.counts.calls for board in it.play.boards] == [0, 0]


@pytest.mark.parametrize(("verb", "who"), OTHERS)
def test_a_call_that_came_back_does_not_end_with_others(verb: str, who: tuple[str, ...]):
    it = stage()
    it.run()
    it.play >> dies(it, 0) << SILENCE
    comes(it, on_its_next_socket(it))
    it.play >> everywhere(it, verb, *who) << SILENCE
    assert it.play.boards[1].counts.calls == 1
    assert it.play.outcomes[-1] == "taken_back"


def test_what_ended_while_the_gateway_was_down_is_over_as_the_camera_registers():
    it = stage()
    session = it.run()
    it.play >> dies(it, 0)
    it.play.allowed.clear()
    comes(it, on_its_next_socket(it), over(session))
    assert it.play.boards[1].counts.calls == 0


@pytest.mark.parametrize(("verb", "who"), ENDINGS)
def test_what_ends_while_authority_is_asked_is_over(verb: str, who: tuple[str, ...]):
    """It was asked before the end, and answers after it: yes."""
    it = stage()
    session = it.run()
    it.play >> dies(it, 0) >> it.viewer.closes() << SILENCE
    it.play.is_slow = True
    camera = on_its_next_socket(it)
    comes(it, camera)
    it.play >> everywhere(it, verb, *who) << camera.hears(over(session))
    it.play >> Does(camera, Playbook.vouch) << SILENCE
    assert it.play.boards[1].counts.calls == 0


def test_a_ticket_that_nobody_wrote_ends_the_call():
    it = stage()
    session = it.run()
    it.running[session] = "ticket_7"
    it.play >> dies(it, 0)
    comes(it, on_its_next_socket(it), over(session))


def test_a_ticket_for_another_call_ends_the_call():
    it = stage()
    session, other = it.run(), it.run()
    it.running[session] = it.running.pop(other)
    it.play >> dies(it, 0)
    comes(it, on_its_next_socket(it), over(session))


def test_another_cameras_ticket_is_nothing_and_takes_nothing_from_it():
    it = stage()
    session = it.run()
    it.play.allowed.add(("acc_anna", "cam_barn"))
    comes(it, on_its_next_socket(it, "cam_barn", 0), over(session))
    it.play >> everywhere(it, "account_ended", "acc_anna")
    it.play << it.camera.hears(over(session)) << it.viewer.hears(over(session), Closed(REVOKED))


def test_a_call_that_is_brought_twice_is_one():
    it = stage()
    session = it.run()
    it.play >> dies(it, 0)
    camera = a_camera(it.play.fresh_number(it.camera), "cam_porch", 1, SPEAKS)
    it.play.people[camera.number] = camera
    call = f'{{"session": "{session}", "ticket": "{it.running[session]}"}}'
    register = (
        '{"jsonrpc": "2.0", "id": 1, "method": "register", "params": '
        f'{{"authorization": "{camera.token}", "secuhome": {{"calls": [{call}, {call}]}}}}}}'
    )
    camera.end = None
    it.play >> camera.opens() >> camera.says(register)
    assert len(camera.heard) == 1
    camera.heard.clear()
    assert it.play.boards[1].counts.calls == 1


@pytest.mark.parametrize("told", ['"x"', '[{"session": "call_1"}]', '[{"ticket": "t"}]', "[7]"])
def test_calls_that_can_not_be_read_are_a_fault(told: str):
    it = stage(1)
    camera = a_camera(7, "cam_barn", 0, SPEAKS)
    it.play.people[7], camera.end = camera, None
    params = f'{{"authorization": "{it.camera.token}", "secuhome": {{"calls": {told}}}}}'
    register = f'{{"jsonrpc": "2.0", "id": 1, "method": "register", "params": {params}}}'
    it.play >> camera.opens() >> camera.says(register)
    assert f'"code":{faults.PARAMS.code}' in camera.heard.popleft().text


def test_a_session_that_ran_out_meanwhile_is_over():
    it = stage(limits=Limits(session_lasts=60))
    session = it.run()
    it.play >> dies(it, 0) >> Passed(61)
    comes(it, on_its_next_socket(it), over(session))


def test_a_call_that_came_back_keeps_its_end():
    it = stage(limits=Limits(session_lasts=60))
    session = it.run()
    camera = on_its_next_socket(it)
    it.play >> dies(it, 0) >> Passed(30)
    comes(it, camera)
    it.play >> Passed(29.9) << SILENCE >> Passed(0.2)
    it.play << camera.hears(CallEnded(session, 410, "The session was not extended in time"))


def test_an_extension_brings_a_ticket_that_lasts_as_long():
    it = stage(limits=Limits(session_lasts=60))
    session = it.run()
    camera = on_its_next_socket(it)
    taken, renewed = Later(), NewTicket(session, Later())  # type: ignore[arg-type] # heard later
    (
        it.play
        >> Passed(50)
        >> it.viewer.says(lambda: it.phone.extend(session))
        << it.camera.hears(taken, Extended(session, 60), renewed)
        >> it.camera.says(lambda: taken.value.frame)
        << it.viewer.hears(Extended(session, 60))
    )
    it.running[session] = renewed.ticket.value  # type: ignore[attr-defined] # a Later
    it.play >> dies(it, 0) >> Passed(30)
    comes(it, camera)
    it.play >> Passed(29.9) << SILENCE >> Passed(0.2) << camera.hears(Later())


def test_a_camera_that_moves_while_both_gateways_live_keeps_its_call():
    """The one that it left tells the viewer's that the call is over there: not so where it is."""
    it = stage()
    session = it.run()
    camera = on_its_next_socket(it)
    assert camera.end is not None
    (
        it.play
        >> camera.opens()
        >> camera.says(camera.end.start)
        << it.camera.hears(Closed(REPLACED))
        << camera.hears(IsRegistered("cam_porch"))
        << SILENCE
    )
    assert [board.counts.calls for board in it.play.boards] == [0, 1]
    it.play >> everywhere(it, "share_ended", "acc_anna", "cam_porch") << camera.hears(over(session))


def test_a_camera_that_resumes_brings_nothing_and_keeps_its_calls():
    it = stage(1)
    session = it.run()
    (
        it.play
        >> it.camera.drops()
        >> it.camera.comes_back()
        << it.camera.hears(IsRegistered("cam_porch", resumed=True))
        >> everywhere(it, "share_ended", "acc_anna", "cam_porch")
        << it.camera.hears(over(session))
        << it.viewer.hears(over(session))
    )
    assert "taken_back" not in it.play.outcomes


# ---- the viewer's socket is gone, its gateway or not


@pytest.mark.parametrize("how", ["closes", "drops", "dies"])
@pytest.mark.parametrize(("verb", "who"), ENDINGS)
def test_a_call_without_its_viewers_socket_ends_with_the_right_to_it(
    how: str, verb: str, who: tuple[str, ...]
):
    it = stage(2)
    session = it.run()
    left = {"closes": it.viewer.closes(), "drops": it.viewer.drops(), "dies": dies(it, 1)}
    (
        it.play
        >> left[how]
        >> Passed(16)
        << SILENCE
        >> everywhere(it, verb, *who)
        << it.camera.hears(over(session))
        << SILENCE
    )
    assert it.play.boards[0].counts.calls == 0


def test_a_viewer_that_hangs_up_leaves_nothing_behind():
    it = stage(2)
    session = it.run()
    (
        it.play
        >> it.viewer.says(lambda: it.phone.close(session, "seen enough"))
        << it.camera.hears(CallEnded(session, 410, "seen enough"))
    )
    assert it.play.boards[0].counts.calls == 0


@pytest.mark.parametrize("nodes", [1, 2])
def test_both_may_hang_up_at_once_however_often(nodes: int):
    it = stage(nodes)
    for _ in range(20):
        session = it.run()
        it.play >> it.viewer.says(lambda: it.phone.hang_up(session, 410, "bye"))  # noqa: B023 - said now
        it.play << it.camera.hears(CallEnded(session, 410, "bye"))
        it.play >> it.camera.says(lambda: it.lens.hang_up(session, 410, "bye")) << SILENCE  # noqa: B023 - likewise
        it.play >> it.viewer.says(lambda: it.phone.hang_up(session, 410, "bye")) << SILENCE  # noqa: B023 - likewise


def test_the_camera_tells_that_a_call_is_over_and_nobody_is_asked():
    it = stage(2)
    session = it.run()
    (
        it.play
        >> dies(it, 1)
        >> it.camera.says(lambda: it.lens.hang_up(session, 410, "the viewer left"))
        << SILENCE
        >> everywhere(it, "camera_changed_hands", "cam_porch")
        << SILENCE
    )
    assert it.play.boards[0].counts.calls == 0


def test_a_call_without_its_viewers_socket_keeps_no_node_from_draining():
    it = stage(1)
    it.run()
    (
        it.play
        >> it.viewer.closes()
        >> drains(it, 0)
        << it.camera.hears(Draining(0))
        >> Passed(0.1)
        << it.camera.hears(Closed(DRAINING))
    )


def test_calls_without_their_viewers_sockets_make_room_for_others():
    it = stage(1, Limits(calls_per_camera=2))
    first, _ = it.run(), it.run()
    it.play >> it.viewer.closes() << SILENCE
    guest = a_viewer(it.play.fresh_number(it.viewer))
    it.play.people[guest.number] = guest
    phone = guest.end
    assert isinstance(phone, ViewerEnd)
    room = over(first, faults.NO_RESOURCES)
    wanted = CallWanted(Later(), STUN, Later(), ticket=Later())  # type: ignore[arg-type] # heard later
    (
        it.play
        >> guest.opens()
        >> guest.says(phone.start)
        << guest.hears(IsRegistered("acc_anna"))
        >> guest.says(lambda: phone.call("cam_porch"))
        << it.camera.hears(room, wanted)
    )
    assert it.play.boards[0].counts.calls == 2


def test_no_more_calls_come_back_than_a_camera_may_have():
    it = stage(limits=Limits(calls_per_camera=2))
    for session in ("call_a", "call_b", "call_c"):
        it.running[session] = f"ticket of {session}"
        anna = it.play.parties[it.viewer.token]
        it.play.tickets[it.running[session], "cam_porch", session] = (anna, None)
    it.play >> dies(it, 0)
    comes(it, on_its_next_socket(it), over("call_c", faults.NO_RESOURCES))
    assert it.play.boards[1].counts.calls == 2


def claims(it: Stage, session: str) -> Does:
    """A ticket has been read, later than other things happened."""
    anna = it.play.parties[it.viewer.token]
    given = (it.camera.number, session, anna, None, it.play.now)
    return Does(it.camera, lambda play: play.tell_node(0, "claimed", *given))


def test_a_call_that_began_meanwhile_takes_the_room_of_one_that_comes_back():
    it = stage(1, Limits(calls_per_camera=1))
    it.ring()
    it.play >> claims(it, "call_a") << it.camera.hears(over("call_a", faults.NO_RESOURCES))
    assert it.play.boards[0].counts.calls == 1


def test_a_call_that_is_known_is_not_asked_about_again():
    it = stage(1)
    session = it.run()
    no = Does(
        it.camera, lambda play: play.tell_node(0, "vouched", 1, session, 0.0, may_go_on=False)
    )
    (
        it.play
        >> claims(it, session)
        >> no
        << SILENCE
        >> it.viewer.says(lambda: it.phone.close(session, "seen enough"))
        << it.camera.hears(CallEnded(session, 410, "seen enough"))
    )
