"""Pairing over HTTP: two routes for the phone, one for the camera."""

from datetime import timedelta

from fastapi import APIRouter, status

from devices.pairing import service
from devices.pairing.errors import PairingExpired, PairingUsed, UnknownPairing
from devices.pairing.schemas import (
    PairingId,
    PairingIn,
    PairingOut,
    PairingStateOut,
    RedemptionIn,
    RedemptionOut,
)
from devices.registry.errors import CameraAlreadyOwned
from server.foundation.errors import TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.requests import (
    ReadingDb,
    RequestClock,
    RequestIds,
    RequestSettings,
    WritingDb,
)
from server.security.authority import RegisteredCamera, SignedIn
from server.security.parts import RequestSecurity
from server.security.sightings import RequestSeen

router = APIRouter(prefix="/v1", tags=["pairing"])
redemption_router = APIRouter(prefix="/v1", tags=["pairing"])  # the camera's side: no policy gate


@router.post("/pairings", status_code=status.HTTP_201_CREATED, responses=problems(TooManyRequests))
async def begin_pairing(
    asked: PairingIn,
    owner: SignedIn,
    db: WritingDb,
    ids: RequestIds,
    clock: RequestClock,
    settings: RequestSettings,
    security: RequestSecurity,
    seen: RequestSeen,
) -> PairingOut:
    """Begin a pairing; show its code to the camera before it expires."""
    security.throttle.spend("begin_pairing", owner.id)
    wish = service.Wish(owner.id, asked.name, asked.phone_key.key(), seen)
    life = timedelta(seconds=settings.pairing_s)
    begun = await service.begin(db, ids, wish, life, clock.now())
    return PairingOut.of(begun, settings.public_url)


@router.get("/pairings/{pairing_id}", responses=problems(UnknownPairing))
async def look_at_pairing(
    pairing_id: PairingId, owner: SignedIn, db: ReadingDb, clock: RequestClock
) -> PairingStateOut:
    """How a pairing of yours stands."""
    return PairingStateOut.of(await service.look(db, owner.id, pairing_id, clock.now()))


@redemption_router.post(
    "/pairings/redemption",
    responses=problems(
        UnknownPairing, PairingUsed, PairingExpired, CameraAlreadyOwned, TooManyRequests
    ),
)
async def redeem_pairing(
    asked: RedemptionIn,
    camera: RegisteredCamera,
    db: WritingDb,
    ids: RequestIds,
    clock: RequestClock,
    security: RequestSecurity,
) -> RedemptionOut:
    """Redeem a pairing's token; the camera then belongs to whoever began it."""
    security.throttle.spend("redeem_pairing", camera.id)
    ownership = await service.redeem(
        db,
        ids,
        camera_id=camera.id,
        token=asked.token,
        proof=asked.proof,
        now=clock.now(),
    )
    return RedemptionOut.of(ownership)
