"""The gateway's two questions, answered from the database each time they are asked; and tickets.

Nothing is cached: a session that ended, a policy that was not accepted or a camera that was
released counts from the next question on. If the database can't be reached this raises, and the
gateway refuses.
"""

from collections.abc import Awaitable, Callable

from devices.registry import call_rules, queries
from server.foundation.clock import Clock
from server.foundation.database import Database, Db
from server.foundation.identity import Identity, Kind
from server.security.call_tickets import CallTickets
from server.security.errors import BadToken
from server.security.parts import SessionCheck
from server.security.tokens import TokenDesk
from signaling.access import Decision, Ticket

# Whether an account has accepted the policy in force; `server.privacy` knows and stands above.
HasAccepted = Callable[[Db, str], Awaitable[bool]]


class CallAccess:
    """Implements `signaling.access.Access`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tokens: TokenDesk,
        sessions: SessionCheck,
        has_accepted: HasAccepted,
        tickets: CallTickets,
    ) -> None:
        self._database, self._clock, self._tokens = database, clock, tokens
        self._sessions, self._has_accepted = sessions, has_accepted
        self._tickets = tickets

    async def who(self, token: str) -> Identity | None:
        """The camera or the person that the token stands for; None for anybody else.

        A person's session must be alive and the policy in force accepted. The staff don't signal.
        """
        try:
            caller = self._tokens.verify(token)
        except BadToken:
            return None
        async with self._database.reading() as db:
            return caller if await self._may_signal(db, caller) else None

    async def may_call(self, caller: Identity, camera_id: str) -> Decision:
        """Whether the caller may call the camera now. The session is looked at again, too."""
        async with self._database.reading() as db:
            if not await self._may_signal(db, caller):
                return _decision(call_rules.Answer.TOO_LATE.value)
            known = call_rules.is_camera_id(camera_id)  # a peer's word: it may be any text
            owned = await queries.owned(db, camera_id) if known else None
            return _decision(call_rules.may_call(caller, owned, self._clock.now()))

    def seal_ticket(
        self, viewer: Identity, camera_id: str, session: str, lasts_s: int | None
    ) -> str:
        """A ticket for a call, that tells the camera nothing. `lasts_s`: until the session ends."""
        return self._tickets.seal(viewer, camera_id, session, lasts_s)

    def open_ticket(self, ticket: str, camera_id: str, session: str) -> Ticket | None:
        """What a ticket says; None for one that isn't ours, or not of this camera and session."""
        return self._tickets.open(ticket, camera_id, session)

    async def _may_signal(self, db: Db, caller: Identity) -> bool:
        if caller.kind is Kind.CAMERA:
            return await queries.device_with_id(db, caller.id) is not None
        if caller.kind is not Kind.ACCOUNT:
            return False
        alive = await self._sessions.is_alive(db, caller)
        return alive and await self._has_accepted(db, caller.id)


def _decision(verdict: call_rules.Verdict) -> Decision:
    return Decision(allowed=verdict.allowed, code=verdict.code, reason=verdict.reason)
