"""Accounts over HTTP: registering, sessions, the account and its history."""

from typing import Final

from fastapi import APIRouter, Response

from server.accounts import cookies, queries, registering, sessions, signing_in
from server.accounts.cookies import RefreshCookie
from server.accounts.credential_routes import router as credential_router
from server.accounts.device_routes import router as device_router
from server.accounts.entrance import RequestEntrance
from server.accounts.errors import (
    AccountCancelled,
    MailNotSent,
    RegistrationOver,
    SessionOver,
    WrongCode,
    WrongCredentials,
)
from server.accounts.provider_routes import router as provider_router
from server.accounts.schemas import (
    AccountOut,
    Before,
    ByStaff,
    ConfirmationIn,
    EventOut,
    HistoryOut,
    RegistrationId,
    RegistrationIn,
    RegistrationOut,
    SessionOut,
    SignInIn,
)
from server.accounts.throttles import spend_letter, spend_sign_in, spend_try
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.purposes import granted_by
from server.foundation.requests import ReadingDb, RequestClock, WritingDb
from server.security.authority import CallerIfAny, SignedIn
from server.security.errors import BadToken, BreachedPassword, ForeignOrigin, WeakPassword
from server.security.events import EventKind, events_of
from server.security.origin import FromOurPages

PAGE: Final = 50  # events; about what a phone shows in ten screens

_account_router = APIRouter(prefix="/v1")


@_account_router.post(
    "/registrations",
    status_code=202,
    responses=problems(
        InvalidRequest, WeakPassword, BreachedPassword, TooManyRequests, MailNotSent
    ),
)
async def register(
    asked: RegistrationIn, entrance: RequestEntrance, db: WritingDb
) -> RegistrationOut:
    """Ask for an account. The answer is the same whether or not the address has one."""
    spend_letter(entrance.security.throttle, entrance.visit.seen, asked.email)
    registration = await registering.register(
        db,
        asked,
        entrance.visit,
        passwords=entrance.security.passwords,
        mail=entrance.foundation.mail,
        settings=entrance.foundation.settings,
    )
    return RegistrationOut(registration_id=registration.id, expires_at=registration.expires_at)


@_account_router.post(
    "/registrations/{registration_id}/confirmation",
    status_code=201,
    responses=problems(InvalidRequest, WrongCode, RegistrationOver, TooManyRequests, ForeignOrigin),
)
async def confirm(
    registration_id: RegistrationId,
    given: ConfirmationIn,
    entrance: RequestEntrance,
    response: Response,
    _origin: FromOurPages,
) -> SessionOut:
    """Prove the address by the code that was mailed to it, and be signed in."""
    spend_try(entrance.security.throttle, entrance.visit.seen)
    database, visit = entrance.foundation.database, entrance.visit
    confirmed = await registering.confirm(
        database, registration_id, given.code, entrance.security.passwords, visit
    )
    async with database.writing() as db:
        account = await registering.make_account(db, confirmed, visit)
        return await entrance.open(db, account, response, remember=given.remember)


@_account_router.post(
    "/sessions",
    status_code=201,
    responses=problems(
        InvalidRequest, WrongCredentials, AccountCancelled, TooManyRequests, ForeignOrigin
    ),
)
async def sign_in(
    given: SignInIn, entrance: RequestEntrance, response: Response, _origin: FromOurPages
) -> SessionOut:
    """Sign in with e-mail address and password."""
    spend_sign_in(entrance.security.throttle, entrance.visit.seen, given.email)
    account = await signing_in.prove(
        entrance.foundation.database, given.email, given.password, entrance.security.passwords
    )
    if not given.sent.is_for(account.id):
        raise WrongCredentials(field="sent.user_id")
    entrance = entrance.told_of(given.sent.place and given.sent.place.place())
    async with entrance.foundation.database.writing() as db:
        told = await entrance.open(
            db, account, response, remember=given.remember, take_back=given.take_back
        )
        await entrance.visit.note(db, account.id, EventKind.SIGNED_IN)
    return told


@_account_router.post(
    "/sessions/refresh", responses=problems(SessionOver, ForeignOrigin, InvalidRequest)
)
async def refresh(
    entrance: RequestEntrance,
    response: Response,
    _origin: FromOurPages,
    token: RefreshCookie = None,
) -> SessionOut:
    """Trade the cookie's token for the next one and a fresh access token."""
    told = None
    async with entrance.foundation.database.writing() as db:
        opened = await sessions.renew(db, token or "", entrance.visit, entrance.lasts)
        if opened is not None:
            told = await entrance.told(db, opened, response)
    if told is None:  # said after the commit: that a token was copied must be kept
        raise SessionOver
    return told


@_account_router.delete(
    "/sessions/current",
    status_code=204,
    responses=problems(BadToken, ForeignOrigin, InvalidRequest),
)
async def sign_out(
    caller: CallerIfAny,
    entrance: RequestEntrance,
    db: WritingDb,
    response: Response,
    _origin: FromOurPages,
    token: RefreshCookie = None,
) -> None:
    """End the sign-in that the access token or the cookie stands for. At once, everywhere."""
    if caller is None and token is None:
        raise BadToken
    await sessions.sign_out(db, caller, token, entrance.visit)
    cookies.clear_refresh_cookie(response, entrance.foundation.settings)


@_account_router.get("/account", responses=problems(BadToken))
async def show_account(owner: SignedIn, db: ReadingDb, clock: RequestClock) -> AccountOut:
    """The caller's own account."""
    return AccountOut.of(await queries.own_account(db, owner), clock.now().date())


@_account_router.get("/account/history", responses=problems(BadToken, InvalidRequest))
async def show_history(
    owner: SignedIn, db: ReadingDb, before: Before = None, by_staff: ByStaff = False
) -> HistoryOut:
    """What happened to the caller's account, newest first; or only what our staff did."""
    events = await events_of(db, owner.id, before, PAGE + 1, by_staff=by_staff)
    granted = await granted_by(db, owner.id)
    shown = [EventOut.of(event, granted) for event in events[:PAGE]]
    return HistoryOut(events=shown, next=shown[-1].id if len(events) > PAGE else None)


router = APIRouter(tags=["accounts"])
router.include_router(_account_router)
router.include_router(credential_router)
router.include_router(device_router)
router.include_router(provider_router)
