"""Signing in with a provider, over HTTP. A browser navigates through these by itself."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse

from server.accounts import cookies, provider_sign_in
from server.accounts.cookies import SignInCookie
from server.accounts.entrance import RequestEntrance
from server.accounts.errors import (
    AccountCancelled,
    ProviderSignInRefused,
    ProviderUnavailable,
    UnknownProvider,
    WrongCredentials,
)
from server.accounts.parts import RequestAccounts
from server.accounts.provider_sign_in import Callback
from server.accounts.schemas import ProviderName, ProviderOut, ProvidersOut
from server.accounts.tables import Account
from server.accounts.throttles import spend_try
from server.foundation.errors import InvalidRequest, ServiceCloses, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.requests import WritingDb
from server.security.events import EventKind

router = APIRouter(prefix="/v1/providers")

FromProvider = Annotated[str | None, Query(max_length=2048)]


@router.get("")
async def list_providers(accounts: RequestAccounts) -> ProvidersOut:
    """The providers that one can sign in with."""
    rows = accounts.providers.rows.values()
    return ProvidersOut(providers=[ProviderOut(name=row.name, title=row.title) for row in rows])


@router.get(
    "/{name}/sign-in",
    status_code=302,
    response_class=RedirectResponse,
    responses=problems(UnknownProvider, ProviderUnavailable, TooManyRequests, InvalidRequest),
)
async def begin(
    name: ProviderName,
    entrance: RequestEntrance,
    db: WritingDb,
    *,
    take_back: Annotated[bool, Query(description="An account that was cancelled.")] = False,
) -> RedirectResponse:
    """Go to the provider."""
    spend_try(entrance.security.throttle, entrance.visit.seen)
    settings = entrance.foundation.settings
    sent = await provider_sign_in.begin(
        db, entrance.accounts.providers, name, entrance.visit, settings, take_back=take_back
    )
    response = RedirectResponse(sent.address, 302, {"Cache-Control": "no-store"})
    cookies.set_sign_in_cookie(response, sent.binder, settings)
    return response


@router.get(
    "/{name}/callback",
    status_code=303,
    response_class=RedirectResponse,
    responses=problems(
        ProviderSignInRefused,
        ProviderUnavailable,
        UnknownProvider,
        InvalidRequest,
        AccountCancelled,
        WrongCredentials,
        ServiceCloses,
    ),
)
async def come_back(
    name: ProviderName,
    entrance: RequestEntrance,
    state: FromProvider = None,
    code: FromProvider = None,
    iss: FromProvider = None,
    binder: SignInCookie = None,
) -> RedirectResponse:
    """Come back from the provider, and into the app."""
    database, visit = entrance.foundation.database, entrance.visit
    back = await provider_sign_in.come_back(
        database, entrance.accounts.providers, name, Callback(state, code, iss, binder), visit
    )
    account_id = await provider_sign_in.find_or_make_account(
        database, back.person, visit, entrance.accounts.takes_new
    )
    response = RedirectResponse("/app/", 303, {"Cache-Control": "no-store"})
    async with database.writing() as db:
        account = await db.get_one(Account, account_id)
        await entrance.open(db, account, response, remember=False, take_back=back.take_back)
        await visit.note(db, account_id, EventKind.SIGNED_IN)
    cookies.clear_sign_in_cookie(response, entrance.foundation.settings)
    return response
