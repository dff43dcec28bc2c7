"""Taking all one's data along: a proof that it is the owner who asks, a link, and the archive."""

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from server.accounts.errors import FreshSignInNeeded, WrongCredentials
from server.accounts.visit import RequestVisit
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.requests import RequestFoundation
from server.privacy import export, export_links, owner_proof, throttles
from server.privacy.errors import UnknownExportLink
from server.privacy.schemas import ExportLinkIn, ExportLinkOut, ExportToken
from server.security.authority import SignedIn
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.parts import RequestSecurity

router = APIRouter(prefix="/v1/privacy")


@router.post(
    "/export-links",
    status_code=201,
    responses=problems(
        BadToken, WrongKindOfCaller, WrongCredentials, FreshSignInNeeded, TooManyRequests,
        InvalidRequest,
    ),
)  # fmt: skip
async def make_export_link(
    given: ExportLinkIn,
    owner: SignedIn,
    foundation: RequestFoundation,
    security: RequestSecurity,
    visit: RequestVisit,
    response: Response,
) -> ExportLinkOut:
    """A link that downloads everything held about you: once, and within ten minutes.

    A stolen sign-in alone doesn't get it.
    """
    throttles.spend_export_proof(security.throttle, owner)
    await owner_proof.prove(foundation, security.passwords, owner, given.password)
    throttles.spend_export(security.throttle, owner)
    async with foundation.database.writing() as db:
        made = export_links.new_link(db, owner.id, visit.now)
    response.headers["Cache-Control"] = "no-store"
    return ExportLinkOut(path=made.path, expires_at=made.expires_at)


class ExportArchive(StreamingResponse):
    """A ZIP archive that nothing on its way may keep."""

    media_type = "application/zip"


@router.get(
    "/exports/{token}",
    response_class=ExportArchive,
    responses=problems(UnknownExportLink, TooManyRequests, InvalidRequest),
)
async def download_export(
    token: ExportToken,
    foundation: RequestFoundation,
    security: RequestSecurity,
    visit: RequestVisit,
) -> ExportArchive:
    """Everything held about whom the link is for: JSON for machines, a page for people.

    Takes no account. The link is used up, even if the download breaks off.
    """
    throttles.spend_export_opening(security.throttle, visit.seen.network)
    async with foundation.database.writing() as db:
        account_id = await export_links.use_link(db, token, visit)
    return ExportArchive(
        export.archive(foundation.database, account_id, visit.now),
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="secuhome-{visit.now:%Y-%m-%d}.zip"',
        },
    )
