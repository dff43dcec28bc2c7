"""A warranty is activated once, by whoever first asks for it, and is then only read."""

from collections.abc import Sequence
from datetime import datetime

from devices.pairing.queries import first_use
from devices.registry.coverage_port import WarrantyOut
from devices.registry.queries import owned_camera
from devices.registry.tables import Device
from devices.warranty import coverage_rules, queries
from devices.warranty.coverage_rules import State, Term
from devices.warranty.errors import NoWarrantyTerm, WarrantyBeforeManufacture
from devices.warranty.tables import KEPT, Warranty
from server.foundation.database import Db
from server.foundation.ids import Ids
from server.security.events import EventKind, note
from server.security.sightings import Seen


async def activate(
    db: Db, ids: Ids, seen: Seen, owner_id: str, camera_id: str, now: datetime
) -> WarrantyOut:
    """Activate a camera's warranty; one that is activated stays as it is.

    The region is that of the first use, coarsely known, else that where the camera was sold.
    Raises UnknownCamera, WarrantyBeforeManufacture, NoWarrantyTerm.
    """
    camera = await owned_camera(db, owner_id, camera_id)
    if camera.device.imported_at + KEPT <= now and not await queries.warranty_of(db, camera_id):
        raise NoWarrantyTerm  # it may have had its one term, and that may be forgotten by now
    use = await first_use(db, owner_id, camera_id)
    region = (use and use.country) or camera.device.region
    fresh = _first_day(camera.device, region, now)
    if await queries.keep_first(db, fresh):
        await note(
            db,
            id=ids.new("evt"),
            account_id=owner_id,
            kind=EventKind.WARRANTY_ACTIVATED,
            at=now,
            seen=seen,
            about=camera.ownership.name,
        )
    return await coverage_of(db, camera.device, now)


async def coverage_of(db: Db, device: Device, now: datetime) -> WarrantyOut:
    """How a camera is covered at `now`, activated or not."""
    return shown(await queries.warranty_of(db, device.id), device, now)


def shown(warranty: Warranty | None, device: Device, now: datetime) -> WarrantyOut:
    """A warranty on the wire."""
    if warranty is None:
        return WarrantyOut(
            state=State.NOT_ACTIVATED.value, region=device.region, model=device.model
        )
    return _shown(warranty, now)


def _shown(warranty: Warranty, now: datetime) -> WarrantyOut:
    term = Term(warranty.starts_on, warranty.ends_on)
    return WarrantyOut(
        state=coverage_rules.state_of(term, now).value,
        starts_on=warranty.starts_on,
        ends_on=warranty.ends_on,
        region=warranty.region,
        model=warranty.model,
        activated_at=warranty.activated_at,
    )


def _first_day(device: Device, region: str, now: datetime) -> Warranty:
    try:
        term = coverage_rules.term_of(region, device.model, now, device.imported_at)
    except coverage_rules.BeforeManufacture:
        raise WarrantyBeforeManufacture from None
    except coverage_rules.UnknownModel:
        raise NoWarrantyTerm from None
    return Warranty(
        device_id=device.id,
        model=device.model,
        region=region,
        activated_at=now,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
    )


class WarrantyDesk:
    """Implements `devices.registry.coverage_port.Coverage` for the list of cameras."""

    async def of(self, db: Db, camera_ids: Sequence[str], now: datetime) -> dict[str, WarrantyOut]:
        """The warranties that these cameras have activated, by camera."""
        warranties = await queries.warranties_of(db, camera_ids)
        return {warranty.device_id: _shown(warranty, now) for warranty in warranties}
