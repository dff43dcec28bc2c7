"""Reads of accounts. Those that a change follows take the row's lock, where the database has one.

(SQLite has none and needs none: a writer there is alone from its first word.)
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select, update

from server.accounts.errors import EmailChangeOver, RegistrationOver, UnknownSignIn
from server.accounts.tables import (
    Account,
    EmailChange,
    ProviderIdentity,
    ProviderSignIn,
    RefreshToken,
    Registration,
    Session,
)
from server.foundation.database import Db
from server.foundation.identity import Identity
from server.security.errors import BadToken


async def own_account(db: Db, owner: Identity) -> Account:
    """The caller's account. Raises BadToken if it is gone: then the token is nobody's."""
    if (account := await db.get(Account, owner.id)) is None or account.ended_at is not None:
        raise BadToken
    return account


async def locked_account(db: Db, account_id: str) -> Account | None:
    """The account as it is now, locked, ended or not."""
    return await db.get(Account, account_id, with_for_update=True, populate_existing=True)


async def goes_on(db: Db, account_id: str) -> bool:
    """Whether an account is there that nobody has cancelled, locked. Opens nothing sealed."""
    query = select(Account.id).where(
        Account.id == account_id, col(Account.ends_at).is_(None), col(Account.ended_at).is_(None)
    )
    return (await db.exec(query.with_for_update())).one_or_none() is not None


async def open_sessions(db: Db, account_id: str) -> Sequence[Session]:
    """The account's sign-ins that nobody has ended, locked."""
    query = select(Session).where(Session.account_id == account_id, col(Session.ended_at).is_(None))
    return (await db.exec(query.with_for_update())).all()


async def end_open_sessions(db: Db, account_id: str, now: datetime) -> None:
    """The account's sign-ins are over. Opens nothing sealed; gateways hear that the account is."""
    still = update(Session).where(
        col(Session.account_id) == account_id, col(Session.ended_at).is_(None)
    )
    await db.exec(still.values(ended_at=now))


async def sign_ins_in_force(db: Db, account_id: str, now: datetime) -> Sequence[Session]:
    """The account's sign-ins that can still be renewed, the latest used first."""
    query = select(Session).where(
        Session.account_id == account_id,
        col(Session.ended_at).is_(None),
        Session.expires_at > now,
    )
    return (await db.exec(query.order_by(col(Session.last_used_at).desc()))).all()


async def sign_in_of(db: Db, owner: Identity, sign_in_id: str) -> Session:
    """One of the owner's sign-ins, locked. Raises UnknownSignIn."""
    found = await db.get(Session, sign_in_id, with_for_update=True)
    if found is None or found.account_id != owner.id:
        raise UnknownSignIn
    return found


async def account_with_email(db: Db, email: str) -> Account | None:
    """The account whose address this is, in lower case."""
    index = db.index(Account.email_index, email)
    return (await db.exec(select(Account).where(Account.email_index == index))).one_or_none()


async def account_at_provider(db: Db, issuer: str, subject: str) -> Account | None:
    """The account of the person whom the issuer calls so."""
    index = db.index(ProviderIdentity.identity_index, issuer, subject)
    query = select(Account).join(ProviderIdentity).where(ProviderIdentity.identity_index == index)
    return (await db.exec(query)).one_or_none()


async def open_registration(db: Db, registration_id: str, now: datetime) -> Registration:
    """The registration, locked, if it has time and tries left. Raises RegistrationOver."""
    found = await db.get(Registration, registration_id, with_for_update=True)
    if found is None or found.tries_left <= 0 or found.expires_at <= now:
        raise RegistrationOver
    return found


async def email_change_of(db: Db, account_id: str) -> EmailChange | None:
    """The account's new address that waits for its code, locked; it may have run out."""
    query = select(EmailChange).where(EmailChange.account_id == account_id).with_for_update()
    return (await db.exec(query)).one_or_none()


async def open_email_change(db: Db, account_id: str, now: datetime) -> EmailChange:
    """The same, if it has time and tries left. Raises EmailChangeOver."""
    found = await email_change_of(db, account_id)
    if found is None or found.tries_left <= 0 or found.expires_at <= now:
        raise EmailChangeOver
    return found


async def session_of(db: Db, owner: Identity) -> Session | None:
    """The sign-in that the caller came by, if it is the caller's."""
    found = await db.get(Session, owner.session_id)
    return found if found is not None and found.account_id == owner.id else None


async def session_holds(db: Db, owner: Identity, now: datetime) -> bool:
    """Whether the caller's sign-in is theirs and in force. Opens nothing that is sealed."""
    query = select(Session.id).where(
        Session.id == owner.session_id,
        Session.account_id == owner.id,
        col(Session.ended_at).is_(None),
        Session.expires_at > now,
    )
    return (await db.exec(query)).one_or_none() is not None


async def refresh_token(db: Db, token_hash: str) -> tuple[RefreshToken, Session] | None:
    """The token with its sign-in, both locked: of two uses at once, the second sees the first."""
    token = await db.get(RefreshToken, token_hash, with_for_update=True)
    if token is None:
        return None
    session = await db.get_one(Session, token.session_id, with_for_update=True)
    return token, session


async def provider_sign_in(db: Db, state_hash: str) -> ProviderSignIn | None:
    """The sign-in that was begun with this state, locked."""
    return await db.get(ProviderSignIn, state_hash, with_for_update=True)
