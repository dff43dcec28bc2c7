"""Cameras over HTTP: their tokens, and their owners' list of them."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Response, status

from devices.registry import camera_tokens, queries, service
from devices.registry.coverage_port import Coverage, RequestCoverage
from devices.registry.errors import InvalidClient, UnknownCamera, UnsupportedGrantType
from devices.registry.presence import Presence, RequestPresence
from devices.registry.queries import OwnedCamera
from devices.registry.schemas import (
    CameraId,
    CameraOut,
    CamerasOut,
    RenameIn,
    TokenIn,
    TokenOut,
)
from server.foundation.clock import Clock
from server.foundation.database import Db
from server.foundation.errors import TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.purposes import Purpose, granted_by
from server.foundation.requests import (
    ReadingDb,
    RequestClock,
    RequestIds,
    RequestSettings,
    WritingDb,
)
from server.security.authority import SignedIn
from server.security.chosen import PurposeOff, needs
from server.security.parts import RequestSecurity
from server.security.sightings import RequestSeen

token_router = APIRouter(prefix="/v1", tags=["camera tokens"])
router = APIRouter(prefix="/v1", tags=["cameras"])


@token_router.post(
    "/oauth/token", responses=problems(InvalidClient, UnsupportedGrantType, TooManyRequests)
)
async def issue_token(
    asked: Annotated[TokenIn, Form()],
    db: WritingDb,
    ids: RequestIds,
    clock: RequestClock,
    settings: RequestSettings,
    security: RequestSecurity,
    response: Response,
) -> TokenOut:
    """A camera's access token, for an assertion signed with its factory key."""
    audience = settings.public_url + camera_tokens.PATH
    token = await camera_tokens.issue_token(db, ids, security, asked, audience, clock.now())
    response.headers.update({"Cache-Control": "no-store", "Pragma": "no-cache"})  # RFC 6749 §5.1
    return TokenOut(access_token=token, expires_in=settings.access_token_s)


@router.get("/cameras")
async def list_cameras(
    owner: SignedIn,
    db: ReadingDb,
    clock: RequestClock,
    coverage: RequestCoverage,
    presence: RequestPresence,
) -> CamerasOut:
    """Your cameras."""
    cameras = await queries.cameras_of(db, owner.id)
    return CamerasOut(cameras=await _shown(db, cameras, coverage, presence, clock))


@router.get("/cameras/{camera_id}", responses=problems(UnknownCamera))
async def show_camera(
    camera_id: CameraId,
    owner: SignedIn,
    db: ReadingDb,
    clock: RequestClock,
    coverage: RequestCoverage,
    presence: RequestPresence,
) -> CameraOut:
    """One of your cameras."""
    camera = await queries.owned_camera(db, owner.id, camera_id)
    return (await _shown(db, [camera], coverage, presence, clock))[0]


@router.patch("/cameras/{camera_id}", responses=problems(UnknownCamera))
async def rename_camera(
    camera_id: CameraId,
    asked: RenameIn,
    owner: SignedIn,
    db: WritingDb,
    clock: RequestClock,
    coverage: RequestCoverage,
    presence: RequestPresence,
) -> CameraOut:
    """Give a camera another name."""
    camera = await service.rename(db, owner.id, camera_id, asked.name, clock.now())
    return (await _shown(db, [camera], coverage, presence, clock))[0]


@router.put(
    "/cameras/{camera_id}/town",
    dependencies=[needs(Purpose.CAMERA_TOWN)],
    responses=problems(UnknownCamera, PurposeOff),
)
async def note_town(
    camera_id: CameraId,
    owner: SignedIn,
    db: WritingDb,
    seen: RequestSeen,
    clock: RequestClock,
    coverage: RequestCoverage,
    presence: RequestPresence,
) -> CameraOut:
    """Note beside a camera in which town you are now. There is no earlier one to read."""
    camera = await service.note_town(db, owner.id, camera_id, seen)
    return (await _shown(db, [camera], coverage, presence, clock))[0]


@router.delete(
    "/cameras/{camera_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(UnknownCamera),
)
async def release_camera(
    camera_id: CameraId,
    owner: SignedIn,
    db: WritingDb,
    ids: RequestIds,
    seen: RequestSeen,
    clock: RequestClock,
) -> None:
    """Let a camera go: it is nobody's then, and can be paired anew."""
    await service.release(db, ids, seen, owner.id, camera_id, clock.now())


async def _shown(
    db: Db, cameras: list[OwnedCamera], coverage: Coverage, presence: Presence, clock: Clock
) -> list[CameraOut]:
    camera_ids = [camera.device.id for camera in cameras]
    warranties = await coverage.of(db, camera_ids, clock.now())
    towns = (
        await queries.towns_of(db, await granted_by(db, cameras[0].ownership.account_id))
        if cameras
        else {}
    )
    online = await asyncio.gather(*(presence.is_held(camera_id) for camera_id in camera_ids))
    return [
        CameraOut.of(
            camera,
            online=held,
            warranty=warranties.get(camera.device.id),
            town=towns.get(camera.device.id),
        )
        for camera, held in zip(cameras, online, strict=True)
    ]
