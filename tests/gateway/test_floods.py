"""Whoever goes too far is out of everybody's way, and does not come back at once."""

import pytest

from server.foundation.identity import Kind
from signaling.protocol.close_codes import BROKEN, CROWDED, TOO_FAST
from signaling.protocol.limits import Limits
from tests.gateway.conftest import House, close_of, frame, hear, register

KEPT_WAITING = {"penalty_s": 0.3}


def connect(number: int, camera: str = "cam_1") -> str:
    """A wish to see a camera, by somebody who has registered."""
    params = {"peer": camera, "authorization": "token-of-acc_1"}
    return frame(id=number, method="connect", params=params)


@pytest.mark.parametrize("house", [KEPT_WAITING], indirect=True)
async def test_a_troublemakers_calls_end_at_once_and_its_socket_later(house: House):
    camera = await house.registered(Kind.CAMERA, "cam_1")
    phone = await house.registered(Kind.ACCOUNT, "acc_1")
    house.access.calls.add(("acc_1", "cam_1"))
    await phone.send(connect(2))
    wanted = await hear(camera)
    await camera.send(frame(id=wanted["id"], result={}))
    assert (await hear(phone))["result"]["session"] == wanted["params"]["session"]
    for _ in range(8):
        await phone.send("no json")
    over = await hear(camera)
    assert over["params"]["session"] == wanted["params"]["session"]
    assert phone.close_code is None
    assert await close_of(phone) == BROKEN.number


@pytest.mark.parametrize("house", [KEPT_WAITING | {"sockets_per_network": 2}], indirect=True)
async def test_a_socket_too_many_is_not_heard_while_it_waits(house: House):
    first, _ = await house.connect(), await house.connect()
    late = await house.connect()
    await late.send(register(house.let_in(Kind.ACCOUNT, "acc_1")))
    await first.close()
    assert await house.registered(Kind.ACCOUNT, "acc_2")
    assert await close_of(late) == CROWDED.number


@pytest.mark.parametrize("house", [{"calls_per_s_per_account": 0.2}], indirect=True)
async def test_an_account_that_wants_one_call_after_the_other_is_closed(house: House):
    """A wish for a call costs us far more than a message."""
    phone = await house.registered(Kind.ACCOUNT, "acc_1")
    neighbour = await house.registered(Kind.ACCOUNT, "acc_2")
    for number in range(2, 6):
        await phone.send(connect(number, f"cam_{number}"))
    assert await close_of(phone) == TOO_FAST.number
    await neighbour.send(frame(id=5, method="unregister"))
    assert (await hear(neighbour))["id"] == 5


@pytest.mark.parametrize(
    "house", [{"calls_per_s_per_account": 0.2, "limits": Limits(hold_for=0)}], indirect=True
)
async def test_two_calls_after_another_are_no_flood(house: House):
    phone = await house.registered(Kind.ACCOUNT, "acc_1")
    for number in (2, 3):
        await phone.send(connect(number))
        assert (await hear(phone))["id"] == number
