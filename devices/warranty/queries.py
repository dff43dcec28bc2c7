"""What is read of warranties, and the insert that only the first of several gets through."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import col, select

from devices.warranty.tables import Warranty
from server.foundation.database import Db


async def warranty_of(db: Db, device_id: str) -> Warranty | None:
    """The camera's warranty; None before the first activation.

    Asks nothing about the caller: whoever calls has found the camera by its owner, or has a case.
    """
    return await db.get(Warranty, device_id)


async def warranties_of(db: Db, device_ids: Sequence[str]) -> list[Warranty]:
    """The warranties that these cameras have."""
    return list(await db.exec(select(Warranty).where(col(Warranty.device_id).in_(device_ids))))


async def keep_first(db: Db, warranty: Warranty) -> bool:
    """Store it unless there is one; False where there is. Waits for another that is under way."""
    insert: Any = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgresql_insert
    row = await db.exec(
        insert(Warranty)
        .values(warranty.model_dump())
        .on_conflict_do_nothing(index_elements=["device_id"])
    )
    return row.rowcount == 1
