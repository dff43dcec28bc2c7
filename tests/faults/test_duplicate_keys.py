"""A frame that says a thing twice is read in two ways, so it is passed on to nobody.

JSON leaves open which of two members of one name counts (RFC 8259 §4). We take one, a camera's
parser may take the other: what we checked would not be what it does. Some parsers also read
`Session` as `session` (Go's does), and every parser reads `\\u0073ession` so.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from server.foundation.identity import Kind
from tests.faults.conftest import CAMERA, OWNER, VISITOR, Neighbours
from tests.gateway.conftest import House
from tests.onvif.client import Client
from tests.onvif.device import Device, Ring
from tests.onvif.end import End, Refusal

OTHER_CAMERA = "cam_other"
# In each, MINE is a session of whoever speaks, OTHER one of somebody else's.
SESSION_TWICE = [
    '"session":"MINE","session":"OTHER"',
    '"session":"OTHER","session":"MINE"',
    '"session":"MINE","\\u0073ession":"OTHER"',
    '"\\u0073ession":"OTHER","session":"MINE"',
    '"session":"OTHER","session":"OTHER","session":"MINE"',
]
SESSION_IN_TWO_CASES = ['"session":"MINE","Session":"OTHER"', '"SESSION":"OTHER","session":"MINE"']
FRAMES = [
    '{"jsonrpc":"2.0","method":"trickle","params":{%s,"candidate":{"candidate":"evil"}}}',
    '{"jsonrpc":"2.0","method":"error","params":{%s,"code":410,"message":"evil"}}',
    '{"jsonrpc":"2.0","error":{%s,"code":410,"message":"evil"}}',
]
MINE_EVIL, OTHER_EVIL = (
    f'{{"session":"{whose}","candidate":"evil","code":410,"message":"evil"}}'
    for whose in ("MINE", "OTHER")
)
MEMBER_TWICE = [
    f'{{"jsonrpc":"2.0",{members}}}'
    for members in (
        f'"method":"trickle","params":{OTHER_EVIL},"params":{MINE_EVIL}',
        f'"method":"trickle","params":{MINE_EVIL},"params":{OTHER_EVIL}',
        f'"method":"error","method":"trickle","params":{MINE_EVIL}',
        f'"method":"trickle","method":"error","params":{MINE_EVIL}',
        f'"m\\u0065thod":"error","method":"trickle","params":{MINE_EVIL}',
        f'"error":{OTHER_EVIL},"error":{MINE_EVIL}',
        f'"params":{OTHER_EVIL},"method":"trickle","par\\u0061ms":{MINE_EVIL}',
    )
]
SAID_TWICE = [frame % members for frame in FRAMES for members in SESSION_TWICE] + MEMBER_TWICE
TWO_CASES = [frame % members for frame in FRAMES for members in SESSION_IN_TWO_CASES]


@pytest.fixture
async def other_camera(house: House, neighbours: Neighbours) -> AsyncIterator[Device]:
    """Another camera that the honest viewer has a call with as well."""
    house.access.calls.add((OWNER, OTHER_CAMERA))
    async with Device("trickle") as device:
        await device.open(house.url, house.let_in(Kind.CAMERA, OTHER_CAMERA))
        await device.register()
        session = await neighbours.client.talk(OTHER_CAMERA)
        await device.until(lambda: device.rings[session.id].answer)
        yield device


def read(frame: str, *, first_wins: bool) -> Any:
    """A frame as one kind of parser takes it: names in any case, and the first or the last."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        order = reversed(pairs) if first_wins else pairs
        return {name.lower(): value for name, value in order}

    return json.loads(frame, object_pairs_hook=members)


def is_read_alike(frame: str) -> bool:
    """Whether every parser takes this frame for the same message."""
    return read(frame, first_wins=True) == read(frame, first_wins=False)


def test_the_frames_below_are_read_in_two_ways():
    for frame in (*SAID_TWICE[:4], *MEMBER_TWICE, *TWO_CASES):
        assert not is_read_alike(frame)
    assert is_read_alike(FRAMES[0] % '"session":"MINE"')


async def hears_one_thing(hearer: End, neighbours: Neighbours) -> None:
    """Nothing that was heard is open to two readings; the honest pair's call goes on."""
    await neighbours.still_talk()  # so all that was under way has arrived
    for heard in hearer.heard:
        assert is_read_alike(heard), heard


async def say(end: End, frame: str, mine: str, other: str) -> None:
    """Say a frame, and wait until it has been dealt with."""
    await end.send_text(frame.replace("MINE", mine).replace("OTHER", other))
    with pytest.raises(Refusal):
        await end.request("dance")


@pytest.mark.parametrize("frame", SAID_TWICE, ids=range(len(SAID_TWICE)))
async def test_a_camera_is_handed_nothing_that_can_be_read_in_two_ways(
    neighbours: Neighbours, visitor: Client, frame: str
):
    (mine,) = visitor.sessions
    await say(visitor, frame, mine, neighbours.session.id)
    await hears_one_thing(neighbours.device, neighbours)


@pytest.mark.parametrize("frame", SAID_TWICE, ids=range(len(SAID_TWICE)))
async def test_a_viewer_is_handed_nothing_that_can_be_read_in_two_ways(
    neighbours: Neighbours, other_camera: Device, frame: str
):
    (mine,) = other_camera.rings
    await say(other_camera, frame, mine, neighbours.session.id)
    await hears_one_thing(neighbours.client, neighbours)


@pytest.mark.parametrize("frame", TWO_CASES, ids=range(len(TWO_CASES)))
async def test_nor_in_two_ways_by_a_parser_that_takes_capitals_for_small_letters(
    neighbours: Neighbours, visitor: Client, frame: str
):
    (mine,) = visitor.sessions
    await say(visitor, frame, mine, neighbours.session.id)
    await hears_one_thing(neighbours.device, neighbours)


class Ringing(Device):
    """Takes a call and does not offer by itself."""

    async def invite(self, ring: Ring) -> None:
        """Later, by hand."""


def verdicts(end: End) -> list[dict[str, Any]]:
    """The answers to a request of the id x; one that can't be read has none (JSON-RPC §5)."""
    told = [json.loads(frame) for frame in end.heard]
    return [each for each in told if "method" not in each and each["id"] in ("x", None)]


@pytest.mark.parametrize(
    "members",
    [
        *SESSION_TWICE,
        '"session":"MINE","offer":"v=0\\r\\ns=1\\r\\nm=","offer":"v=0\\r\\ns=2\\r\\nm="',
    ],
)
async def test_an_offer_that_can_be_read_in_two_ways_is_refused(
    house: House, neighbours: Neighbours, members: str
):
    """Its parameters go to the viewer as they came."""
    house.access.calls.add((OWNER, OTHER_CAMERA))
    async with Ringing("trickle") as device:
        await device.open(house.url, house.let_in(Kind.CAMERA, OTHER_CAMERA))
        await device.register()
        session = await neighbours.client.connect(OTHER_CAMERA)
        offer = "" if "offer" in members else ',"offer":"v=0\\r\\nm=video 9 UDP/TLS/RTP/SAVPF 96"'
        said = f'{{"jsonrpc":"2.0","id":"x","method":"invite","params":{{{members}{offer}}}}}'
        await say(device, said, session.id, neighbours.session.id)
        await device.until(lambda: verdicts(device))
        assert "error" in verdicts(device)[0]
        await hears_one_thing(neighbours.client, neighbours)


@pytest.mark.parametrize(
    "result", ['"answer":"v=0 a","answer":"v=0 b"', '"answer":"v=0","answ\\u0065r":"v=1"']
)
async def test_an_answer_that_can_be_read_in_two_ways_does_not_reach_the_camera(
    house: House, neighbours: Neighbours, result: str
):
    house.access.calls.add((VISITOR, CAMERA))
    async with Client(answers=False) as client:
        await client.open(house.url, house.let_in(Kind.ACCOUNT, VISITOR))
        await client.register()
        session = await client.connect(CAMERA)
        await client.until(lambda: session.invited)
        asked = next(json.loads(heard)["id"] for heard in client.heard if '"invite"' in heard)
        await client.send_text(f'{{"jsonrpc":"2.0","id":{asked},"result":{{{result}}}}}')
        with pytest.raises(Refusal):
            await client.request("dance")
        await hears_one_thing(neighbours.device, neighbours)
