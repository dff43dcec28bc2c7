"""Sign-ins: opened, renewed, ended.

A refresh token is good once. Renewing gives the next one; a token that comes a second time has
been copied, by whomever, so the whole sign-in ends and both the thief and the owner are out.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from server.accounts import queries
from server.accounts.tables import Account, RefreshToken, Session
from server.accounts.use import mark_used
from server.accounts.visit import Visit
from server.foundation.clock import Clock
from server.foundation.database import Db
from server.foundation.identity import Identity
from server.security.events import EventKind
from signaling.access import SignInEnded, pack_ending

TOKEN_BYTES: Final = 32
UNREMEMBERED: Final = timedelta(days=1)  # a cookie that ends with the browser; some never close


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A sign-in with its newest refresh token, which is told once and never stored."""

    session: Session
    refresh_token: str = field(repr=False)


async def open_session(
    db: Db, account: Account, visit: Visit, *, remember: bool, lasts: timedelta
) -> OpenSession:
    """A new sign-in of this account. `lasts` is how long it holds without use, if remembered."""
    session = Session(
        id=visit.ids.new("ses"),
        account_id=account.id,
        device=visit.seen.device,
        remember=remember,
        created_at=visit.now,
        last_used_at=visit.now,
        expires_at=_end(visit.now, remember=remember, lasts=lasts),
    )
    db.add(session)
    await db.flush()  # the token's row points at this one
    await mark_used(db, account.id, visit.now)
    return OpenSession(session, _next_token(db, session))


async def renew(db: Db, presented: str, visit: Visit, lasts: timedelta) -> OpenSession | None:
    """The sign-in with its next token; None if the presented one doesn't count.

    Raises nothing, because what it finds out must be kept: a copied token ends its sign-in.
    """
    found = await queries.refresh_token(db, hash_of(presented))
    if found is None:
        return None
    token, session = found
    if not is_open(session, visit.now):
        return None
    if token.used_at is not None:
        _end_now(db, session, visit.now)
        await visit.note(db, session.account_id, EventKind.SESSION_COPIED)
        return None
    token.used_at = session.last_used_at = visit.now
    session.expires_at = _end(visit.now, remember=session.remember, lasts=lasts)
    await mark_used(db, session.account_id, visit.now)
    await visit.note(db, session.account_id, EventKind.SESSION_REFRESHED)
    return OpenSession(session, _next_token(db, session))


async def sign_out(db: Db, owner: Identity | None, presented: str | None, visit: Visit) -> None:
    """End the sign-in of the caller, and the one of the cookie. Ended ones stay as they are."""
    found = await queries.refresh_token(db, hash_of(presented)) if presented else None
    own = await queries.session_of(db, owner) if owner else None
    for session in (own, found[1] if found else None):
        if session is not None and session.ended_at is None:
            _end_now(db, session, visit.now)
            await visit.note(db, session.account_id, EventKind.SIGNED_OUT)


async def end_one(db: Db, owner: Identity, sign_in_id: str, visit: Visit) -> None:
    """End one of the owner's sign-ins; one that has ended stays as it is. Raises UnknownSignIn."""
    session = await queries.sign_in_of(db, owner, sign_in_id)
    if session.ended_at is None:
        _end_now(db, session, visit.now)
        await visit.note(db, owner.id, EventKind.SIGNED_OUT)


async def end_all(db: Db, account_id: str, now: datetime) -> None:
    """End every sign-in of an account."""
    for session in await queries.open_sessions(db, account_id):
        _end_now(db, session, now)


async def end_others(db: Db, owner: Identity, now: datetime) -> None:
    """End every sign-in of the caller's account but the caller's own."""
    for session in await queries.open_sessions(db, owner.id):
        if session.id != owner.session_id:
            _end_now(db, session, now)


class AccountSessions:
    """Implements `server.security.parts.SessionCheck` for people."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def is_alive(self, db: Db, caller: Identity) -> bool:
        """Whether the caller's sign-in is theirs, and neither ended nor run out. Raises nothing."""
        return await queries.session_holds(db, caller, self._clock.now())


def is_open(session: Session, now: datetime) -> bool:
    """Whether a sign-in still holds."""
    return session.ended_at is None and now < session.expires_at


def hash_of(token: str) -> str:
    """What is stored of a token. It is random enough that no salt would help (256 bits)."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _end_now(db: Db, session: Session, now: datetime) -> None:
    session.ended_at = now
    db.announce(pack_ending(SignInEnded(session.id)))  # its sockets close, its calls end


def _next_token(db: Db, session: Session) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    db.add(RefreshToken(hash=hash_of(token), session_id=session.id))
    return token


def _end(now: datetime, *, remember: bool, lasts: timedelta) -> datetime:
    return now + (lasts if remember else min(lasts, UNREMEMBERED))
