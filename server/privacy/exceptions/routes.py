"""Exceptions over HTTP: the staff asks, approves and ends; the person reads."""

from typing import Final

from fastapi import APIRouter

from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.requests import ReadingDb, RequestClock, RequestIds, WritingDb
from server.privacy.acts.errors import NothingToActOn
from server.privacy.errors import UnknownPurpose
from server.privacy.exceptions import excepting, queries
from server.privacy.exceptions.errors import ExceptionOver, OwnException, UnknownException
from server.privacy.exceptions.schemas import (
    ExceptionId,
    ExceptionIn,
    ExceptionOut,
    ExceptionsOut,
    OwnExceptionOut,
    OwnExceptionsOut,
)
from server.privacy.purpose_gate import RequestPurposes
from server.security.authority import OnStaff, SignedIn
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.parts import RequestSecurity
from server.support.queries import operator

router = APIRouter(prefix="/v1", responses=problems(BadToken, WrongKindOfCaller))

MOST: Final = 200  # each is somebody's decision about one person


@router.post(
    "/support/exceptions",
    status_code=201,
    tags=["staff"],
    responses=problems(InvalidRequest, TooManyRequests, UnknownPurpose, NothingToActOn),
)
async def ask_for_exception(
    given: ExceptionIn,
    caller: OnStaff,
    db: WritingDb,
    gate: RequestPurposes,
    ids: RequestIds,
    clock: RequestClock,
    security: RequestSecurity,
) -> ExceptionOut:
    """Ask that a purpose be followed without consent. Nothing follows before it is approved."""
    security.throttle.spend("exception_asked", caller.id)
    made = await excepting.ask(db, ids, gate, caller.id, given.asked(), clock.now())
    return ExceptionOut.of(made)


@router.get("/support/exceptions", tags=["staff"])
async def list_exceptions(_caller: OnStaff, db: ReadingDb, clock: RequestClock) -> ExceptionsOut:
    """The exceptions that wait for an approval or are in force."""
    found = await queries.not_over(db, clock.now(), MOST)
    return ExceptionsOut(exceptions=[ExceptionOut.of(it) for it in found])


@router.post(
    "/support/exceptions/{exception_id}/approval",
    tags=["staff"],
    responses=problems(InvalidRequest, UnknownException, ExceptionOver, OwnException),
)
async def approve_exception(
    exception_id: ExceptionId,
    caller: OnStaff,
    db: WritingDb,
    gate: RequestPurposes,
    ids: RequestIds,
    clock: RequestClock,
) -> ExceptionOut:
    """Approve an exception that somebody else asked for. The person will read of it."""
    by = await operator(db, caller.id)
    found = await excepting.approve(db, ids, gate, by, exception_id, clock.now())
    return ExceptionOut.of(found)


@router.delete(
    "/support/exceptions/{exception_id}",
    tags=["staff"],
    responses=problems(InvalidRequest, UnknownException, ExceptionOver),
)
async def end_exception(
    exception_id: ExceptionId,
    caller: OnStaff,
    db: WritingDb,
    gate: RequestPurposes,
    ids: RequestIds,
    clock: RequestClock,
) -> ExceptionOut:
    """End an exception before its time, or turn down one that waits."""
    found = await excepting.end(db, ids, gate, caller.id, exception_id, clock.now())
    return ExceptionOut.of(found)


@router.get("/privacy/exceptions")
async def show_own_exceptions(owner: SignedIn, db: ReadingDb) -> OwnExceptionsOut:
    """What we do or did with your data without your consent, and on which evidence."""
    found = await queries.of_owner(db, owner, MOST)
    return OwnExceptionsOut(exceptions=[OwnExceptionOut.of(it) for it in found])
