"""The warranty over HTTP: one route, for the owner."""

from fastapi import APIRouter

from devices.registry.coverage_port import WarrantyOut
from devices.registry.errors import UnknownCamera
from devices.registry.schemas import CameraId
from devices.warranty import service
from devices.warranty.errors import NoWarrantyTerm, WarrantyBeforeManufacture
from server.foundation.problem_responses import problems
from server.foundation.requests import RequestClock, RequestIds, WritingDb
from server.security.authority import SignedIn
from server.security.sightings import RequestSeen

router = APIRouter(prefix="/v1", tags=["warranty"])


@router.put(
    "/cameras/{camera_id}/warranty",
    responses=problems(UnknownCamera, WarrantyBeforeManufacture, NoWarrantyTerm),
)
async def activate_warranty(
    camera_id: CameraId,
    owner: SignedIn,
    db: WritingDb,
    ids: RequestIds,
    seen: RequestSeen,
    clock: RequestClock,
) -> WarrantyOut:
    """Activate a camera's warranty. The first time counts; later ones are told the same."""
    return await service.activate(db, ids, seen, owner.id, camera_id, clock.now())
