"""A real gateway with a list instead of a database, and an HTTP server that answers by the book."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import jwt

from devices.agent.calls import Calls
from devices.agent.camera_folder import Identity as CameraIdentity
from devices.agent.capture import Capture
from devices.agent.device_key import DeviceKey
from devices.agent.server_api import ServerApi
from devices.agent.signaling_link import SignalingLink
from server.foundation.identity import Identity, Kind
from signaling.access import ListedAccess
from signaling.engine.memory import MemoryEngine
from signaling.gateway import Gateway, GatewaySettings
from signaling.protocol.limits import Limits
from signaling.turn_credentials import IceServers

CAMERA, OWNER, STRANGER = "cam_porch", "acc_owner", "acc_stranger"
SERVER = "http://home.example"
SERIAL = "SN-0001"


def identity(kind: Kind, name: str) -> Identity:
    return Identity(kind, name, "ses_1", datetime.now(UTC) + timedelta(minutes=10))


@dataclass
class Told:
    """The camera's milestones, to be awaited."""

    all: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, event: str, why: str | None = None, **facts: Any) -> None:
        self.all.append({"event": event, "why": why, **facts})
        self._changed.set()

    async def hear(self, event: str, count: int = 1) -> dict[str, Any]:
        async with asyncio.timeout(15):
            while len(heard := [told for told in self.all if told["event"] == event]) < count:
                self._changed.clear()
                await self._changed.wait()
        return heard[count - 1]


class Server:
    """The HTTP side, as the API page describes it: tokens, and where signaling is."""

    def __init__(self, key: DeviceKey) -> None:
        self.key = key
        self.signaling_url = ""
        self.down = False
        self.tokens_given = 0
        self.token_life_s = 600
        self.redemption: tuple[int, dict[str, Any]] = (200, {})
        self.redeemed: list[bytes] = []

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("refused")
        match request.url.path:
            case "/v1/oauth/token":
                return self._token(request)
            case "/v1/signaling":
                return httpx.Response(200, json={"url": self.signaling_url})
            case "/v1/pairings/redemption":
                self.redeemed.append(request.content)
                return httpx.Response(self.redemption[0], json=self.redemption[1])
            case _:
                return httpx.Response(404)

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        try:
            jwt.decode(
                form["client_assertion"],
                jwt.PyJWK(self.key.public_jwk(), algorithm="ES256").key,
                algorithms=["ES256"],
                audience=f"{SERVER}/v1/oauth/token",
                issuer=SERIAL,
            )
        except jwt.InvalidTokenError:
            return httpx.Response(401, json={"error": "invalid_client"})
        self.tokens_given += 1
        told = {"access_token": "camera-token", "expires_in": self.token_life_s}
        return httpx.Response(200, json=told)


@dataclass
class House:
    """A gateway that knows a camera, its owner and a stranger."""

    gateway: Gateway
    access: ListedAccess
    server: Server
    key: DeviceKey
    url: str

    def api(self) -> ServerApi:
        who = CameraIdentity(SERIAL, "SH-C1", "DE")
        return ServerApi(SERVER, who, self.key, self.server.client())


@asynccontextmanager
async def gateway_house(
    *origins: str, ice_servers: IceServers | None = None, session_lasts: float | None = None
) -> AsyncGenerator[House, None]:
    access = ListedAccess(
        tokens={
            "camera-token": identity(Kind.CAMERA, CAMERA),
            "owner-token": identity(Kind.ACCOUNT, OWNER),
            "stranger-token": identity(Kind.ACCOUNT, STRANGER),
        },
        calls={(OWNER, CAMERA)},
    )
    settings = GatewaySettings(
        origins=frozenset(origins),
        ice_servers=ice_servers or IceServers(()),
        limits=Limits(hold_for=0.5, session_lasts=session_lasts),
        max_frame=65_536,
        max_outbound=1_000_000,
        messages_per_s=100.0,
        ping_every=20.0,
        upgrade_within=5.0,
    )
    gateway = Gateway(MemoryEngine("node"), access, settings)
    await gateway.start("127.0.0.1", 0)
    key = DeviceKey.generate()
    house = House(gateway, access, Server(key), key, f"ws://127.0.0.1:{gateway.port}/signal")
    house.server.signaling_url = house.url
    try:
        yield house
    finally:
        await gateway.stop()


@asynccontextmanager
async def camera_online(house: House, capture: Capture, told: Told) -> AsyncGenerator[Calls, None]:
    """The agent's link, registered; taken down as SIGTERM does."""
    calls = Calls(capture, told.say)
    link = SignalingLink(house.api(), calls, told.say, lambda: None, dice=lambda: 0.0)
    holding = asyncio.create_task(link.hold())
    try:
        await told.hear("registered")
        yield calls
    finally:
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)
        await calls.close()
