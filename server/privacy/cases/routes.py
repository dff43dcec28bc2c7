"""Requests over HTTP, for whoever asks: with an account, or with nothing but an address."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from server.accounts.errors import MailNotSent, WrongCode
from server.accounts.sessions import hash_of
from server.accounts.throttles import LETTERS, spend_try
from server.accounts.visit import RequestVisit
from server.foundation.database import Db
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.requests import ReadingDb, RequestClock, RequestFoundation
from server.privacy.acts import acting
from server.privacy.acts import queries as act_queries
from server.privacy.cases import asking, queries
from server.privacy.cases.errors import RequestProofOver, UnknownRequest
from server.privacy.cases.schemas import (
    CaseNumber,
    CaseOut,
    CasesOut,
    EmailContactIn,
    Followed,
    FollowOut,
    OwnRequestIn,
    ProofIn,
    RequestId,
    RequestIn,
    TakenOut,
)
from server.security.authority import SignedIn
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.parts import RequestSecurity

router = APIRouter(prefix="/v1", tags=["requests"])

MOST: Final = 100  # cases of one account that are shown
CaseToken = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, scheme_name="RequestToken")),
]


@router.post(
    "/privacy/requests",
    status_code=202,
    responses=problems(InvalidRequest, TooManyRequests, MailNotSent),
)
async def make_request(
    asked: RequestIn,
    parts: RequestFoundation,
    security: RequestSecurity,
    visit: RequestVisit,
    response: Response,
) -> TakenOut:
    """Ask, complain, suggest: without an account. What is about a person must then be proven."""
    security.throttle.spend("request", visit.seen.network)
    if asked.lacks_an_address():
        message = "give the e-mail address concerned; a code goes there"
        raise InvalidRequest([{"field": "contact", "message": message}])
    if isinstance(asked.contact, EmailContactIn):
        security.throttle.spend("letter", asked.contact.value, limit=LETTERS)
    taken = await asking.ask(parts, security.passwords, asked.wish())
    response.headers["Cache-Control"] = "no-store"
    return TakenOut.of(taken)


@router.post(
    "/privacy/requests/{request_id}/proof",
    status_code=201,
    responses=problems(InvalidRequest, WrongCode, RequestProofOver, TooManyRequests),
)
async def prove_request(
    request_id: RequestId,
    given: ProofIn,
    parts: RequestFoundation,
    security: RequestSecurity,
    visit: RequestVisit,
    response: Response,
) -> FollowOut:
    """Prove the address concerned by the code that was mailed to it.

    An account of this address is then cancelled, or can be copied, if that was asked for.
    """
    spend_try(security.throttle, visit.seen)
    case_id = await asking.spend_try(
        parts.database, request_id, given.code, security.passwords, visit
    )
    response.headers["Cache-Control"] = "no-store"
    taken = await asking.prove(parts, case_id, visit)
    await acting.act_by_itself(parts, security.passwords, taken.case, visit)
    return FollowOut.of(taken)


@router.get(
    "/privacy/requests/{number}",
    responses=problems(UnknownRequest, InvalidRequest, TooManyRequests),
)
async def show_request(
    number: CaseNumber,
    token: CaseToken,
    security: RequestSecurity,
    visit: RequestVisit,
    db: ReadingDb,
    response: Response,
) -> CaseOut:
    """How far a request is, and the answer, for whoever has its token."""
    spend_try(security.throttle, visit.seen)
    presented = hash_of(token.credentials if token else "")
    case = await queries.case_with_token(db, number, presented)
    response.headers["Cache-Control"] = "no-store"
    return CaseOut.of(case, await _followed(db, case.id, visit.now))


@router.post(
    "/account/requests",
    status_code=201,
    responses=problems(BadToken, WrongKindOfCaller, InvalidRequest, TooManyRequests),
)
async def make_own_request(
    asked: OwnRequestIn,
    owner: SignedIn,
    parts: RequestFoundation,
    security: RequestSecurity,
    visit: RequestVisit,
    response: Response,
) -> FollowOut:
    """The same for an owner: the sign-in proves who asks."""
    security.throttle.spend("request", visit.seen.network, owner.id)
    if isinstance(asked.contact, EmailContactIn):
        security.throttle.spend("letter", asked.contact.value, limit=LETTERS)
    taken = await asking.ask_as_owner(parts, owner, asked.wish(), visit)
    response.headers["Cache-Control"] = "no-store"
    return FollowOut.of(taken)


@router.get("/account/requests", responses=problems(BadToken, WrongKindOfCaller))
async def show_own_requests(owner: SignedIn, db: ReadingDb, clock: RequestClock) -> CasesOut:
    """The caller's own requests, those of the web form too once their address was proven."""
    cases = await queries.cases_of_account(db, owner.id, MOST)
    now = clock.now()
    shown = [CaseOut.of(case, await _followed(db, case.id, now)) for case in cases]
    return CasesOut(requests=shown)


async def _followed(db: Db, case_id: str, now: datetime) -> Followed:
    return Followed(
        opened=list(await queries.openings_of(db, case_id)),
        done=list(await act_queries.acts_of(db, case_id)),
        copy_until=await act_queries.copy_waits_until(db, case_id, now),
    )
