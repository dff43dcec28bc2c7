"""Taking in what the factory made: all of a file, or nothing of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from devices.registry.factory_records import (
    MOST_BYTES,
    FactoryFileRefused,
    FactoryRecord,
    read_records,
    refuse_difference,
    two_cameras_one_key,
)
from devices.registry.tables import Device
from server.foundation.clock import Clock
from server.foundation.database import Database, Db
from server.foundation.ids import Ids

AT_ONCE: Final = 500  # parameters of one IN; SQLite's least limit is 999


@dataclass(frozen=True, slots=True)
class Imported:
    """How many cameras a file brought, and how many of it were known."""

    new: int
    known: int


async def import_file(database: Database, ids: Ids, clock: Clock, path: Path) -> Imported:
    """Take in a factory file; the same file again changes nothing.

    Raises FactoryFileRefused, after which nothing of the file is stored, and OSError where the
    file can't be read.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)  # one more byte than is allowed tells enough
    records = read_records(content)
    try:
        async with database.writing() as db:
            return await import_records(db, ids, clock, records)
    except IntegrityError:  # what was checked before changed before we were done
        raise FactoryFileRefused(
            1, "file", "another import ran at the same time", "import this file again"
        ) from None


async def import_records(db: Db, ids: Ids, clock: Clock, records: list[FactoryRecord]) -> Imported:
    """Store the records that are new. Raises FactoryFileRefused."""
    new = 0
    for start in range(0, len(records), AT_ONCE):
        some = records[start : start + AT_ONCE]
        known = {
            device.serial: device
            for device in await db.exec(
                select(Device).where(col(Device.serial).in_([record.serial for record in some]))
            )
        }
        prints = [record.key.thumbprint() for record in some if record.serial not in known]
        taken = set(
            await db.exec(
                select(Device.key_thumbprint).where(col(Device.key_thumbprint).in_(prints))
            )
        )
        for record in some:
            if device := known.get(record.serial):
                refuse_difference(record, device.model, device.region, device.key_thumbprint)
            elif record.key.thumbprint() in taken:
                raise two_cameras_one_key(record)
            else:
                db.add(_device(ids, clock, record))
                new += 1
        await db.flush()
    return Imported(new=new, known=len(records) - new)


def _device(ids: Ids, clock: Clock, record: FactoryRecord) -> Device:
    return Device(
        id=ids.new("cam"),
        serial=record.serial,
        model=record.model,
        region=record.region,
        public_key=record.key.text(),
        key_thumbprint=record.key.thumbprint(),
        imported_at=clock.now(),
    )
