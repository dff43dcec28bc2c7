"""A gateway on a port of its own, and people with real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from server.foundation.identity import Identity, Kind
from signaling.access import ListedAccess
from signaling.engine.memory import MemoryEngine
from signaling.gateway import Gateway, GatewaySettings
from signaling.protocol.limits import Limits
from signaling.turn_credentials import IceServers

ORIGIN = "http://127.0.0.1:8080"


def settings(**given: Any) -> GatewaySettings:
    """Small limits, so that a test reaches them soon."""
    usual: dict[str, Any] = {
        "origins": frozenset({ORIGIN}),
        "ice_servers": IceServers(({"urls": ["stun:127.0.0.1:3478"]},)),
        "limits": Limits(register_within=2, camera_answers_within=2, viewer_answers_within=2),
        "max_frame": 65_536,
        "max_outbound": 1_048_576,
        "messages_per_s": 500.0,
        "ping_every": 20.0,
        "upgrade_within": 2.0,
    }
    return GatewaySettings(**usual | given)


@dataclass
class House:
    """A running gateway."""

    gateway: Gateway
    engine: MemoryEngine
    access: ListedAccess
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"ws://127.0.0.1:{self.gateway.port}/signal"

    def let_in(self, kind: Kind, id: str) -> str:
        """A token for somebody."""
        token = f"token-of-{id}"
        self.access.tokens[token] = Identity(kind, id, "ses_1", datetime.now(UTC))
        return token

    async def connect(self, **given: Any) -> ClientConnection:
        """A raw socket."""
        return await self.stack.enter_async_context(connect(self.url, max_size=None, **given))

    async def registered(self, kind: Kind, id: str) -> ClientConnection:
        """A socket that has registered."""
        socket = await self.connect()
        await socket.send(register(self.let_in(kind, id)))
        assert (await hear(socket))["result"]["id"] == id
        return socket


def register(token: str) -> str:
    """A register frame with the request id 1."""
    return frame(id=1, method="register", params={"authorization": token})


def frame(**members: Any) -> str:
    """A JSON-RPC frame."""
    return json.dumps({"jsonrpc": "2.0", **members})


async def hear(socket: ClientConnection) -> Any:
    """The next message. Raises TimeoutError after five seconds."""
    async with asyncio.timeout(5):
        return json.loads(await socket.recv())


async def close_of(socket: ClientConnection) -> int | None:
    """The close code that the socket gets next."""
    async with asyncio.timeout(5):
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await socket.recv()
        return closed.value.rcvd.code if closed.value.rcvd else None


@pytest.fixture
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    given: dict[str, Any] = dict(getattr(request, "param", {}))
    access = given.pop("access", None) or ListedAccess()
    engine = MemoryEngine("node1")
    gateway = Gateway(engine, access, settings(**given))
    await gateway.start("127.0.0.1", 0)
    house = House(gateway, engine, access)
    async with house.stack:
        yield house
    await gateway.stop()
