"""The staff's side of requests: what is due, opening one with a reason, answering it."""

from datetime import timedelta
from typing import Final

from fastapi import APIRouter, Response

from server.accounts.errors import MailNotSent
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.requests import ReadingDb, RequestClock, RequestFoundation, WritingDb
from server.privacy.acts import queries as act_queries
from server.privacy.cases import answering, asking, opening, queries, sorting
from server.privacy.cases.calendars import calendar_of
from server.privacy.cases.desk_schemas import (
    AfterNumber,
    AnswerIn,
    DueOut,
    DuesOut,
    EnteredIn,
    EnteredOut,
    KindIn,
    OpenedOut,
    OpeningIn,
)
from server.privacy.cases.errors import (
    IdentityNotProven,
    RequestClosed,
    RequestNotOpened,
    UnknownRequest,
)
from server.privacy.cases.schemas import CaseNumber
from server.privacy.gate import RequestGate
from server.security.authority import OnStaff
from server.security.parts import RequestSecurity
from server.security.throttle import Limit

router = APIRouter(prefix="/v1/support", tags=["staff"])

PAGE: Final = 50
OPENINGS: Final = Limit(30, timedelta(minutes=10))  # who answers one reads one, perhaps three
LATE_MAIL: Final = timedelta(days=366)  # a letter that lay about for longer is a typing mistake


@router.get("/requests", responses=problems(InvalidRequest, UnknownRequest))
async def list_due_requests(
    _caller: OnStaff, db: ReadingDb, clock: RequestClock, after: AfterNumber = None
) -> DuesOut:
    """The open requests, the nearest date first; nothing of who asks."""
    last = await queries.case_with_number(db, after) if after else None
    found = await queries.due_cases(db, last, PAGE + 1)
    shown = [DueOut.of(case, clock.now()) for case in found[:PAGE]]
    return DuesOut(requests=shown, next=shown[-1].number if len(found) > PAGE else None)


@router.post(
    "/requests", status_code=201, responses=problems(InvalidRequest, TooManyRequests, MailNotSent)
)
async def enter_request(
    given: EnteredIn, caller: OnStaff, parts: RequestFoundation, security: RequestSecurity
) -> EnteredOut:
    """Enter what reached us by mail or by post; its time runs from the day that it came."""
    security.throttle.spend("request_entered", caller.id)
    today = calendar_of(given.region).today(parts.clock.now())
    if not today - LATE_MAIL <= given.received_on <= today:
        message = "give the day on which it came, within the last year"
        raise InvalidRequest([{"field": "received_on", "message": message}])
    taken = await asking.enter(
        parts, security.passwords, caller.id, given.wish(), given.channel, given.received_on
    )
    return EnteredOut(number=taken.case.number, due_on=taken.case.due_on)


@router.post(
    "/requests/{number}/openings",
    status_code=201,
    responses=problems(InvalidRequest, UnknownRequest, TooManyRequests),
)
async def open_request(
    number: CaseNumber,
    given: OpeningIn,
    caller: OnStaff,
    parts: RequestFoundation,
    security: RequestSecurity,
    db: WritingDb,
    response: Response,
) -> OpenedOut:
    """Open a request with a reason. Whoever asked will read that you did."""
    security.throttle.spend("request_opened", caller.id, limit=OPENINGS)
    case, until = await opening.open_case(
        db, parts.ids, caller.id, number, given.reason, parts.clock.now()
    )
    response.headers["Cache-Control"] = "no-store"
    return OpenedOut.of(case, until, await act_queries.acts_of(db, case.id))


@router.put(
    "/requests/{number}/kind",
    responses=problems(
        InvalidRequest, UnknownRequest, RequestNotOpened, RequestClosed, MailNotSent
    ),
)
async def sort_request(
    number: CaseNumber,
    given: KindIn,
    caller: OnStaff,
    parts: RequestFoundation,
    security: RequestSecurity,
) -> DueOut:
    """Say what a request asks for; its date changes with that."""
    sorted_as = sorting.Sorted(given.kind, given.ground)
    case = await sorting.sort(parts, security.passwords, caller.id, number, sorted_as)
    return DueOut.of(case, parts.clock.now())


@router.post(
    "/requests/{number}/answer",
    status_code=204,
    responses=problems(
        InvalidRequest,
        UnknownRequest,
        RequestNotOpened,
        RequestClosed,
        IdentityNotProven,
        MailNotSent,
    ),
)
async def answer_request(
    number: CaseNumber,
    given: AnswerIn,
    caller: OnStaff,
    parts: RequestFoundation,
    policy: RequestGate,
) -> None:
    """Answer a request that you have opened, or refuse it with reasons and remedies."""
    await answering.answer(parts, policy, caller.id, number, given.answer())
