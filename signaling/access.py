"""What the gateway asks about authority. The server implements it; the gateway decides nothing.

And what it is told: authority that has ended (`AuthorityEnded`) ends running calls at once.
"""

from dataclasses import dataclass, field
from typing import Final, Protocol

import msgspec

from server.foundation.identity import Identity


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a call may be. `code` and `reason` are for the caller, where it may not.

    With `relay_only` it may only be where neither end learns the other's address.
    """

    allowed: bool
    code: int = 0
    reason: str = ""
    relay_only: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket says: who watches, and in how many seconds the session ends; None: it doesn't.

    The seconds may be over. Whether the viewer may still watch is another question (`may_call`).
    """

    viewer: Identity
    left_s: float | None = None


class SignInEnded(msgspec.Struct, tag="sign_in", frozen=True):
    """A person's sign-in is over: signed out, revoked, or stolen and noticed."""

    sign_in_id: str


class AccountEnded(msgspec.Struct, tag="account", frozen=True):
    """An account is suspended or gone."""

    account_id: str


class CameraChangedHands(msgspec.Struct, tag="camera", frozen=True):
    """A camera was released, or has another owner: nobody who watches may go on."""

    camera_id: str


class ShareEnded(msgspec.Struct, tag="share", frozen=True):
    """One person may see one camera no more."""

    account_id: str
    camera_id: str


AuthorityEnded = SignInEnded | AccountEnded | CameraChangedHands | ShareEnded
_endings: Final = msgspec.msgpack.Decoder(AuthorityEnded)


def pack_ending(ended: AuthorityEnded) -> bytes:
    """The bytes to announce to every gateway."""
    return msgspec.msgpack.encode(ended)


def read_ending(message: bytes) -> AuthorityEnded:
    """What was announced. Raises msgspec.DecodeError."""
    return _endings.decode(message)


class Herald(Protocol):
    """Tells every gateway of the cell."""

    async def announce(self, message: bytes) -> None:
        """Tell them. Raises OSError if they can't be reached."""
        ...


class Access(Protocol):
    """Answers the gateway's two questions. If it can't, it raises, and the gateway refuses.

    And seals tickets, with which a camera that lost its gateway can say whose calls it has running.
    """

    async def who(self, token: str) -> Identity | None:
        """The identity that a token stands for; None if it doesn't hold, or may not signal."""
        ...

    async def may_call(self, caller: Identity, camera_id: str) -> Decision:
        """Whether `caller` may see the camera. A camera that isn't there is not told apart."""
        ...

    def seal_ticket(
        self, viewer: Identity, camera_id: str, session: str, lasts_s: int | None
    ) -> str:
        """A ticket for a call, that tells the camera nothing. `lasts_s`: until the session ends."""
        ...

    def open_ticket(self, ticket: str, camera_id: str, session: str) -> Ticket | None:
        """What a ticket says; None for one that isn't ours, or not of this camera and session."""
        ...


@dataclass(slots=True)
class ListedAccess:
    """A plain stand-in, for benches and tests of the gateway alone: lists, no database, no keys."""

    tokens: dict[str, Identity] = field(default_factory=dict[str, Identity])
    calls: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])  # caller, camera
    tickets: dict[tuple[str, str, str], Ticket] = field(
        default_factory=dict[tuple[str, str, str], Ticket]
    )

    async def who(self, token: str) -> Identity | None:
        """The identity that the list has for the token."""
        return self.tokens.get(token)

    async def may_call(self, caller: Identity, camera_id: str) -> Decision:
        """Whether the pair is on the list."""
        if (caller.id, camera_id) in self.calls:
            return Decision(allowed=True)
        return Decision(allowed=False, code=403, reason="You may not call this peer")

    def seal_ticket(
        self, viewer: Identity, camera_id: str, session: str, lasts_s: int | None
    ) -> str:
        """A number. Its seconds don't run down."""
        ticket = f"ticket-{len(self.tickets)}"
        self.tickets[ticket, camera_id, session] = Ticket(viewer, lasts_s)
        return ticket

    def open_ticket(self, ticket: str, camera_id: str, session: str) -> Ticket | None:
        """What was written down for it."""
        return self.tickets.get((ticket, camera_id, session))
