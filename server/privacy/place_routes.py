"""How the place of somebody's uses is found: seen and changed by them alone."""

from fastapi import APIRouter

from server.accounts.visit import RequestVisit
from server.foundation.database import Db
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.requests import ReadingDb, WritingDb
from server.foundation.wire import Incoming, Outgoing
from server.privacy.errors import PolicyNotAccepted
from server.privacy.gate import RequestGate
from server.security.authority import SignedIn
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.events import EventKind
from server.security.parts import RequestSecurity, SecurityParts
from server.security.place_sources import Source, choose_source, source_of

router = APIRouter(prefix="/v1/privacy", responses=problems(BadToken, WrongKindOfCaller))


class PlaceSourceIn(Incoming):
    """Who is to be asked for a place, from the next use on."""

    source: Source


class PlaceSourceOut(Outgoing):
    """Who is asked for a place, and who could be."""

    source: Source
    sources: list[Source]


@router.get("/place-source")
async def show_place_source(
    owner: SignedIn, db: ReadingDb, security: RequestSecurity
) -> PlaceSourceOut:
    """How the place of your uses is found."""
    return await _shown(db, owner.id, security)


@router.put("/place-source", responses=problems(PolicyNotAccepted, InvalidRequest, TooManyRequests))
async def choose_place_source(
    given: PlaceSourceIn,
    owner: SignedIn,
    db: WritingDb,
    visit: RequestVisit,
    policy: RequestGate,
    security: RequestSecurity,
) -> PlaceSourceOut:
    """Have it found otherwise, or not at all. Earlier places stay as they are.

    Off is taken before the policy is accepted too, as withdrawing is.
    """
    security.throttle.spend("choose", owner.id)
    if given.source not in _offered(security):
        message = "choose one of `sources`"
        raise InvalidRequest([{"field": "source", "message": message}])
    if given.source is not Source.OFF and not await policy.accepted(db, owner.id):
        raise PolicyNotAccepted
    if await choose_source(db, owner.id, given.source):
        await db.flush()
        await visit.note(db, owner.id, EventKind.DATA_CORRECTED, "how your place is found")
    return await _shown(db, owner.id, security)


async def _shown(db: Db, account_id: str, security: SecurityParts) -> PlaceSourceOut:
    return PlaceSourceOut(source=await source_of(db, account_id), sources=_offered(security))


def _offered(security: SecurityParts) -> list[Source]:
    """All, but the second database where there is none."""
    second = security.second_locator.is_there
    return [it for it in Source if it is not Source.SECOND_NETWORK or second]
