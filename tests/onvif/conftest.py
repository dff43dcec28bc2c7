"""A gateway on a port, a STUN server beside it, and a home in which ONVIF ends come and go."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aioice import stun

from devices.agent.clip import make_clip
from server.foundation.identity import Kind
from signaling.access import ListedAccess
from signaling.engine.memory import MemoryEngine
from signaling.gateway import Gateway
from signaling.protocol.board import Limits
from signaling.turn_credentials import IceServers
from tests.gateway.conftest import House, settings
from tests.onvif.client import Client
from tests.onvif.device import Device
from tests.onvif.end import End, TokenBy

OneEnd = TypeVar("OneEnd", bound=End)
PORCH, ANNA = "cam_porch", "acc_anna"


class Stun(asyncio.DatagramProtocol):
    """Answers binding requests (RFC 8489), and remembers who asked."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, int]] = set()
        self.transport: asyncio.DatagramTransport | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        assert self.transport is not None
        return f"stun:127.0.0.1:{self.transport.get_extra_info('sockname')[1]}"

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asked = stun.parse_message(data)
        self.asked.add(addr)
        answer = stun.Message(
            message_method=asked.message_method,
            message_class=stun.Class.RESPONSE,
            transaction_id=asked.transaction_id,
        )
        answer.attributes["XOR-MAPPED-ADDRESS"] = addr
        assert self.transport is not None
        self.transport.sendto(bytes(answer), addr)


class Home:
    """A gateway, and who has come in."""

    def __init__(self, house: House, stun: Stun, stack: AsyncExitStack) -> None:
        self.house = house
        self.stun = stun
        self._stack = stack

    def may_call(self, account: str, camera: str) -> None:
        """From now on."""
        self.house.access.calls.add((account, camera))

    async def opens(self, end: OneEnd, kind: Kind, id: str, **how: Any) -> OneEnd:
        """Somebody opens a socket with a token that holds, and says nothing yet."""
        await self._stack.enter_async_context(end)
        await end.open(self.house.url, self.house.let_in(kind, id), **how)
        return end

    async def device(
        self, device: Device, id: str = PORCH, by: TokenBy = "register", **how: Any
    ) -> Device:
        """A device that has registered, and that Anna may call."""
        await self.opens(device, Kind.CAMERA, id, by=by, **how)
        told = {"capabilities": device.capabilities} if device.capabilities else {}
        assert await device.register(name="Porch", **told) == id
        self.may_call(ANNA, id)
        return device

    async def client(
        self, client: Client, id: str = ANNA, by: TokenBy = "register", **how: Any
    ) -> Client:
        """A client that has registered."""
        await self.opens(client, Kind.ACCOUNT, id, by=by, **how)
        assert await client.register() == id
        return client


@asynccontextmanager
async def stun_server() -> AsyncGenerator[Stun]:
    """A STUN server on a port of loopback."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(Stun, local_addr=("127.0.0.1", 0))
    protocol.transport = transport
    try:
        yield protocol
    finally:
        transport.close()


@pytest.fixture
async def home(request: pytest.FixtureRequest) -> AsyncIterator[Home]:
    """Sessions last as long as the test's parameter says."""
    limits = Limits(
        camera_answers_within=5,
        viewer_answers_within=5,
        session_lasts=getattr(request, "param", None),
    )
    async with stun_server() as stun, AsyncExitStack() as stack:
        given = settings(limits=limits, ice_servers=IceServers(({"urls": [stun.url]},)))
        access, engine = ListedAccess(), MemoryEngine("node1")
        gateway = Gateway(engine, access, given)
        await gateway.start("127.0.0.1", 0)
        stack.push_async_callback(gateway.stop)
        yield Home(House(gateway, engine, access), stun, stack)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of pictures to show over and over."""
    path = tmp_path_factory.mktemp("onvif") / "porch.ts"
    make_clip(path, seconds=1, size=(320, 180))
    return path
