"""The policy and one's own data over HTTP; none of it needs the policy to be accepted.

Reading the policy takes no account and is noted nowhere.
"""

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from server.accounts.visit import RequestVisit
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.identity import Kind
from server.foundation.problem_responses import problems
from server.foundation.requests import ReadingDb, RequestFoundation, RequestSettings, WritingDb
from server.privacy import export, held_overview, service, throttles
from server.privacy.corrections.routes import router as corrections_router
from server.privacy.errors import PolicyNotInForce, PolicyTextDiffers, UnknownPolicyVersion
from server.privacy.gate import RequestGate
from server.privacy.purpose_routes import router as purpose_router
from server.privacy.schemas import (
    AcceptanceIn,
    AcceptanceOut,
    HeldOut,
    PolicyOut,
    VersionPath,
)
from server.security.authority import CallerIfAny, SignedIn
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.parts import RequestSecurity

_own_router = APIRouter(prefix="/v1")
_own_router.include_router(corrections_router)


@_own_router.get("/policy")
async def show_policy(
    gate: RequestGate, settings: RequestSettings, db: ReadingDb, caller: CallerIfAny
) -> PolicyOut:
    """The policy in force, for everybody; for who is signed in, the version that counts for them.

    `offered` then names a newer one that gives fewer rights, which they may accept or leave.
    """
    newest = gate.in_force()
    if caller is None or caller.kind is not Kind.ACCOUNT:
        return PolicyOut.of(newest, settings)
    theirs = await gate.in_force_for(db, caller.id)
    return PolicyOut.of(theirs, settings, offered=None if theirs == newest else newest.version)


@_own_router.get(
    "/policy/versions/{version}", responses=problems(UnknownPolicyVersion, InvalidRequest)
)
async def show_policy_version(
    version: VersionPath, gate: RequestGate, settings: RequestSettings
) -> PolicyOut:
    """Any version that ever was in force, for everybody."""
    return PolicyOut.of(gate.edition(version), settings)


@_own_router.post(
    "/policy/acceptance",
    status_code=201,
    responses=problems(
        BadToken, WrongKindOfCaller, PolicyNotInForce, PolicyTextDiffers, InvalidRequest
    ),
)
async def accept_policy(
    given: AcceptanceIn, owner: SignedIn, gate: RequestGate, db: WritingDb, visit: RequestVisit
) -> AcceptanceOut:
    """Accept the version that counts for you, or the newest. It covers nothing optional."""
    offered = (await gate.in_force_for(db, owner.id), gate.in_force())
    acceptance = await service.accept(db, owner, given, offered, visit)
    return AcceptanceOut(version=acceptance.version, accepted_at=acceptance.accepted_at)


class ExportArchive(StreamingResponse):
    """A ZIP archive that nothing on its way may keep."""

    media_type = "application/zip"


@_own_router.get("/privacy/held", responses=problems(BadToken, WrongKindOfCaller, TooManyRequests))
async def show_held(
    owner: SignedIn, db: ReadingDb, security: RequestSecurity, response: Response
) -> HeldOut:
    """What is held about the caller, by category, with purpose, term, number and newest values."""
    throttles.spend_look(security.throttle, owner)
    response.headers["Cache-Control"] = "no-store"
    return await held_overview.overview(db, owner.id)


@_own_router.get(
    "/privacy/export",
    response_class=ExportArchive,
    responses=problems(BadToken, WrongKindOfCaller, TooManyRequests),
)
async def export_everything(
    owner: SignedIn, foundation: RequestFoundation, security: RequestSecurity, visit: RequestVisit
) -> ExportArchive:
    """Everything held about the caller, as one archive: JSON for machines, a page for people."""
    throttles.spend_export(security.throttle, owner)
    async with foundation.database.writing() as db:
        await service.note_export(db, owner, visit)
    return ExportArchive(
        export.archive(foundation.database, owner.id, visit.now),
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="secuhome-{visit.now:%Y-%m-%d}.zip"',
        },
    )


router = APIRouter(tags=["privacy"])
router.include_router(_own_router)
router.include_router(purpose_router)
