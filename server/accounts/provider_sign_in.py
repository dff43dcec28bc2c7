"""Signing in with a provider: sent away, come back, let in.

The browser keeps a random binder in a cookie; the database keeps hashes of binder and state. A
callback counts once, for the browser that began it, and for the provider that it was sent to.
Whoever comes back is found by issuer and subject, never by an e-mail address.
"""

import hmac
import secrets
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError

from server.accounts import queries
from server.accounts.errors import ProviderSignInRefused
from server.accounts.parts import TakesNew
from server.accounts.provider_desk import ProviderDesk
from server.accounts.provider_rules import Flow, ProviderPerson
from server.accounts.sessions import hash_of
from server.accounts.tables import Account, ProviderIdentity, ProviderSignIn
from server.accounts.visit import Visit
from server.foundation.database import Database, Db
from server.foundation.origins import Origin, given
from server.foundation.settings import Settings
from server.security.events import EventKind


@dataclass(frozen=True, slots=True)
class SentAway:
    """Where the browser goes, and what it must bring back in its cookie."""

    address: str
    binder: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Callback:
    """What a browser came back with."""

    state: str | None = field(repr=False)
    code: str | None = field(repr=False)
    issuer: str | None
    binder: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class CameBack:
    """Who came back, and whether to take a cancelled account back, as was asked before."""

    person: ProviderPerson
    take_back: bool


async def begin(
    db: Db,
    providers: ProviderDesk,
    name: str,
    visit: Visit,
    settings: Settings,
    *,
    take_back: bool = False,
) -> SentAway:
    """Send a browser to a provider. Raises UnknownProvider, ProviderUnavailable."""
    state, binder = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    address = await providers.address(name, state, Flow.bound_to(binder))
    db.add(
        ProviderSignIn(
            state_hash=hash_of(state),
            provider=name,
            browser_hash=hash_of(binder),
            take_back=take_back,
            expires_at=visit.now + settings.provider_sign_in,
        )
    )
    return SentAway(address, binder)


async def come_back(
    database: Database, providers: ProviderDesk, name: str, callback: Callback, visit: Visit
) -> CameBack:
    """Who came back. Raises ProviderSignInRefused, UnknownProvider, ProviderUnavailable.

    The state is used up first and by itself, so that no refusal gives it back.
    """
    async with database.writing() as db:
        begun = await _use_up(db, name, callback, visit)
    if begun is None or callback.code is None or callback.binder is None:
        raise ProviderSignInRefused
    flow = Flow.bound_to(callback.binder)
    person = await providers.person(name, callback.code, callback.issuer, flow)
    return CameBack(person, begun.take_back)


async def find_or_make_account(
    database: Database, person: ProviderPerson, visit: Visit, takes_new: TakesNew
) -> str:
    """The id of this person's account, which is made if there is none. Nothing is half-written.

    Raises ServiceCloses.
    """
    try:
        async with database.writing() as db:
            account = await queries.account_at_provider(db, person.issuer, person.subject)
            if account is None:
                await takes_new(db)
                account = await _make_account(db, person, visit)
            return account.id
    except IntegrityError:  # the same person came back twice at once; the other one was first
        async with database.reading() as db:
            account = await queries.account_at_provider(db, person.issuer, person.subject)
        if account is None:
            raise
        return account.id


async def _use_up(db: Db, name: str, callback: Callback, visit: Visit) -> ProviderSignIn | None:
    """What was begun with this state; None if it doesn't count here, now, in this browser."""
    if callback.state is None:
        return None
    begun = await queries.provider_sign_in(db, hash_of(callback.state))
    if begun is None or begun.used_at is not None:
        return None
    begun.used_at = visit.now
    same_browser = hmac.compare_digest(begun.browser_hash, hash_of(callback.binder or ""))
    fits = same_browser and begun.provider == name and begun.expires_at > visit.now
    return begun if fits else None


async def _make_account(db: Db, person: ProviderPerson, visit: Visit) -> Account:
    account = Account(
        id=visit.ids.new("acc"),
        name=given(person.nickname, Origin.REGISTRATION),
        avatar_url=given(person.avatar_url, Origin.REGISTRATION),
        created_at=visit.now,
    )
    db.add(account)
    await db.flush()  # the identity points at it
    db.add(ProviderIdentity(issuer=person.issuer, subject=person.subject, account_id=account.id))
    await db.flush()
    await visit.note(db, account.id, EventKind.REGISTERED)
    return account
