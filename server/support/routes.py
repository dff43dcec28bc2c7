"""The staff over HTTP: signing in and out, and one kind of look."""

from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Response, status

from server.foundation.errors import TooManyRequests
from server.foundation.identity import Kind
from server.foundation.problem_responses import problems
from server.foundation.requests import (
    RequestClock,
    RequestFoundation,
    RequestIds,
    WritingDb,
)
from server.security.authority import OnStaff
from server.security.parts import RequestSecurity
from server.security.sightings import RequestSeen
from server.security.throttle import Limit
from server.support import service
from server.support.errors import ProcessingRestricted, UnknownSerial, WrongStaffCredentials
from server.support.schemas import LookupIn, LookupOut, StaffSessionIn, StaffSessionOut

router = APIRouter(prefix="/v1", tags=["staff"])

# A case needs one look, perhaps three. Serials can't be gone through at this pace.
LOOKS: Final = Limit(20, timedelta(minutes=10))


@router.post(
    "/staff/sessions",
    status_code=status.HTTP_201_CREATED,
    responses=problems(WrongStaffCredentials, TooManyRequests),
)
async def sign_in_staff(
    asked: StaffSessionIn,
    parts: RequestFoundation,
    security: RequestSecurity,
    seen: RequestSeen,
    response: Response,
) -> StaffSessionOut:
    """Sign in as one of the staff. There is no refreshing: after ten minutes, sign in again."""
    security.throttle.spend("staff_sign_in", seen.network)
    security.throttle.spend("staff_sign_in_as", asked.name)
    password = asked.password.get_secret_value()
    member = await service.prove(parts.database, security.passwords, asked.name, password)
    life = security.tokens.lifetime
    async with parts.database.writing() as db:
        session = await service.sign_in(db, parts.ids, member, life, parts.clock.now())
    response.headers["Cache-Control"] = "no-store"
    return StaffSessionOut(
        access_token=security.tokens.issue(Kind.STAFF, member.id, session.id),
        expires_in=int(life.total_seconds()),
    )


@router.delete("/staff/sessions/current", status_code=status.HTTP_204_NO_CONTENT)
async def sign_out_staff(caller: OnStaff, db: WritingDb, clock: RequestClock) -> None:
    """End this sign-in."""
    await service.sign_out(db, caller, clock.now())


@router.post(
    "/support/lookups",
    status_code=status.HTTP_201_CREATED,
    responses=problems(UnknownSerial, ProcessingRestricted, TooManyRequests),
)
async def look_up_warranty(
    asked: LookupIn,
    caller: OnStaff,
    parts: RequestFoundation,
    ids: RequestIds,
    security: RequestSecurity,
    response: Response,
) -> LookupOut:
    """Look at a camera's warranty for a case. Its owner will read that you did."""
    security.throttle.spend("staff_look", caller.id, limit=LOOKS)
    wanted = service.Wanted(asked.case_number, asked.reason, asked.serial)
    # Not the route's own unit of work: a look that found nothing is refused and yet on record.
    async with parts.database.writing() as db:
        answer = await service.look_up(db, ids, caller.id, wanted, parts.clock.now())
    if not isinstance(answer, service.Answer):
        raise answer
    response.headers["Cache-Control"] = "no-store"
    return LookupOut.of(answer)
