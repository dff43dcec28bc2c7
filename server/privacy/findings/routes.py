"""The findings over HTTP, for a member of the staff who has opened the request."""

from fastapi import APIRouter, Response

from server.foundation.errors import InvalidRequest
from server.foundation.problem_responses import problems
from server.foundation.requests import ReadingDb, RequestClock
from server.privacy.cases import queries
from server.privacy.cases.errors import RequestNotOpened, UnknownRequest
from server.privacy.cases.schemas import CaseNumber
from server.privacy.findings.finding import findings
from server.privacy.findings.schemas import FindingsOut
from server.privacy.gate import RequestGate
from server.security.authority import OnStaff

router = APIRouter(prefix="/v1/support", tags=["staff"])


@router.get(
    "/requests/{number}/findings",
    responses=problems(InvalidRequest, UnknownRequest, RequestNotOpened),
)
async def show_findings(
    number: CaseNumber,
    caller: OnStaff,
    db: ReadingDb,
    clock: RequestClock,
    policy: RequestGate,
    response: Response,
) -> FindingsOut:
    """What is held of whoever asked and on which basis, how it was used, and what to answer."""
    case = await queries.case_with_number(db, number)
    if not await queries.is_open_to(db, caller.id, case.id, clock.now()):
        raise RequestNotOpened
    response.headers["Cache-Control"] = "no-store"
    return FindingsOut.of(case, await findings(db, case, policy, clock.now()))
