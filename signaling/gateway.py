"""The gateway: sockets on one side, the engine on the other, the switchboard between.

A thin shell. It decides nothing about calls; it does what the switchboard's commands say and
tells it what came of them.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener
from picows import ws_create_server as listen

from server.foundation.log import faults_told, log_fault
from signaling.access import (
    Access,
    AccountEnded,
    CameraChangedHands,
    ShareEnded,
    SignInEnded,
    read_ending,
)
from signaling.admission import Admission, AdmissionLimits
from signaling.connections import (
    Connection,
    SocketLimits,
    offered_subprotocols,
    refusal_of,
)
from signaling.engine.interface import Engine
from signaling.errands import Errands
from signaling.metrics import Counts, GatewayMetrics
from signaling.networks import Networks
from signaling.protocol import commands
from signaling.protocol.close_codes import CROWDED, DRAINING, RESUMED, TOO_FAST, Close
from signaling.protocol.commands import Command
from signaling.protocol.limits import Limits
from signaling.protocol.messages import SUBPROTOCOL
from signaling.protocol.switchboard import Switchboard
from signaling.turn_credentials import IceServers

TICK_S: Final = 0.1  # how late a deadline may be noticed
GOODBYE_S: Final = 1.0  # for the close frames to leave
READ_BUFFER: Final = 2_048  # picows' least; a camera at rest sends pongs
BACKLOG: Final = 4_096  # a fleet that comes back at once


class _NoLog:
    """picows writes a line or two for each socket, and keeps a logger for each."""

    def isEnabledFor(self, _level: int) -> bool:  # noqa: N802 - logging's name
        return False

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return _say_nothing


def _say_nothing(*_told: object, **_more: object) -> None:
    pass


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
    messages_per_s_per_account: float = 1_000
    calls_per_s_per_account: float = 2
    sockets_per_network: int = 4_096
    sockets_per_s_per_network: float = 20
    penalty_s: float = 0  # how long a socket that went too far is kept waiting for its close
    drain_over: float = 5
    # the network that a socket is counted with, by its peer's address and X-Forwarded-For
    network_of: Callable[[str, tuple[str, ...]], str] = lambda peer, _forwarded: peer


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
        self._now = time.monotonic  # a loop's own costs a system call to find the loop
        self._metrics = metrics or GatewayMetrics()
        self._metrics.counts = self.counts
        self._sampling = False  # the next message is timed
        self._settings = settings
        limits, ice_servers = settings.limits, settings.ice_servers
        self._board = Switchboard(engine.node, limits, has_relay=bool(ice_servers.turn_urls))
        self._errands = Errands(
            self._board, engine, access, ice_servers, self, self._metrics, self._now, limits
        )
        self._socket_limits = SocketLimits(
            settings.messages_per_s, settings.max_frame, settings.max_outbound
        )
        networks = Networks(settings.sockets_per_network, settings.sockets_per_s_per_network)
        per_account = settings.messages_per_s_per_account, settings.calls_per_s_per_account
        self._admission = Admission(networks, AdmissionLimits(*per_account, settings.penalty_s))
        self._connections: dict[int, Connection] = {}
        self._visits: list[Connection] = []
        self._visits_due = 0.0
        self._unwritten: list[Connection] = []
        self._asks: dict[int, asyncio.Future[bytes]] = {}
        self._numbers = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        assert self._server is not None  # noqa: S101 - asked for after start only
        return self._server.sockets[0].getsockname()[1]

    def counts(self) -> Counts:
        """How many of what there is at the moment. Brings the count of relayed messages along."""
        here, across = self._board.take_relayed()
        self._metrics.relayed(here, "same_node")
        self._metrics.relayed(across, "cross_node")
        endpoints, cameras, calls = self._board.counts
        return Counts(len(self._connections), cameras, endpoints - cameras, calls)

    async def start(self, host: str, port: int, *, reuse_port: bool = False) -> None:
        """Listen. Raises OSError where the address is taken or the engine can't be reached."""
        await self._engine.start(self)
        self._server = await listen(
            self._upgrade,
            host,
            port,
            max_frame_size=self._settings.max_frame,
            enable_auto_pong=False,  # it would answer pings behind our back, uncounted
            enable_auto_ping=False,  # a task a socket, where one for all will do
            websocket_handshake_timeout=self._settings.upgrade_within,
            read_buffer_init_size=READ_BUFFER,
            use_aiofastnet=False,  # costs 5 KiB a socket more
            logger_name=_NoLog(),  # pyright: ignore[reportArgumentType] - the part of a logger that is used
            reuse_port=reuse_port,
            backlog=BACKLOG,
        )
        self._spawn(self._tick())

    async def drain(self) -> None:
        """Take nobody new, send everybody away in turn, and return when all have gone."""
        if self._server is not None:
            self._server.close()
        self.do(self._board.drain(self._settings.drain_over, self._now()))
        await self._empty.wait()

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

    # ---- sockets (connections.Heard)

    def joined(self, connection: Connection) -> None:
        """A socket opened."""
        now = self._now()
        network = self._settings.network_of(connection.peer_host, connection.forwarded)
        connection.forwarded = ()
        token, connection.token = connection.token, None
        if not self._admission.admit(connection, network, now):
            connection.refuse(CROWDED)
            return
        self._connections[connection.number] = connection
        self._empty.clear()
        self.do(self._board.joined(connection.number, token, now))

    def heard(self, connection: Connection, frames: list[bytes], now: float) -> None:
        """Whole text messages came; what they lead to is written when all have been heard."""
        board = self._board
        while frames and not connection.is_closing:
            count, peer, wanted = board.relay(connection.number, frames, now)
            if peer:
                self._connections[peer].pass_on(frames if count == len(frames) else frames[:count])
            elif not count:
                count, wanted = 1, board.heard(connection.number, frames[0], now)
            for command in wanted:
                self._do_one(command)
            frames = frames[count:]
        if self._unwritten:
            self.read_done()
        if self._sampling:
            self._sampling = False
            self._metrics.relay_took(self._now() - now)

    def said(self, connection: Connection) -> None:
        """Something waits to be written."""
        self._unwritten.append(connection)

    def read_done(self) -> None:
        """Write what was said."""
        unwritten, self._unwritten = self._unwritten, []
        for connection in unwritten:
            connection.flush()

    def refused(self, connection: Connection, close: Close) -> float:
        """A socket is to be closed for a reason that is counted: after so many seconds.

        Where it is kept waiting, its calls are over all the same.
        """
        self._metrics.refused(close.name)
        wait_s = self._admission.penalty(connection, close)
        if wait_s:
            self._gone(connection, clean=True)
        return wait_s

    def left(self, connection: Connection, *, clean: bool) -> None:
        """A socket is gone."""
        self._admission.left(connection)
        self._gone(connection, clean=clean)

    def _gone(self, connection: Connection, *, clean: bool) -> None:
        if self._connections.get(connection.number) is not connection:
            return  # never let in, gone before, or its endpoint goes on over another
        del self._connections[connection.number]
        if not self._connections:
            self._empty.set()
        self.do(self._board.left(connection.number, self._now(), clean=clean))

    def _upgrade(
        self, request: WSUpgradeRequest
    ) -> Connection | WSUpgradeResponseWithListener | None:
        if refusal := refusal_of(request, self._settings.origins):
            self._metrics.refused(refusal.reason)
            return WSUpgradeResponseWithListener(refusal.response, None)
        self._numbers += 1
        connection = Connection(self._numbers, request, self, self._now, self._socket_limits)
        if SUBPROTOCOL not in offered_subprotocols(request):
            return connection
        response = WSUpgradeResponse.create_101_response({"Sec-WebSocket-Protocol": SUBPROTOCOL})
        return WSUpgradeResponseWithListener(response, connection)

    # ---- what the switchboard wants

    def do(self, wanted: list[Command]) -> None:
        """Do what the switchboard wants, and write what was said."""
        for command in wanted:
            self._do_one(command)
        self.read_done()

    def let_in(self, endpoint: int, account_id: str) -> bool:
        """The endpoint is a person's: what all sockets of an account send together is limited.

        False where its socket has gone meanwhile.
        """
        connection = self._connections.get(endpoint)
        if connection is None:
            return False
        self._admission.identified(connection, account_id, self._now())
        return True

    def may_ask(self, endpoint: int) -> bool:
        """Whether the endpoint's account may have authority asked once more; else it is closed."""
        connection = self._connections.get(endpoint)
        if connection is None or self._admission.may_ask(connection, self._now()):
            return True
        connection.refuse(TOO_FAST)
        return False

    def _do_one(self, command: Command) -> None:
        if type(command) is commands.Say:  # nearly always; a match costs five times as much
            if connection := self._connections.get(command.endpoint):
                connection.say(command.frame)
            return
        match command:
            case commands.Hang(endpoint, close):
                if connection := self._connections.get(endpoint):
                    connection.refuse(close)
            case commands.Tell(node, message):
                self._engine.tell(node, message)
            case commands.AnswerAsk(ask, message):
                if (waiting := self._asks.get(ask)) and not waiting.done():
                    waiting.set_result(message)
            case _:
                self._do_seldom(command)

    def _do_seldom(self, command: Command) -> None:
        match command:
            case commands.Attach(socket, endpoint):
                self._attach(socket, endpoint)
            case commands.Forget(endpoint):
                self._errands.forget(endpoint)
            case commands.Observe(stage, ms):
                self._metrics.observed(stage, ms)
            case commands.Count(outcome):
                self._metrics.counted(outcome)
            case _:
                self._spawn(self._errands.run(command))

    def _attach(self, socket: int, endpoint: int) -> None:
        connection = self._connections.pop(socket)
        older = self._connections.get(endpoint)
        connection.number = endpoint
        self._errands.attached(socket, endpoint)
        self._connections[endpoint] = connection
        if older is not None:
            older.close(RESUMED)

    # ---- other nodes (engine.interface.Listener)

    async def asked(self, camera_id: str, message: bytes) -> bytes:
        """A node asks about a camera that we hold."""
        self._numbers += 1
        ask = self._numbers
        waiting = self._asks[ask] = asyncio.get_running_loop().create_future()
        try:
            self.do(self._board.asked(ask, camera_id, message, self._now()))
            return await waiting
        finally:
            del self._asks[ask]

    def is_there(self, camera_id: str) -> bool:
        """Whether a camera that we hold is connected."""
        return self._board.is_there(camera_id)

    def told(self, message: bytes) -> None:
        """Another node told us something about a call."""
        self.do(self._board.told(message))

    def announced(self, message: bytes) -> None:
        """Authority has ended."""
        match read_ending(message):
            case SignInEnded(sign_in_id):
                self.do(self._board.sign_in_ended(sign_in_id))
            case AccountEnded(account_id):
                self.do(self._board.account_ended(account_id))
            case CameraChangedHands(camera_id):
                self.do(self._board.camera_changed_hands(camera_id))
            case ShareEnded(account_id, camera_id):
                self.do(self._board.share_ended(account_id, camera_id))

    def taken(self, camera_id: str) -> None:
        """A camera of ours has registered at another node."""
        self.do(self._board.taken(camera_id))

    def lost(self, node: str) -> None:
        """Another node stopped or died."""
        self.do(self._board.node_lost(node, self._now()))

    # ---- time and tasks

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            with faults_told("gateway_fault"):  # the next deadlines must still come
                self._sampling = True
                self.do(self._board.passed(self._now()))
                self._visit()

    def _visit(self) -> None:
        """Look after each socket twice in `ping_every`, a few at a time."""
        self._visits_due += len(self._connections) * 2 * TICK_S / self._settings.ping_every
        while self._visits_due >= 1:
            self._visits_due -= 1
            if not self._visits:
                self._visits = list(self._connections.values())
            if self._visits:
                connection = self._visits.pop()
                self._metrics.outbound(connection.waiting)
                connection.visit()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()):
            log_fault("gateway_fault", fault)
