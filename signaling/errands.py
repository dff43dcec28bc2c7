"""What the switchboard wants to know or have done elsewhere: authority, the engine. Each is a task.

Where authority can't be asked, nobody gets in and nobody calls.
"""

import secrets
import time
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from server.foundation.identity import Identity, Kind
from signaling.access import Access, Ticket
from signaling.engine.interface import CameraAway, Engine, EngineAway, NoReply
from signaling.metrics import GatewayMetrics
from signaling.protocol import commands, faults
from signaling.protocol.board import Party
from signaling.protocol.commands import Command
from signaling.protocol.faults import Fault
from signaling.protocol.limits import Limits
from signaling.protocol.switchboard import Switchboard
from signaling.turn_credentials import IceServers

REPLY_SLACK_S: Final = 1.0  # the camera's node replies by itself when the camera is too slow


class Doer(Protocol):
    """Who does what the switchboard wants."""

    def do(self, wanted: list[Command]) -> None:
        """Do it."""
        ...

    def let_in(self, endpoint: int, account_id: str) -> bool:
        """An endpoint is this account's. False where its socket has gone meanwhile."""
        ...

    def may_ask(self, endpoint: int) -> bool:
        """Whether it may have authority asked once more; its socket is closed otherwise."""
        ...


class _Allowed(NamedTuple):
    caller: Identity
    relay_only: bool


class Errands:
    """Runs them, and tells the switchboard what came of each."""

    def __init__(
        self,
        board: Switchboard,
        engine: Engine,
        access: Access,
        ice_servers: IceServers,
        doer: Doer,
        metrics: GatewayMetrics,
        clock: Callable[[], float],
        limits: Limits,
    ) -> None:
        self._board = board
        self._engine = engine
        self._access = access
        self._ice_servers = ice_servers
        self._doer = doer
        self._metrics = metrics
        self._clock = clock
        self._ask_within = limits.camera_answers_within + REPLY_SLACK_S
        self._lasts_s = None if limits.session_lasts is None else int(limits.session_lasts)
        self._identities: dict[int, Identity] = {}  # viewers', for what they ask without a token
        self._holding: dict[str, list[Command]] = {}  # by camera: what must keep its order

    async def run(self, command: Command) -> None:
        """Run one. Raises what it could not be done for, after everybody was told."""
        match command:
            case commands.Who():
                await self._who(command)
            case commands.MayCall():
                await self._may_call(command)
            case commands.Vouch():
                await self._vouch(command)
            case commands.Hold() | commands.Back() | commands.Release():
                await self._in_order(command)
            case commands.Ask():
                await self._ask(command)
            case commands.Await():
                await self._await(command)
            case _:
                raise TypeError(type(command).__name__)

    def forget(self, endpoint: int) -> None:
        """An endpoint is gone for good."""
        self._identities.pop(endpoint, None)

    def attached(self, socket: int, endpoint: int) -> None:
        """What was learnt of a fresh socket holds for the endpoint that it turned out to be."""
        if (identity := self._identities.pop(socket, None)) is not None:
            self._identities[endpoint] = identity

    async def _who(self, command: commands.Who) -> None:
        try:
            callers = [await self._access.who(token) for token in command.tokens]
        except Exception:
            self._doer.do(self._board.not_known(command.endpoint))
            raise
        caller = callers[0]
        is_person = caller is not None and caller.kind is Kind.ACCOUNT
        if caller is not None and is_person and self._doer.let_in(command.endpoint, caller.id):
            self._identities[command.endpoint] = caller
        parties = [party_of(caller) for caller in callers]
        now = self._clock()
        self._doer.do(self._board.known(command.endpoint, command.request_id, parties, now))

    async def _may_call(self, command: commands.MayCall) -> None:
        if not self._doer.may_ask(command.endpoint):
            return
        verdict: Fault | _Allowed = faults.UNAVAILABLE
        try:
            verdict = await self._verdict(command)
        finally:
            if isinstance(verdict, Fault):
                denied = self._board.denied(command.endpoint, command.request_id, verdict)
                self._doer.do(denied)
        if isinstance(verdict, _Allowed):
            self._allow(command, verdict)

    def _allow(self, command: commands.MayCall, verdict: _Allowed) -> None:
        endpoint, request_id = command.endpoint, command.request_id
        session = command.session or f"call_{secrets.token_urlsafe(16)}"
        servers = self._ice_servers.for_session(session, time.time())
        # what it registered with is what ends its calls, so that is what the ticket names
        viewer = self._identities.get(endpoint, verdict.caller)
        ticket = self._access.seal_ticket(viewer, command.camera_id, session, self._lasts_s)
        allowed = self._board.allowed(
            endpoint,
            request_id,
            session,
            servers,
            self._clock(),
            relay_only=verdict.relay_only,
            ticket=ticket,
        )
        self._doer.do(allowed)

    async def _verdict(self, command: commands.MayCall) -> Fault | _Allowed:
        if command.token is None:
            caller = self._identities.get(command.endpoint)
        else:
            caller = await self._access.who(command.token)
        if caller is None or caller.id != command.party_id:
            return faults.UNAUTHORISED
        decision = await self._access.may_call(caller, command.camera_id)
        if decision.allowed:
            return _Allowed(caller, decision.relay_only)
        return Fault(decision.code, "", decision.reason)

    async def _vouch(self, command: commands.Vouch) -> None:
        """First all calls are known, then authority is asked: no ending in between is missed."""
        waiting = self._opened(command)
        try:
            while waiting:
                session, ticket = waiting[0]
                decision = await self._access.may_call(ticket.viewer, command.camera_id)
                del waiting[0]
                self._vouched(command, session, may_go_on=decision.allowed)
        finally:
            for session, _ in waiting:
                self._vouched(command, session, may_go_on=False)

    def _opened(self, command: commands.Vouch) -> list[tuple[str, Ticket]]:
        opened: list[tuple[str, Ticket]] = []
        for call in command.calls:
            session = call.session
            ticket = self._access.open_ticket(call.ticket, command.camera_id, session)
            viewer = party_of(ticket.viewer) if ticket else None
            left, now = ticket.left_s if ticket else None, self._clock()
            self._doer.do(self._board.claimed(command.endpoint, session, viewer, left, now))
            if ticket is not None:
                opened.append((session, ticket))
        return opened

    def _vouched(self, command: commands.Vouch, session: str, *, may_go_on: bool) -> None:
        now = self._clock()
        vouched = self._board.vouched(command.endpoint, session, now, may_go_on=may_go_on)
        self._doer.do(vouched)

    async def _in_order(self, command: commands.Hold | commands.Back | commands.Release) -> None:
        """A hold and a release of one camera keep their order; other cameras don't wait."""
        waiting = self._holding.get(command.camera_id)
        if waiting is not None:
            waiting.append(command)
            return
        waiting = self._holding[command.camera_id] = [command]
        try:
            while waiting:
                await self._hold_or_release(waiting[0])
                del waiting[0]
        finally:
            del self._holding[command.camera_id]

    async def _hold_or_release(self, command: Command) -> None:
        match command:
            case commands.Hold(camera_id, endpoint, request_id):
                await self._engine.hold(camera_id)
                self._doer.do(self._board.held(endpoint, request_id, self._clock()))
            case commands.Back(camera_id):
                await self._engine.hold(camera_id)
            case commands.Release(camera_id):
                await self._engine.release(camera_id)
            case _:
                raise TypeError(type(command).__name__)

    async def _ask(self, command: commands.Ask) -> None:
        reply: bytes | None = None
        outcome = "engine_away"
        try:
            reply = await self._engine.ask(command.camera_id, command.message, self._ask_within)
            outcome = "replied"
        except CameraAway:
            outcome = "camera_away"
        except NoReply:
            outcome = "no_reply"
        except EngineAway:
            pass  # the switchboard waits for the camera, as it does for one that is away
        finally:
            self._metrics.asked(outcome)
            self._doer.do(self._board.replied(command.session, reply, self._clock()))

    async def _await(self, command: commands.Await) -> None:
        came, began = False, self._clock()
        try:
            came = await self._engine.arrival(command.camera_id, command.within)
        finally:
            self._metrics.hold_over(self._clock() - began)
            endpoint, request_id = command.endpoint, command.request_id
            arrived = self._board.arrived(endpoint, request_id, self._clock(), came=came)
            self._doer.do(arrived)


def party_of(identity: Identity | None) -> Party | None:
    """The party that an identity is in signaling; None for staff, who never call."""
    if identity is None or identity.kind is Kind.STAFF:
        return None
    return Party(identity.kind is Kind.CAMERA, identity.id, identity.session_id)
