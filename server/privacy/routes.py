"""The policy and one's own data over HTTP; none of it needs the policy to be accepted.

Reading the policy takes no account and is noted nowhere.
"""

from fastapi import APIRouter, Response

from server.accounts.visit import RequestVisit
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.requests import ReadingDb, RequestSettings, WritingDb
from server.privacy import held_overview, service, throttles
from server.privacy.corrections.routes import router as corrections_router
from server.privacy.errors import (
    FewerRights,
    PolicyNotInForce,
    PolicyTextDiffers,
    UnknownPolicyVersion,
)
from server.privacy.export_routes import router as export_router
from server.privacy.gate import RequestGate
from server.privacy.news.routes import router as news_router
from server.privacy.place_routes import router as place_router
from server.privacy.policy_rules import material
from server.privacy.purpose_routes import router as purpose_router
from server.privacy.schemas import (
    AcceptanceIn,
    AcceptanceOut,
    HeldOut,
    PolicyOut,
    VersionPath,
)
from server.security.authority import SignedIn, SignedInIfAny
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.parts import RequestSecurity

_own_router = APIRouter(prefix="/v1")
_own_router.include_router(corrections_router)


@_own_router.get("/policy")
async def show_policy(
    gate: RequestGate, settings: RequestSettings, db: ReadingDb, caller: SignedInIfAny
) -> PolicyOut:
    """The policy in force, for everybody; for who is signed in, the version that counts for them.

    `changes` then says what weighs in it, against the one that they accepted; `offered` names a
    newer one that gives fewer rights, which they may accept or leave.
    """
    if caller is None:
        return PolicyOut.of(gate.in_force(), settings)
    known = await gate.standing(db, caller.id)
    return PolicyOut.of(known.counts, settings, known.offered, known.told)


@_own_router.get(
    "/policy/versions/{version}", responses=problems(UnknownPolicyVersion, InvalidRequest)
)
async def show_policy_version(
    version: VersionPath,
    gate: RequestGate,
    settings: RequestSettings,
    db: ReadingDb,
    caller: SignedInIfAny,
) -> PolicyOut:
    """Any version that ever was in force, for everybody.

    For who is signed in, one that is `offered` comes with what changes for them.
    """
    edition = gate.edition(version)
    if caller is None:
        return PolicyOut.of(edition, settings)
    known = await gate.standing(db, caller.id)
    if known.theirs is None or known.offered is not edition:
        return PolicyOut.of(edition, settings)
    told = material(gate.changes(known.theirs, edition))
    return PolicyOut.of(edition, settings, known.offered, told)


@_own_router.post(
    "/policy/acceptance",
    status_code=201,
    responses=problems(
        BadToken,
        WrongKindOfCaller,
        PolicyNotInForce,
        PolicyTextDiffers,
        FewerRights,
        InvalidRequest,
    ),
)
async def accept_policy(
    given: AcceptanceIn, owner: SignedIn, gate: RequestGate, db: WritingDb, visit: RequestVisit
) -> AcceptanceOut:
    """Accept the version that counts for you, or a narrower one. It covers nothing optional."""
    acceptance = await service.accept(db, owner, given, gate, visit)
    return AcceptanceOut(version=acceptance.version, accepted_at=acceptance.accepted_at)


@_own_router.get("/privacy/held", responses=problems(BadToken, WrongKindOfCaller, TooManyRequests))
async def show_held(
    owner: SignedIn, db: ReadingDb, security: RequestSecurity, response: Response
) -> HeldOut:
    """What is held about the caller, by category, with purpose, term, number and newest values."""
    throttles.spend_look(security.throttle, owner)
    response.headers["Cache-Control"] = "no-store"
    return await held_overview.overview(db, owner.id)


router = APIRouter(tags=["privacy"])
router.include_router(_own_router)
router.include_router(purpose_router)
router.include_router(place_router)
router.include_router(export_router)
router.include_router(news_router)
