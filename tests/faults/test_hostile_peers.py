"""Peers with a good token and bad manners: what they say reaches nobody whom it shouldn't."""

import json
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from server.foundation.identity import Kind
from signaling.protocol.board import Limits
from signaling.protocol.close_codes import BAD_TOKEN, BROKEN, TOO_FAST
from tests.faults.conftest import CAMERA, OWNER, VISITOR, Neighbours, a_registered_stranger
from tests.faults.raw_socket import CONTINUATION, TEXT
from tests.faults.raw_socket import frame as raw_frame
from tests.gateway.conftest import House, close_of, frame, hear, register
from tests.onvif.client import Client
from tests.onvif.device import Device
from tests.onvif.end import Asked, End, Refusal

THIEF = "cam_thief"


@pytest.fixture
async def thief(house: House, neighbours: Neighbours) -> AsyncIterator[Device]:
    """Another camera, which the honest viewer may call as well."""
    house.access.calls.add((OWNER, THIEF))
    async with Device("trickle") as device:
        await device.open(house.url, house.let_in(Kind.CAMERA, THIEF))
        await device.register()
        yield device


async def code_of(end: End, method: str, params: dict[str, Any]) -> int:
    """The code with which a request is refused."""
    with pytest.raises(Refusal) as no:
        await end.request(method, params)
    return no.value.code


def trickles(end: End, session: str) -> int:
    """How many candidates an end has heard in a session."""
    heard = [json.loads(frame) for frame in end.heard if session in frame]
    return sum(told.get("method") == "trickle" for told in heard)


# ---- frames that are no messages


@pytest.mark.parametrize("seed", range(8))
async def test_garbage_is_answered_as_such_and_then_closed(
    house: House, neighbours: Neighbours, seed: int
):
    dice = random.Random(seed)
    async with a_registered_stranger(house) as stranger:
        for _ in range(8):
            await stranger.send(raw_frame(dice.randbytes(dice.randint(1, 125))))
        assert await stranger.until_closed() == BROKEN.number
    await neighbours.still_talk()


@pytest.mark.parametrize("members", ["[%s]", '{"a":%s}'], ids=["arrays", "objects"])
async def test_frames_nested_as_deep_as_they_can_be_are_no_fault_of_ours(
    house: House, neighbours: Neighbours, visitor: Client, members: str
):
    """Also where one reader has just enough stack for it and the next has not."""
    (session,) = visitor.sessions
    before, after = members.split("%s")
    said = frame(method="trickle", params={"session": session, "candidate": 0})
    with suppress(ConnectionClosed):
        for depth in range(930, 1_020):
            deep = before * depth + "1" + after * depth
            await visitor.send_text(said.replace('"candidate": 0', f'"candidate": {deep}'))
    assert await visitor.until_closed() == BROKEN.number
    await neighbours.still_talk()


@pytest.mark.parametrize(
    "said",
    [
        "[" * 60_000,
        '{"jsonrpc":"2.0","id":1,"method":"connect","params":' + '{"a":' * 10_000,
        '{"jsonrpc":"2.0","id":' + "[" * 5_000 + "]" * 5_000 + ',"method":"connect"}',
        '{"jsonrpc":"2.0","id":1' + "0" * 5_000 + ',"method":"connect"}',
        '{"jsonrpc":"2.0","id":"' + "x" * 60_000 + '"}',
        '{"jsonrpc":"2.0","id":1,"method":"' + "x" * 60_000 + '"}',
    ],
    ids=["arrays", "objects", "deep id", "long number", "long id", "long method"],
)
async def test_frames_made_to_be_costly_are_refused(
    house: House, neighbours: Neighbours, said: str
):
    socket = await house.registered(Kind.ACCOUNT, "acc_stranger")
    await socket.send(said)
    assert (await hear(socket))["error"]["code"] in (-32700, -32600, -32601)
    await neighbours.still_talk()


@pytest.mark.parametrize(
    "said",
    [
        b'{"jsonrpc":"2.0","id":"\xff","method":"connect"}',
        b'{"jsonrpc":"2.0","id":1,"method":"\xc0\xaf"}',
        b'{"jsonrpc":"2.0","id":1,"method":"connect","params":{"peer":"\xed\xa0\x80","authorization":"x"}}',
        b'{"jsonrpc":"2.0","\xfe":1,"id":1,"method":"connect"}',
    ],
    ids=["id", "method", "parameter", "name"],
)
async def test_a_text_frame_that_is_no_text_is_no_message(
    house: House, neighbours: Neighbours, said: bytes
):
    async with a_registered_stranger(house) as stranger:
        await stranger.send(raw_frame(said))
        assert b"-32700" in (await stranger.hear())[1]
    await neighbours.still_talk()


async def test_what_is_no_text_is_not_passed_on(
    house: House, neighbours: Neighbours, visitor: Client
):
    """The camera would have to fail its socket (RFC 6455 §8.1), and all its calls with it."""
    (session,) = visitor.sessions
    said = frame(method="trickle", params={"session": session, "candidate": "@"}).encode()
    async with a_registered_stranger(house) as stranger:
        house.access.calls.add(("acc_stranger", CAMERA))
        call = {"peer": CAMERA, "authorization": "token-of-acc_stranger"}
        await stranger.send(raw_frame(frame(id=2, method="connect", params=call).encode()))
        own = json.loads((await stranger.hear())[1])["result"]["session"]
        said = said.replace(session.encode(), own.encode())
        for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"):
            await stranger.send(raw_frame(said.replace(b"@", bad)))
        half = said.replace(b"@", "é".encode())
        at = half.index("é".encode()) + 1  # a letter in two fragments is a letter
        await stranger.send(raw_frame(half[:at], TEXT, bits=0) + raw_frame(half[at:], CONTINUATION))
        await neighbours.device.until(lambda: half.decode() in neighbours.device.heard)
    await neighbours.still_talk()


# ---- sessions of others


@pytest.mark.parametrize("bare", [True, False], ids=["bare", "notification"])
async def test_a_viewer_neither_trickles_into_nor_ends_the_session_of_another(
    neighbours: Neighbours, visitor: Client, bare: bool
):
    theirs = neighbours.session.id
    await visitor.notify("trickle", {"session": theirs, "candidate": {"candidate": "evil"}})
    await visitor.end_session(theirs, 410, "evil", bare=bare)
    await visitor.notify("secuhome.close", {"session": theirs, "reason": "evil"})
    assert await code_of(visitor, "secuhome.close", {"session": theirs, "reason": "evil"}) == 403
    assert await code_of(visitor, "extend", {"session": theirs}) == 403
    await neighbours.heard_nothing_of("evil")


@pytest.mark.parametrize("bare", [True, False], ids=["bare", "notification"])
async def test_a_camera_neither_offers_nor_trickles_into_nor_ends_the_session_of_another(
    neighbours: Neighbours, thief: Device, bare: bool
):
    own = await neighbours.client.talk(THIEF)
    await thief.until(lambda: thief.rings[own.id].answer)
    theirs = neighbours.session.id
    offer = {"session": theirs, "offer": "v=0\r\ns=evil\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"}
    assert await code_of(thief, "invite", offer) == 400
    await thief.notify("trickle", {"session": theirs, "candidate": {"candidate": "evil"}})
    await thief.end_session(theirs, 410, "evil", bare=bare)
    assert await code_of(thief, "secuhome.close", {"session": theirs, "reason": "evil"}) == 403
    await neighbours.heard_nothing_of("evil")


class Silent(Device):
    """Hears what it is asked, and says nothing."""

    async def requested(self, asked: Asked) -> None:
        """Heard."""


async def test_an_answer_counts_only_for_what_its_own_socket_was_asked(
    house: House, neighbours: Neighbours, thief: Device
):
    """Both sockets are asked under small numbers: a guess must not take another's call."""
    house.access.calls.add((VISITOR, CAMERA))
    async with Silent() as silent, Client() as client:
        await silent.open(house.url, house.let_in(Kind.CAMERA, "cam_silent"))
        await silent.register()
        house.access.calls.add((OWNER, "cam_silent"))
        await client.open(house.url, house.let_in(Kind.ACCOUNT, OWNER))
        await client.register()
        asked = await client.ask(
            "connect", {"peer": "cam_silent", "authorization": f"token-of-{OWNER}"}
        )
        await silent.until(lambda: len(silent.heard) == 2)
        for number in range(1, 20):
            await thief.send({"jsonrpc": "2.0", "id": number, "result": {"capabilities": ["x"]}})
            error = {"code": 480, "message": "asleep"}
            await thief.send({"jsonrpc": "2.0", "id": number, "error": error})
        assert await code_of(thief, "dance", {}) == -32601
        assert not asked.done()
        with pytest.raises(Refusal) as nothing:
            await asked  # the silent camera's own time runs out
        assert nothing.value.code == 480
        assert nothing.value.message != "asleep"
    await neighbours.still_talk()


async def test_a_viewer_answers_no_offer_of_another(neighbours: Neighbours, visitor: Client):
    for number in range(1, 20):
        await visitor.send({"jsonrpc": "2.0", "id": number, "result": {"answer": "v=0"}})
        error = {"code": 400, "message": "bad", "session": neighbours.session.id}
        await visitor.send({"jsonrpc": "2.0", "id": number, "error": error})
    assert await code_of(visitor, "dance", {}) == -32601
    await neighbours.still_talk()


# ---- too much


FEW = {"limits": Limits(trickles_per_call=20, camera_answers_within=2, viewer_answers_within=2)}


@pytest.mark.parametrize("house", [FEW], indirect=True)
async def test_candidates_over_the_limit_of_a_call_are_not_passed_on(
    neighbours: Neighbours, visitor: Client
):
    (session,) = visitor.sessions
    with suppress(ConnectionClosed):
        for number in range(200):
            await visitor.notify(
                "trickle", {"session": session, "candidate": {"candidate": f"{number}"}}
            )
    assert await visitor.until_closed() == BROKEN.number
    await neighbours.still_talk()  # so all that was under way has arrived
    assert trickles(neighbours.device, session) == 20


@pytest.mark.parametrize("house", [FEW], indirect=True)
async def test_a_camera_that_floods_its_viewer_is_closed(neighbours: Neighbours, thief: Device):
    own = await neighbours.client.talk(THIEF)
    with suppress(ConnectionClosed):
        for n in range(200):
            candidate = {"candidate": f"{n}"}
            await thief.notify("trickle", {"session": own.id, "candidate": candidate})
    assert await thief.until_closed() == BROKEN.number
    await neighbours.still_talk()
    assert trickles(neighbours.client, own.id) == 20


@pytest.mark.parametrize("house", [{"messages_per_s": 20.0}], indirect=True)
async def test_whoever_talks_too_fast_is_closed(house: House, neighbours: Neighbours):
    socket = await house.registered(Kind.ACCOUNT, "acc_stranger")
    with suppress(ConnectionClosed):
        for number in range(200):
            await socket.send(frame(method="hello", params={"n": number}))  # not a fault by itself
    assert await close_of(socket) == TOO_FAST.number
    await neighbours.still_talk()


async def test_calls_over_the_limit_are_refused_and_the_camera_is_not_asked(
    house: House, neighbours: Neighbours, visitor: Client
):
    rings = len(neighbours.device.rings)
    codes: list[int] = []
    for _ in range(40):
        try:
            await visitor.connect(CAMERA)
        except Refusal as refusal:
            codes.append(refusal.code)
            break
    assert codes == [1001]
    assert len(neighbours.device.rings) - rings <= 15
    for session in list(visitor.sessions):
        await visitor.end_session(session, 410, "gone", bare=False)
    await neighbours.device.until(lambda: len(neighbours.device.ended) >= len(visitor.sessions))
    await neighbours.still_talk()


# ---- registering


async def test_the_same_register_again_on_a_socket_is_an_error(
    house: House, neighbours: Neighbours
):
    socket = await house.registered(Kind.ACCOUNT, "acc_stranger")
    await socket.send(register("token-of-acc_stranger"))
    assert (await hear(socket))["error"]["code"] == -32600
    await neighbours.still_talk()


async def test_two_registers_at_once_are_one(house: House, neighbours: Neighbours):
    """The second comes while the first is being looked up."""
    socket = await house.connect()
    first, second = house.let_in(Kind.ACCOUNT, "acc_stranger"), house.let_in(Kind.CAMERA, THIEF)
    await socket.send(register(first))
    await socket.send(register(second))
    assert (await hear(socket))["result"]["id"] == "acc_stranger"
    assert (await hear(socket))["error"]["code"] == -32600
    await neighbours.still_talk()


async def test_a_users_token_on_a_second_socket_is_a_second_viewer(
    house: House, neighbours: Neighbours
):
    async with Client() as client:
        await client.open(house.url, house.let_in(Kind.ACCOUNT, OWNER))
        await client.register()
        await client.talk(CAMERA)
        await neighbours.still_talk()
    await neighbours.still_talk()


async def test_a_users_token_in_a_strangers_hands_is_no_camera(
    house: House, neighbours: Neighbours
):
    """Nobody gets anywhere by knowing an id, or becomes a camera by saying so."""
    socket = await house.connect()
    claims = {"authorization": house.let_in(Kind.ACCOUNT, "acc_stranger"), "id": CAMERA}
    await socket.send(frame(id=1, method="register", params=claims | {"name": CAMERA}))
    assert (await hear(socket))["result"]["id"] == "acc_stranger"
    call = {"peer": CAMERA, "authorization": f"token-of-{OWNER}"}
    await socket.send(frame(id=2, method="connect", params=call))
    assert (await hear(socket))["error"]["code"] == 401
    await neighbours.still_talk()


async def test_guessing_tokens_costs_a_socket_each(house: House, neighbours: Neighbours):
    for guess in ("", "token-of-", f"token-of-{OWNER} ", f"TOKEN-OF-{OWNER}", OWNER):
        socket = await house.connect()
        await socket.send(register(guess))
        assert (await hear(socket))["error"]["code"] == 401
        if guess:
            assert await close_of(socket) == BAD_TOKEN.number
    await neighbours.still_talk()
