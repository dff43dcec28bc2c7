"""What the registry reads and how it changes rows. A read starts from who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, select

from devices.registry.call_rules import Owned
from devices.registry.errors import UnknownCamera
from devices.registry.product_rules import is_serial
from devices.registry.tables import CameraTown, Device, Ownership
from server.foundation.database import Db
from server.foundation.purposes import Granted, Purpose


@dataclass(frozen=True, slots=True)
class OwnedCamera:
    """A camera, and what makes it somebody's at present."""

    device: Device
    ownership: Ownership


async def owned_camera(db: Db, owner_id: str, camera_id: str) -> OwnedCamera:
    """The owner's camera. Raises UnknownCamera, for a stranger's camera too."""
    rows = await db.exec(
        select(Device, Ownership)
        .join(Ownership, col(Ownership.camera_id) == col(Device.id))
        .where(
            Ownership.account_id == owner_id,
            Device.id == camera_id,
            col(Ownership.until).is_(None),
        )
    )
    if (found := rows.one_or_none()) is None:
        raise UnknownCamera
    return OwnedCamera(*found)


async def cameras_of(db: Db, owner_id: str) -> list[OwnedCamera]:
    """The owner's cameras, the one that was paired first at the front."""
    rows = await db.exec(
        select(Device, Ownership)
        .join(Ownership, col(Ownership.camera_id) == col(Device.id))
        .where(Ownership.account_id == owner_id, col(Ownership.until).is_(None))
        .order_by(col(Ownership.since), col(Ownership.id))
    )
    return [OwnedCamera(*found) for found in rows]


async def towns_of(db: Db, granted: Granted) -> dict[str, str]:
    """The towns of this owner's cameras, by camera; none while that purpose is off."""
    if not granted.shows(Purpose.CAMERA_TOWN):
        return {}
    rows = await db.exec(select(CameraTown).where(CameraTown.account_id == granted.subject))
    return {row.camera_id: row.town_noted for row in rows}


async def forget_town(db: Db, camera_id: str) -> None:
    """Nobody knows any more where the camera is."""
    await db.exec(delete(CameraTown).where(col(CameraTown.camera_id) == camera_id))


async def ownership_in_force(db: Db, camera_id: str) -> Ownership | None:
    """Whose the camera is now; None for nobody's. For pairing and for staff look-ups."""
    rows = await db.exec(
        select(Ownership).where(Ownership.camera_id == camera_id, col(Ownership.until).is_(None))
    )
    return rows.one_or_none()


async def owned(db: Db, camera_id: str) -> Owned | None:
    """The same, as far as the call rules want to know. Opens nothing that is sealed."""
    rows = await db.exec(
        select(Ownership.account_id, Ownership.since).where(
            Ownership.camera_id == camera_id, col(Ownership.until).is_(None)
        )
    )
    found = rows.one_or_none()
    return Owned(*found) if found else None


async def device_with_id(db: Db, device_id: str) -> Device | None:
    """The device itself, without any owner; None if there is none."""
    return await db.get(Device, device_id)


async def device_with_serial(db: Db, serial: str) -> Device | None:
    """The device of that serial; None if the factory never told of it. Not for owners."""
    if not is_serial(serial):
        return None
    rows = await db.exec(select(Device).where(Device.serial == serial))
    return rows.one_or_none()


async def next_epoch(db: Db, camera_id: str) -> int:
    """Count one more pairing of the camera. Holds the row until the unit of work ends."""
    row = await db.exec(
        update(Device)
        .where(col(Device.id) == camera_id)
        .values(epoch=Device.epoch + 1)
        .returning(col(Device.epoch))
    )
    return row.scalar_one()


async def let_all_go(db: Db, owner_id: str, now: datetime) -> None:
    """End every ownership of an account that ends."""
    await db.exec(
        update(Ownership)
        .where(col(Ownership.account_id) == owner_id, col(Ownership.until).is_(None))
        .values(until=now)
    )


async def cameras_let_go(db: Db, owner_id: str, at: datetime) -> Sequence[str]:
    """The cameras whose ownerships ended in this very moment."""
    query = select(Ownership.camera_id).where(
        Ownership.account_id == owner_id, Ownership.until == at
    )
    return (await db.exec(query)).all()


async def end_ownership(db: Db, ownership_id: str, now: datetime) -> bool:
    """End it; False where somebody was faster."""
    row = await db.exec(
        update(Ownership)
        .where(col(Ownership.id) == ownership_id, col(Ownership.until).is_(None))
        .values(until=now)
    )
    return row.rowcount == 1
