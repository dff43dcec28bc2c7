"""Who is asking. Every route and every signaling message gets its authority from this one type.

It is made in `server.security.tokens`, from a token that was verified, and for a call that runs in
`server.security.call_tickets`; nothing else in the project turns a string into an identity.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """The three kinds of callers."""

    ACCOUNT = "account"
    CAMERA = "camera"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller: what it is, its id, the sign-in it came by, and until when that holds (UTC)."""

    kind: Kind
    id: str
    session_id: str
    expires_at: datetime
