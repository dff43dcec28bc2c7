"""A camera brings calls to a gateway that has to ask about them."""

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from server.foundation.identity import Identity, Kind
from signaling.access import Decision, ListedAccess, ShareEnded, pack_ending
from signaling.protocol import faults
from tests.gateway.conftest import House, frame, hear

OVER = {"code": faults.REVOKED.code, "message": faults.REVOKED.message}


class Asked(ListedAccess):
    """A list that is slow to answer, and may not answer at all."""

    def __init__(self) -> None:
        super().__init__()
        self.is_asked = asyncio.Event()
        self.answers = asyncio.Event()
        self.is_gone = False

    async def may_call(self, caller: Identity, camera_id: str) -> Decision:
        self.is_asked.set()
        decision = await super().may_call(caller, camera_id)
        await self.answers.wait()
        if self.is_gone:
            raise OSError("the database is gone")
        return decision


@pytest.fixture
def asked(house: House) -> Asked:
    assert isinstance(house.access, Asked)
    house.access.calls.add(("acc_1", "cam_1"))
    house.let_in(Kind.ACCOUNT, "acc_1")
    return house.access


def slowly() -> pytest.MarkDecorator:
    """A list of its own for the gateway of this test."""
    return pytest.mark.parametrize("house", [{"access": Asked()}], indirect=True, ids=["slow"])


async def brings(house: House, **watched: str) -> ClientConnection:
    """The camera registers with these calls that it has running, each watched by somebody."""
    calls = []
    for session, account in watched.items():
        viewer = house.access.tokens[f"token-of-{account}"]
        ticket = house.access.seal_ticket(viewer, "cam_1", session, None)
        calls.append({"session": session, "ticket": ticket})
    camera = await house.connect()
    token = house.let_in(Kind.CAMERA, "cam_1")
    params = {"authorization": token, "secuhome": {"calls": calls}}
    await camera.send(frame(id=1, method="register", params=params))
    assert (await hear(camera))["result"]["id"] == "cam_1"
    return camera


async def overs(camera: ClientConnection, count: int) -> list[Any]:
    """So many calls that are over, by their sessions."""
    heard = [(await hear(camera))["params"] for _ in range(count)]
    assert all({"code": it["code"], "message": it["message"]} == OVER for it in heard)
    return [it["session"] for it in heard]


@slowly()
async def test_what_nobody_can_be_asked_about_is_over(house: House, asked: Asked):
    camera = await brings(house, call_a="acc_1", call_b="acc_1")
    asked.is_gone = True
    asked.answers.set()
    assert await overs(camera, 2) == ["call_a", "call_b"]
    assert house.gateway.counts().calls == 0


@slowly()
async def test_what_ends_between_the_question_and_the_answer_is_over(house: House, asked: Asked):
    camera = await brings(house, call_a="acc_1", call_b="acc_1")
    await asked.is_asked.wait()
    await house.engine.announce(pack_ending(ShareEnded("acc_1", "cam_1")))
    assert await overs(camera, 2) == ["call_a", "call_b"]
    asked.answers.set()
    assert house.gateway.counts().calls == 0


@slowly()
async def test_each_call_has_its_own_answer(house: House, asked: Asked):
    house.let_in(Kind.ACCOUNT, "acc_2")
    asked.answers.set()
    camera = await brings(house, call_a="acc_1", call_b="acc_2", call_c="acc_1")
    assert await overs(camera, 1) == ["call_b"]
    assert house.gateway.counts().calls == 2
