"""The gateway: sockets on one side, the engine on the other, the switchboard between.

A thin shell. It decides nothing about calls; it does what the switchboard's commands say and
tells it what came of them.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Final

from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener
from picows import ws_create_server as listen

from server.foundation.identity import Identity, Kind
from server.foundation.log import log_fault
from signaling.access import (
    Access,
    AccountEnded,
    CameraChangedHands,
    ShareEnded,
    SignInEnded,
    read_ending,
)
from signaling.connections import (
    Connection,
    offered_subprotocols,
    refusal_of,
    token_of,
)
from signaling.engine.interface import CameraAway, Engine, NoReply
from signaling.metrics import Counts, GatewayMetrics
from signaling.protocol import commands, faults
from signaling.protocol.board import Limits, Party
from signaling.protocol.close_codes import DRAINING, INTERNAL
from signaling.protocol.commands import Command
from signaling.protocol.faults import Fault
from signaling.protocol.messages import SUBPROTOCOL
from signaling.protocol.switchboard import Switchboard
from signaling.turn_credentials import IceServers

TICK_S: Final = 0.1  # how late a deadline may be noticed
GOODBYE_S: Final = 1.0  # for the close frames to leave
READ_BUFFER: Final = 2_048  # picows' least; a camera at rest sends pongs


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """What the gateway needs to know. Times are in seconds, sizes in bytes."""

    origins: frozenset[str]
    ice_servers: IceServers
    limits: Limits
    max_frame: int
    max_outbound: int
    messages_per_s: float
    ping_every: float
    upgrade_within: float


class Gateway:
    """One node's gateway."""

    def __init__(
        self,
        engine: Engine,
        access: Access,
        settings: GatewaySettings,
        metrics: GatewayMetrics | None = None,
    ) -> None:
        self._engine = engine
        self._access = access
        self._settings = settings
        self._metrics = metrics or GatewayMetrics()
        self._metrics.counts = self.counts
        self._board = Switchboard(engine.node, settings.limits)
        self._connections: dict[int, Connection] = {}
        self._identities: dict[int, Identity] = {}
        self._asks: dict[int, asyncio.Future[bytes]] = {}
        self._numbers = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._holding = asyncio.Lock()
        self._empty = asyncio.Event()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        assert self._server is not None  # noqa: S101 - asked for after start only
        return self._server.sockets[0].getsockname()[1]

    def counts(self) -> Counts:
        """How many of what there is at the moment."""
        endpoints, cameras, calls = self._board.counts
        return Counts(len(self._connections), cameras, endpoints - cameras, calls)

    async def start(self, host: str, port: int, *, reuse_port: bool = False) -> None:
        """Listen. Raises OSError where the address is taken or the engine can't be reached.

        With `reuse_port` several processes of one user may have the same address.
        """
        await self._engine.start(self._on_ask, self._on_told, self._on_announced)
        self._server = await listen(
            self._upgrade,
            host,
            port,
            max_frame_size=self._settings.max_frame,
            enable_auto_ping=True,
            auto_ping_idle_timeout=self._settings.ping_every,
            auto_ping_reply_timeout=self._settings.ping_every,
            websocket_handshake_timeout=self._settings.upgrade_within,
            read_buffer_init_size=READ_BUFFER,
            use_aiofastnet=False,  # costs 5 KiB a socket more
            reuse_port=reuse_port,
        )
        self._spawn(self._tick())

    async def stop(self) -> None:
        """Tell every socket that we go, and go."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections.values()):
            connection.close(DRAINING)
        if self._connections:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), GOODBYE_S)
        for task in list(self._tasks):
            task.cancel()
        await self._engine.stop()

    def joined(self, connection: Connection) -> None:
        """A socket opened."""
        self._connections[connection.number] = connection
        self._empty.clear()
        self._do(self._board.joined(connection.number, connection.token, self._now()))
        connection.token = None

    def heard(self, connection: Connection, frame: bytes) -> None:
        """A whole text message came."""
        self._do(self._board.heard(connection.number, frame, self._now()))

    def left(self, connection: Connection) -> None:
        """A socket is gone."""
        self._connections.pop(connection.number, None)
        self._identities.pop(connection.number, None)
        if not self._connections:
            self._empty.set()
        self._do(self._board.left(connection.number))

    def _upgrade(
        self, request: WSUpgradeRequest
    ) -> Connection | WSUpgradeResponseWithListener | None:
        if refused := refusal_of(request, self._settings.origins):
            return WSUpgradeResponseWithListener(refused, None)
        self._numbers += 1
        connection = Connection(
            self._numbers,
            token_of(request),
            self,
            clock=self._now,
            messages_per_s=self._settings.messages_per_s,
            max_message=self._settings.max_frame,
            max_outbound=self._settings.max_outbound,
        )
        if SUBPROTOCOL not in offered_subprotocols(request):
            return connection
        response = WSUpgradeResponse.create_101_response({"Sec-WebSocket-Protocol": SUBPROTOCOL})
        return WSUpgradeResponseWithListener(response, connection)

    def _do(self, wanted: list[Command]) -> None:
        for command in wanted:
            match command:
                case commands.Say(endpoint, frame):
                    if connection := self._connections.get(endpoint):
                        connection.say(frame)
                case commands.Hang(endpoint, close):
                    if connection := self._connections.get(endpoint):
                        self._metrics.refused(close.name)
                        connection.close(close)
                case commands.Tell(node, message):
                    self._engine.tell(node, message)
                case commands.Observe(stage, ms):
                    self._metrics.observed(stage, ms)
                case commands.AnswerAsk(ask, message):
                    if (waiting := self._asks.get(ask)) and not waiting.done():
                        waiting.set_result(message)
                case _:
                    self._spawn(self._do_later(command))

    async def _do_later(self, command: Command) -> None:
        match command:
            case commands.Who():
                await self._who(command)
            case commands.MayCall():
                await self._may_call(command)
            case commands.Hold(camera_id, endpoint, request_id):
                async with self._holding:  # a hold and a release of one camera keep their order
                    await self._engine.hold(camera_id)
                self._do(self._board.held(endpoint, request_id, self._now()))
            case commands.Release(camera_id):
                async with self._holding:
                    await self._engine.release(camera_id)
            case commands.Ask():
                await self._ask(command)
            case _:
                raise TypeError(type(command).__name__)

    async def _who(self, command: commands.Who) -> None:
        try:
            callers = [await self._access.who(token) for token in command.tokens]
        except Exception:
            if connection := self._connections.get(command.endpoint):
                connection.close(INTERNAL)
            raise
        if command.endpoint in self._connections and callers[0] is not None:
            self._identities[command.endpoint] = callers[0]
        parties = [party_of(caller) for caller in callers]
        known = self._board.known(command.endpoint, command.request_id, parties, self._now())
        self._do(known)

    async def _may_call(self, command: commands.MayCall) -> None:
        fault = Fault(faults.UNAVAILABLE.code, "", faults.UNAVAILABLE.message)
        try:
            fault = await self._refusal(command)
        finally:  # where authority can't be asked, nobody calls
            if fault is not None:
                denied = self._board.denied(command.endpoint, command.request_id, fault)
                self._do(denied)
        if fault is None:
            session = f"call_{secrets.token_urlsafe(16)}"
            servers = self._settings.ice_servers.for_session(session, time.time())
            allowed = self._board.allowed(
                command.endpoint, command.request_id, session, servers, self._now()
            )
            self._do(allowed)

    async def _refusal(self, command: commands.MayCall) -> Fault | None:
        if command.token is None:
            caller = self._identities.get(command.endpoint)
        else:
            caller = await self._access.who(command.token)
        if caller is None or caller.id != command.party_id:
            return faults.UNAUTHORISED
        decision = await self._access.may_call(caller, command.camera_id)
        return None if decision.allowed else Fault(decision.code, "", decision.reason)

    async def _ask(self, command: commands.Ask) -> None:
        within = self._settings.limits.camera_answers_within + 1
        reply: bytes | None = None
        try:
            reply = await self._engine.ask(command.camera_id, command.message, within)
        except (CameraAway, NoReply):
            pass  # 480 either way
        finally:
            self._do(self._board.replied(command.session, reply))

    async def _on_ask(self, camera_id: str, message: bytes) -> bytes:
        self._numbers += 1
        ask = self._numbers
        waiting = self._asks[ask] = asyncio.get_running_loop().create_future()
        try:
            self._do(self._board.asked(ask, camera_id, message, self._now()))
            return await waiting
        finally:
            del self._asks[ask]

    def _on_told(self, message: bytes) -> None:
        self._do(self._board.told(message))

    def _on_announced(self, message: bytes) -> None:
        match read_ending(message):
            case SignInEnded(sign_in_id):
                self._do(self._board.sign_in_ended(sign_in_id))
            case AccountEnded(account_id):
                self._do(self._board.account_ended(account_id))
            case CameraChangedHands(camera_id):
                self._do(self._board.camera_changed_hands(camera_id))
            case ShareEnded(account_id, camera_id):
                self._do(self._board.share_ended(account_id, camera_id))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                self._do(self._board.passed(self._now()))
            except Exception as fault:  # noqa: BLE001 - the next deadlines must still come
                log_fault("gateway_fault", fault)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            log_fault("gateway_fault", fault)


def party_of(identity: Identity | None) -> Party | None:
    """The party that an identity is in signaling; None for staff, who never call."""
    if identity is None or identity.kind is Kind.STAFF:
        return None
    return Party(identity.kind is Kind.CAMERA, identity.id, identity.session_id)
