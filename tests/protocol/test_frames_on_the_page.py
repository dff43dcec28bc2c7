"""The call that PROTOCOL.md writes out, frame by frame, is what a gateway really says."""

from pathlib import Path

from signaling.protocol.board import Party
from tests.protocol.playbook import Frame, Person, Playbook

PAGE = Path(__file__).parents[2] / "signaling" / "PROTOCOL.md"


def frames() -> list[tuple[str, str, str]]:
    """Who, `→` or `←`, and the frame."""
    section = PAGE.read_text("utf-8").split("## A call, frame by frame", 1)[1]
    lines = section.split("```", 2)[1].strip().splitlines()
    return [(line[:6], line[7], line[9:]) for line in lines]


def test_the_call_on_the_page_is_what_is_said():
    camera, viewer = Person(1, "eyJ…camera"), Person(2, "eyJ…viewer")
    play = Playbook(camera, viewer)
    play.parties[camera.token] = Party(is_camera=True, id="cam_porch")
    play.parties[viewer.token] = Party(is_camera=False, id="acc_anna", sign_in="ses_anna")
    play.allowed.add(("acc_anna", "cam_porch"))
    for person in (camera, viewer):
        play >> person.opens()
    people = {"camera": camera, "viewer": viewer}
    for who, way, frame in frames():
        if way == "→":
            play >> people[who].says(frame)
        else:
            assert way == "←"
            play << people[who].hears(Frame(frame))
    assert not camera.heard
    assert not viewer.heard
