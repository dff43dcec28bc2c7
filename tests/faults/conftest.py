"""A gateway on a port, an honest pair with a call on it, and room for somebody who isn't."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.foundation.identity import Kind
from tests.faults.raw_socket import RawSocket, frame, tcp_to
from tests.faults.two_gateways import two
from tests.gateway.conftest import House, house, register
from tests.onvif.client import Client, Session
from tests.onvif.device import Device

__all__ = ["house", "two"]

CAMERA, OWNER, VISITOR = "cam_honest", "acc_honest", "acc_visitor"


class Neighbours:
    """An honest camera and its viewer, with a running call."""

    def __init__(self, device: Device, client: Client, session: Session) -> None:
        self.device = device
        self.client = client
        self.session = session
        self._told = 0

    async def still_talk(self) -> None:
        """Their call goes on, both ways, and another one can begin."""
        self._told += 1
        params = f'{{"session":"{self.session.id}", "candidate":{{"candidate":"{self._told}"}}}}'
        said = f'{{"params": {params},"method":"trickle", "jsonrpc":"2.0"}}'
        await self.client.send_text(said)
        await self.device.until(lambda: said in self.device.heard)
        await self.device.send_text(said)
        await self.client.until(lambda: said in self.client.heard)
        another = await self.client.talk(CAMERA)
        await self.client.end_session(another.id, 1001, "enough", bare=False)
        await self.device.until_ended(another.id)
        assert not self.client.ended
        assert self.session.id not in self.device.ended
        assert self.client.close_code is self.device.close_code is None

    async def heard_nothing_of(self, word: str) -> None:
        """What came before this reached neither of them; their call goes on."""
        await self.still_talk()  # so all that was under way has arrived
        assert not [
            said for end in (self.device, self.client) for said in end.heard if word in said
        ]


@pytest.fixture
async def neighbours(house: House) -> AsyncIterator[Neighbours]:
    house.access.calls.add((OWNER, CAMERA))
    async with Device("trickle") as device, Client() as client:
        await device.open(house.url, house.let_in(Kind.CAMERA, CAMERA))
        await device.register()
        await client.open(house.url, house.let_in(Kind.ACCOUNT, OWNER))
        await client.register()
        session = await client.talk(CAMERA)
        ring = device.rings[session.id]
        await device.until(lambda: ring.answer)
        yield Neighbours(device, client, session)


@pytest.fixture
async def visitor(house: House, neighbours: Neighbours) -> AsyncIterator[Client]:
    """Somebody else with whom the honest camera is shared, in a call of his own."""
    house.access.calls.add((VISITOR, CAMERA))
    async with Client() as client:
        await client.open(house.url, house.let_in(Kind.ACCOUNT, VISITOR))
        await client.register()
        await client.talk(CAMERA)
        yield client


@asynccontextmanager
async def a_registered_stranger(house: House) -> AsyncGenerator[RawSocket]:
    """Somebody with an account of his own, and no library between him and the wire."""
    async with tcp_to(house.url) as socket:
        await socket.upgraded(house.url)
        await socket.send(frame(register(house.let_in(Kind.ACCOUNT, "acc_stranger")).encode()))
        assert b'"acc_stranger"' in (await socket.hear())[1]
        yield socket
