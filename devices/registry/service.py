"""What happens to cameras: they get an owner, a name, and are let go."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from devices.registry import queries
from devices.registry.errors import CameraAlreadyOwned, UnknownCamera
from devices.registry.queries import OwnedCamera
from devices.registry.tables import CameraTown, Ownership
from server.foundation.correcting import put_right
from server.foundation.database import Db
from server.foundation.ids import Ids
from server.foundation.origins import Collected, Origin
from server.foundation.purposes import Purpose, allowed
from server.security.chosen import PurposeOff
from server.security.events import EventKind, note
from server.security.place_sources import place_for
from server.security.sightings import Seen
from signaling.access import CameraChangedHands, pack_ending


async def begin_ownership(
    db: Db, ids: Ids, *, camera_id: str, account_id: str, name: Collected, now: datetime
) -> Ownership:
    """Make the camera this account's, in a new epoch. Raises CameraAlreadyOwned.

    After that the unit of work can't be gone on with.
    """
    epoch = await queries.next_epoch(db, camera_id)  # two pairings of a camera queue for its row
    if await queries.ownership_in_force(db, camera_id):
        raise CameraAlreadyOwned
    ownership = Ownership(
        id=ids.new("own"),
        camera_id=camera_id,
        account_id=account_id,
        name=name,
        epoch=epoch,
        since=now,
    )
    db.add(ownership)
    try:
        await db.flush()
    except IntegrityError:  # the index on ownerships in force, should the queue ever fail
        raise CameraAlreadyOwned from None
    return ownership


async def rename(db: Db, owner_id: str, camera_id: str, name: str, now: datetime) -> OwnedCamera:
    """Call a camera something else. Raises UnknownCamera."""
    camera = await queries.owned_camera(db, owner_id, camera_id)
    put_right(camera.ownership, "name", name, now.date(), origin=Origin.INTERACTION)
    await db.flush()
    return camera


async def note_town(db: Db, owner_id: str, camera_id: str, seen: Seen) -> OwnedCamera:
    """Note that a camera is where its owner is now; an unknown town leaves none.

    Raises UnknownCamera; PurposeOff for an owner who withdrew while the request was on its way.
    """
    if not await allowed(db, owner_id, Purpose.CAMERA_TOWN):
        raise PurposeOff(Purpose.CAMERA_TOWN)
    camera = await queries.owned_camera(db, owner_id, camera_id)
    await queries.forget_town(db, camera_id)
    place = await place_for(db, owner_id, seen)
    if place and place.text != place.country_name:
        db.add(CameraTown(camera_id=camera_id, account_id=owner_id, town_noted=place.text))
        await db.flush()
    return camera


async def release(
    db: Db, ids: Ids, seen: Seen, owner_id: str, camera_id: str, now: datetime
) -> None:
    """Let a camera go. From then on it may be paired by whoever stands before it.

    Raises UnknownCamera, also for the later of two releases at once.
    """
    camera = await queries.owned_camera(db, owner_id, camera_id)
    if not await queries.end_ownership(db, camera.ownership.id, now):
        raise UnknownCamera
    await queries.forget_town(db, camera_id)
    await note(
        db,
        id=ids.new("evt"),
        account_id=owner_id,
        kind=EventKind.CAMERA_RELEASED,
        at=now,
        seen=seen,
        about=camera.ownership.name,
    )
    db.announce(pack_ending(CameraChangedHands(camera_id)))  # whoever watches is cut off
