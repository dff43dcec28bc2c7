"""Who may: a route's signature names the kind of caller, and nothing else lets one in.

`SignedIn` is a person, `RegisteredCamera` a camera, `OnStaff` one of our people. A person's and a
staff member's sign-in is looked up each time, so that ending it works at once; a camera has no
sign-in, its token simply runs out. If the database can't be asked, nobody gets in.
"""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from server.foundation.identity import Identity, Kind
from server.foundation.requests import RequestFoundation
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.parts import RequestSecurity

_Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


def _any_caller(parts: RequestSecurity, bearer: _Bearer) -> Identity:
    if bearer is None:
        raise BadToken
    return parts.tokens.verify(bearer.credentials)


AnyCaller = Annotated[Identity, Depends(_any_caller)]


def _caller_if_any(parts: RequestSecurity, bearer: _Bearer) -> Identity | None:
    try:
        return _any_caller(parts, bearer)
    except BadToken:
        return None


# For signing out alone, where a token that ran out is no reason to stay signed in.
CallerIfAny = Annotated[Identity | None, Depends(_caller_if_any)]


async def _alive(
    caller: Identity, kind: Kind, parts: RequestSecurity, foundation: RequestFoundation
) -> None:
    if caller.kind is not kind:
        raise WrongKindOfCaller
    async with foundation.database.reading() as db:  # given back before the route begins to write
        if not await parts.session_checks[kind].is_alive(db, caller):
            raise BadToken


async def _signed_in(
    caller: AnyCaller, parts: RequestSecurity, foundation: RequestFoundation
) -> Identity:
    await _alive(caller, Kind.ACCOUNT, parts, foundation)
    return caller


async def _signed_in_if_any(
    caller: CallerIfAny, parts: RequestSecurity, foundation: RequestFoundation
) -> Identity | None:
    if caller is None:
        return None
    try:
        await _alive(caller, Kind.ACCOUNT, parts, foundation)
    except (BadToken, WrongKindOfCaller):
        return None
    return caller


async def _on_staff(
    caller: AnyCaller, parts: RequestSecurity, foundation: RequestFoundation
) -> Identity:
    await _alive(caller, Kind.STAFF, parts, foundation)
    return caller


def _registered_camera(caller: AnyCaller) -> Identity:
    if caller.kind is not Kind.CAMERA:
        raise WrongKindOfCaller
    return caller


SignedIn = Annotated[Identity, Depends(_signed_in)]
# For what is open to everybody and says more to a person: whose sign-in is over is anybody.
SignedInIfAny = Annotated[Identity | None, Depends(_signed_in_if_any)]
OnStaff = Annotated[Identity, Depends(_on_staff)]
RegisteredCamera = Annotated[Identity, Depends(_registered_camera)]
