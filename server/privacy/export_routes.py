"""Taking all one's data along: a proof that it is the owner who asks, and the archive."""

from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from server.accounts import owner_proof
from server.accounts.errors import FreshSignInNeeded, WrongCredentials
from server.accounts.visit import RequestVisit
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.requests import Foundation, RequestFoundation
from server.privacy import export, throttles
from server.privacy.receipts import Receipts, RequestReceipts
from server.privacy.schemas import ExportIn
from server.security.authority import SignedIn
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.events import EventKind
from server.security.parts import RequestSecurity

router = APIRouter(prefix="/v1/privacy")


class ExportArchive(StreamingResponse):
    """A ZIP archive that nothing on its way may keep."""

    media_type = "application/zip"


def archive_of(
    account_id: str, foundation: Foundation, now: datetime, receipts: Receipts
) -> ExportArchive:
    """The answer with everything held about an account. The caller has seen whose it is."""
    return ExportArchive(
        export.archive(foundation.database, account_id, now, receipts),
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="secuhome-{now:%Y-%m-%d}.zip"',
        },
    )


@router.post(
    "/export",
    response_class=ExportArchive,
    responses=problems(
        BadToken, WrongKindOfCaller, WrongCredentials, FreshSignInNeeded, TooManyRequests,
        InvalidRequest,
    ),
)  # fmt: skip
async def export_everything(
    given: ExportIn,
    owner: SignedIn,
    foundation: RequestFoundation,
    security: RequestSecurity,
    visit: RequestVisit,
    receipts: RequestReceipts,
) -> ExportArchive:
    """Everything held about you, as one archive: JSON for machines, a page for people.

    A stolen sign-in alone doesn't get it. A request with a body, not an address: addresses are
    written down on their way.
    """
    throttles.spend_export_proof(security.throttle, owner)
    await owner_proof.prove(foundation, security.passwords, owner, given.password)
    throttles.spend_export(security.throttle, owner)
    async with foundation.database.writing() as db:
        await visit.note(db, owner.id, EventKind.DATA_EXPORTED)
    return archive_of(owner.id, foundation, visit.now, receipts)
