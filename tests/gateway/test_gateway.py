"""The gateway on real sockets: what a peer on the internet can rely on, and can't do."""

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from server.foundation.identity import Identity, Kind
from signaling.access import Decision, ListedAccess, SignInEnded, pack_ending
from signaling.protocol.close_codes import (
    BAD_TOKEN,
    BROKEN,
    CLOSE_CODES,
    CROWDED,
    DRAINING,
    NOT_IN_TIME,
    RANGE_OF,
    REVOKED,
    TOO_FAST,
    Close,
    then_of,
)
from signaling.protocol.limits import Limits
from tests.gateway.conftest import ORIGIN, House, close_of, frame, hear, register
from tests.protocol.playbook import ANSWER, SDP


class Unreachable(ListedAccess):
    """A list that can't be read any more when somebody calls."""

    async def may_call(self, caller: Identity, camera_id: str) -> Decision:
        raise OSError("the database is gone")


async def test_two_sockets_set_up_a_call(house: House):
    camera = await house.registered(Kind.CAMERA, "cam_1")
    phone = await house.registered(Kind.ACCOUNT, "acc_1")
    house.access.calls.add(("acc_1", "cam_1"))
    call = {"peer": "cam_1", "authorization": "token-of-acc_1", "profile": {"quality": "high"}}
    await phone.send(frame(id="a", method="connect", params=call))
    asked = await hear(camera)
    session = asked["params"]["session"]
    ice = [{"urls": ["stun:127.0.0.1:3478"]}]
    assert asked["params"] == {
        "session": session, "iceServers": ice, "profile": {"quality": "high"},
    }  # fmt: skip
    await camera.send(frame(id=asked["id"], result={"capabilities": ["trickle"]}))
    assert await hear(phone) == {
        "jsonrpc": "2.0", "id": "a",
        "result": {"session": session, "iceServers": ice, "capabilities": ["trickle"]},
    }  # fmt: skip
    await camera.send(frame(id=9, method="invite", params={"session": session, "offer": SDP}))
    invited = await hear(phone)
    assert invited["params"] == {"session": session, "offer": SDP}
    await phone.send(frame(id=invited["id"], result={"answer": ANSWER}))
    assert await hear(camera) == {"jsonrpc": "2.0", "id": 9, "result": {"answer": ANSWER}}


async def test_the_token_may_come_by_header_or_by_query(house: House):
    token = house.let_in(Kind.ACCOUNT, "acc_1")
    by_header = await house.connect(additional_headers={"Authorization": f"Bearer {token}"})
    await by_header.send(frame(id=1, method="register"))
    assert (await hear(by_header))["result"]["id"] == "acc_1"
    async with connect(f"{house.url}?access_token={token}") as by_query:
        await by_query.send(frame(id=1, method="register"))
        assert (await hear(by_query))["result"]["id"] == "acc_1"


async def test_what_is_pipelined_behind_register_is_heard_after_it(house: House):
    socket = await house.connect()
    await socket.send(register(house.let_in(Kind.ACCOUNT, "acc_1")))
    call = {"peer": "cam_1", "authorization": "token-of-acc_1"}
    await socket.send(frame(id=2, method="connect", params=call))
    assert [(await hear(socket))["id"], (await hear(socket))["error"]["code"]] == [1, 403]


async def test_staff_do_not_signal(house: House):
    socket = await house.connect()
    await socket.send(register(house.let_in(Kind.STAFF, "stf_1")))
    assert (await hear(socket))["error"]["code"] == 401
    assert await close_of(socket) == BAD_TOKEN.number


@pytest.mark.parametrize("method", ["connect", "invite", "extend"])
async def test_before_register_only_register_is_heard(house: House, method: str):
    socket = await house.connect()
    await socket.send(frame(id=1, method=method, params={}))
    assert (await hear(socket))["error"]["code"] == 401


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("no json", -32700),
        ("[" * 5_000, -32600),
        ('"a string"', -32600),
        ("[]", -32600),
        ('{"jsonrpc":"2.0","id":1,"method":"x","params":' + "[" * 5_000, -32700),
        ('{"id":1,"method":"connect"}', -32600),
        ('{"jsonrpc":"2.0","id":1.5,"method":"connect"}', -32600),
        ('{"jsonrpc":"2.0","id":null,"method":"connect"}', -32600),
        ('{"jsonrpc":"2.0","id":7,"method":"dance"}', -32601),
        ('{"jsonrpc":"2.0","id":7,"method":"connect","params":[]}', -32602),
        ('{"jsonrpc":"2.0","id":7,"method":"connect","params":{"peer":5}}', -32602),
        ('{"jsonrpc":"2.0","id":7,"method":"register"}', -32600),
    ],
)
async def test_a_malformed_message_is_answered_with_its_fault(house: House, sent: str, code: int):
    phone = await house.registered(Kind.ACCOUNT, "acc_1")
    await phone.send(sent)
    assert (await hear(phone))["error"]["code"] == code


async def test_a_peer_that_goes_on_breaking_the_protocol_is_closed(house: House):
    phone = await house.registered(Kind.ACCOUNT, "acc_1")
    for _ in range(8):
        await phone.send("no json")
    assert await close_of(phone) == BROKEN.number


async def test_a_frame_over_the_limit_closes_its_socket_and_no_other(house: House):
    loud = await house.registered(Kind.ACCOUNT, "acc_1")
    neighbour = await house.registered(Kind.ACCOUNT, "acc_2")
    await loud.send("x" * 70_000)
    assert await close_of(loud) in (1009, None)
    await neighbour.send(frame(id=5, method="unregister"))
    assert (await hear(neighbour))["id"] == 5


async def test_a_message_in_fragments_is_one_message(house: House):
    socket = await house.connect()
    whole = register(house.let_in(Kind.ACCOUNT, "acc_1"))
    await socket.send([whole[:10], whole[10:20], whole[20:]])
    assert (await hear(socket))["result"]["id"] == "acc_1"


async def test_binary_frames_are_not_taken(house: House):
    phone = await house.registered(Kind.ACCOUNT, "acc_1")
    await phone.send(b"\x00\x01")
    assert await close_of(phone) == BROKEN.number


@pytest.mark.parametrize("house", [{"messages_per_s": 5.0}], indirect=True)
async def test_a_flood_of_messages_is_closed(house: House):
    phone = await house.registered(Kind.ACCOUNT, "acc_1")
    for number in range(40):
        await phone.send(frame(method="trickle", params={"n": number}))
    assert await close_of(phone) in (TOO_FAST.number, BROKEN.number)


@pytest.mark.parametrize("house", [{"sockets_per_network": 2}], indirect=True)
async def test_a_network_with_too_many_sockets_gets_no_more_until_one_goes(house: House):
    first, _ = await house.connect(), await house.connect()
    assert await close_of(await house.connect()) == CROWDED.number
    await first.close()
    assert await house.registered(Kind.ACCOUNT, "acc_1")


@pytest.mark.parametrize("house", [{"limits": Limits(sockets_per_account=2)}], indirect=True)
async def test_an_account_with_too_many_sockets_gets_no_more_and_another_does(house: House):
    for _ in range(2):
        await house.registered(Kind.ACCOUNT, "acc_1")
    late = await house.connect()
    await late.send(register(house.let_in(Kind.ACCOUNT, "acc_1")))
    assert (await hear(late))["error"]["code"] == 1001
    assert await close_of(late) == CROWDED.number
    assert await house.registered(Kind.ACCOUNT, "acc_2")


async def test_whoever_does_not_register_is_closed_in_time(house: House):
    assert await close_of(await house.connect()) == NOT_IN_TIME.number


async def test_a_page_of_another_origin_is_refused(house: House):
    with pytest.raises(InvalidStatus) as refused:
        await house.connect(origin="https://evil.example")
    assert refused.value.response.status_code == 403
    await house.connect(origin=ORIGIN)


async def test_a_peer_that_speaks_only_another_subprotocol_is_refused(house: House):
    with pytest.raises(InvalidStatus) as refused:
        await house.connect(subprotocols=["mqtt"])
    assert refused.value.response.status_code == 400
    ours = await house.connect(subprotocols=["mqtt", "webrtc.onvif.org"])
    assert ours.subprotocol == "webrtc.onvif.org"
    assert (await house.connect()).subprotocol is None


async def test_another_path_is_not_signaling(house: House):
    with pytest.raises(InvalidStatus) as refused:
        await connect(house.url.replace("/signal", "/other"))
    assert refused.value.response.status_code == 404


async def test_a_gateway_that_stops_says_so(house: House):
    phone = await house.registered(Kind.ACCOUNT, "acc_1")
    await house.gateway.stop()
    assert await close_of(phone) == DRAINING.number


@pytest.mark.parametrize("house", [{"access": Unreachable()}], indirect=True)
async def test_where_authority_cannot_be_asked_nobody_gets_in(house: House):
    """Fails closed: a database that is gone must not open a camera."""
    phone = await house.registered(Kind.ACCOUNT, "acc_1")
    camera = await house.registered(Kind.CAMERA, "cam_1")

    call = {"peer": "cam_1", "authorization": "token-of-acc_1"}
    await phone.send(frame(id=2, method="connect", params=call))
    assert (await hear(phone))["error"]["code"] == 480
    await camera.send(frame(id=5, method="unregister"))
    assert (await hear(camera))["id"] == 5


def test_close_codes_are_in_the_range_of_what_to_do_next():
    for close in CLOSE_CODES:
        assert isinstance(close, Close)
        assert close.number in RANGE_OF[close.then]
        assert then_of(close.number) is close.then
        assert len(close.reason.encode()) <= 123
    assert len({close.number for close in CLOSE_CODES}) == len(CLOSE_CODES)


async def test_a_sign_in_that_ends_closes_its_socket_within_a_second(house: House):
    phone = await house.registered(Kind.ACCOUNT, "acc_1")
    ended = pack_ending(SignInEnded("ses_1"))
    async with asyncio.timeout(1):
        await house.engine.announce(ended)
        assert await close_of(phone) == REVOKED.number
