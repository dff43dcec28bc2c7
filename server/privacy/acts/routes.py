"""Acting upon requests, for the staff; fetching a copy, for whoever asked for it."""

from fastapi import APIRouter, Response

from server.accounts.errors import WrongCode
from server.accounts.sessions import hash_of
from server.accounts.throttles import spend_try
from server.accounts.visit import RequestVisit
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.requests import RequestFoundation
from server.privacy.acts import acting, copies, holding
from server.privacy.acts.errors import CopyOver, NothingToActOn
from server.privacy.acts.schemas import ActIn, CopyIn, HoldIn
from server.privacy.acts.told import ActOut
from server.privacy.cases.errors import (
    IdentityNotProven,
    RequestClosed,
    RequestNotOpened,
    UnknownRequest,
)
from server.privacy.cases.routes import CaseToken
from server.privacy.cases.schemas import CaseNumber
from server.privacy.erasure.work import RequestErasures
from server.privacy.export_routes import ExportArchive, archive_of
from server.privacy.receipts import RequestReceipts
from server.security.authority import OnStaff
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.parts import RequestSecurity

router = APIRouter(prefix="/v1")


@router.post(
    "/support/requests/{number}/acts",
    status_code=201,
    tags=["staff"],
    responses=problems(
        BadToken, WrongKindOfCaller, InvalidRequest, TooManyRequests, UnknownRequest,
        RequestNotOpened, RequestClosed, IdentityNotProven, NothingToActOn,
    ),
)  # fmt: skip
async def act_upon_request(
    number: CaseNumber,
    given: ActIn,
    caller: OnStaff,
    parts: RequestFoundation,
    security: RequestSecurity,
    response: Response,
) -> ActOut:
    """Do what a request asks for that you have opened. The owner will read that you did."""
    security.throttle.spend("request_acted_upon", caller.id)
    done = await acting.act(parts, security.passwords, caller.id, number, given.wanted())
    response.headers["Cache-Control"] = "no-store"
    return ActOut.of(done)


@router.post(
    "/support/requests/{number}/holds",
    status_code=201,
    tags=["staff"],
    responses=problems(
        BadToken, WrongKindOfCaller, InvalidRequest, TooManyRequests, UnknownRequest,
        RequestNotOpened, RequestClosed, NothingToActOn,
    ),
)  # fmt: skip
async def hold_data(
    number: CaseNumber,
    given: HoldIn,
    caller: OnStaff,
    parts: RequestFoundation,
    security: RequestSecurity,
    erasures: RequestErasures,
    response: Response,
) -> ActOut:
    """Keep categories of an account's data until a day, because a law or a court says so.

    An erasure spares them until then. Set again, an earlier day ends a hold earlier.
    """
    security.throttle.spend("request_acted_upon", caller.id)
    done = await holding.hold(parts, caller.id, number, given.order())
    await erasures.wake()
    response.headers["Cache-Control"] = "no-store"
    return ActOut.of(done)


@router.post(
    "/privacy/requests/{number}/copy",
    tags=["requests"],
    response_class=ExportArchive,
    responses=problems(UnknownRequest, CopyOver, WrongCode, InvalidRequest, TooManyRequests),
)
async def fetch_copy(
    number: CaseNumber,
    given: CopyIn,
    token: CaseToken,
    parts: RequestFoundation,
    security: RequestSecurity,
    visit: RequestVisit,
    receipts: RequestReceipts,
) -> ExportArchive:
    """Everything held about the account that was asked for, once: with the link and the code."""
    spend_try(security.throttle, visit.seen)
    presented = hash_of(token.credentials if token else "")
    account_id = await copies.fetch(parts, security.passwords, number, presented, given.code, visit)
    return archive_of(account_id, parts, visit.now, receipts)
