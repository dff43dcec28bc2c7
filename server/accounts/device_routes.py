"""Where one is signed in, over HTTP: each device and browser, and its end."""

from fastapi import APIRouter

from server.accounts import queries, sessions
from server.accounts.errors import UnknownSignIn
from server.accounts.schemas import SignInId, SignInOut, SignInsOut
from server.accounts.visit import RequestVisit
from server.foundation.errors import InvalidRequest
from server.foundation.problem_responses import problems
from server.foundation.requests import ReadingDb, WritingDb
from server.security.authority import SignedIn
from server.security.errors import BadToken, WrongKindOfCaller

router = APIRouter(prefix="/v1")


@router.get("/account/sign-ins", responses=problems(BadToken, WrongKindOfCaller))
async def list_sign_ins(owner: SignedIn, db: ReadingDb, visit: RequestVisit) -> SignInsOut:
    """Where the account is signed in now, the latest used first, and what is remembered there."""
    found = await queries.sign_ins_in_force(db, owner.id, visit.now)
    return SignInsOut(sign_ins=[SignInOut.of(it, owner.session_id) for it in found])


@router.delete(
    "/account/sign-ins/{sign_in_id}",
    status_code=204,
    responses=problems(BadToken, WrongKindOfCaller, UnknownSignIn, InvalidRequest),
)
async def end_sign_in(
    sign_in_id: SignInId, owner: SignedIn, db: WritingDb, visit: RequestVisit
) -> None:
    """Sign a device out: what it remembers opens nothing any more. At once, everywhere."""
    await sessions.end_one(db, owner, sign_in_id, visit)
