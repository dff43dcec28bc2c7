"""Cancelling one's account, and the certificate of what was erased, over HTTP."""

from fastapi import APIRouter, Response

from server.accounts import cookies, owner_proof
from server.accounts.errors import FreshSignInNeeded, WrongCredentials
from server.accounts.visit import RequestVisit
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.requests import ReadingDb, RequestFoundation, RequestSettings
from server.privacy.erasure import cancelling, queries
from server.privacy.erasure.errors import UnknownErasure
from server.privacy.erasure.schemas import CancellationIn, ErasureId, ErasureOut, TermsOut
from server.privacy.erasure.terms import terms
from server.privacy.erasure.work import RequestErasures
from server.security.authority import SignedIn
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.parts import RequestSecurity

router = APIRouter(prefix="/v1", tags=["privacy"])


@router.get("/account/cancellation", responses=problems(BadToken, WrongKindOfCaller))
async def show_cancellation_terms(
    owner: SignedIn, db: ReadingDb, visit: RequestVisit, settings: RequestSettings
) -> TermsOut:
    """What cancelling your account would take and bring. Changes nothing."""
    return TermsOut.of(await terms(db, owner, visit.now, settings))


@router.post(
    "/account/cancellation",
    status_code=202,
    responses=problems(
        BadToken, WrongKindOfCaller, WrongCredentials, FreshSignInNeeded, TooManyRequests,
        InvalidRequest,
    ),
)  # fmt: skip
async def cancel_account(
    given: CancellationIn,
    owner: SignedIn,
    foundation: RequestFoundation,
    security: RequestSecurity,
    visit: RequestVisit,
    erasures: RequestErasures,
    response: Response,
) -> ErasureOut:
    """Cancel your account: signed out everywhere now, erased after some days, or at once.

    Until then, signing in with `take_back` undoes it.
    """
    security.throttle.spend("cancel", owner.id)
    await owner_proof.prove(foundation, security.passwords, owner, given.password)
    async with foundation.database.writing() as db:
        erasure = await cancelling.cancel(db, owner, visit, foundation, at_once=given.at_once)
        db.after_commit(erasures.wake)
    cookies.clear_refresh_cookie(response, foundation.settings)
    response.headers["Cache-Control"] = "no-store"
    return ErasureOut.of(erasure)


@router.get(
    "/erasures/{erasure_id}", responses=problems(UnknownErasure, TooManyRequests, InvalidRequest)
)
async def show_erasure(
    erasure_id: ErasureId,
    db: ReadingDb,
    security: RequestSecurity,
    visit: RequestVisit,
    response: Response,
) -> ErasureOut:
    """How an erasure stands, and its certificate, for whoever knows the id. Takes no account."""
    security.throttle.spend("erasure", visit.seen.network)
    response.headers["Cache-Control"] = "no-store"
    return ErasureOut.of(await queries.erasure_told(db, erasure_id))
