"""A database with something in each column of each table, and what can be said of its rows."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import LargeBinary, Table, insert, inspect, select, type_coerce

from devices.registry.tables import Device, UsedAssertion
from server.backups.backing_up import Made, back_up
from server.backups.restoring import Restored, restore
from server.foundation.database import Database
from server.foundation.vault.keyring import Vault
from server.foundation.vault.sealed_text import Sealed
from server.foundation.vault.subject_keys import MASTER_CHECK, SUBJECT_KEY
from server.migrations.known_tables import METADATA
from server.migrations.migrate import migrate
from tests.movable_clock import MORNING
from tests.privacy.planted_rows import plant

CELL: Final = "eu1"
BEFORE: Final = MORNING - timedelta(days=1)  # a planted row is of MORNING
MANY: Final = 3_000  # some 400 KiB: several chunks


@asynccontextmanager
async def opened(url: str, vault: Vault) -> AsyncGenerator[Database]:
    """The database at this address, closed afterwards."""
    database = Database(url, vault)
    try:
        yield database
    finally:
        await database.close()


async def fill(url: str, vault: Vault) -> None:
    """Migrate, and plant a row or more into every table."""
    await migrate(url, vault.keys)
    async with opened(url, vault) as database, database.writing() as db:
        for table in METADATA.sorted_tables:
            if table not in (SUBJECT_KEY, MASTER_CHECK):  # the vault's own, filled by the others
                await plant(db, table)


async def fill_much(url: str, vault: Vault, many: int = MANY) -> None:
    """Migrate, and put in so many rows of one kind."""
    await migrate(url, vault.keys)
    async with opened(url, vault) as database, database.writing() as db:
        db.add(a_camera())
        await db.flush()
        rows = [
            {"device_id": "cam_1", "jti": f"{number:0100}", "expires_at": MORNING}
            for number in range(many)
        ]
        await (await db.connection()).execute(insert(UsedAssertion), rows)


def a_camera(id: str = "cam_1", epoch: int = 0, at: datetime = MORNING) -> Device:
    """A camera that nobody has."""
    return Device(
        id=id,
        serial=f"SN {id}",
        model="SH-C1",
        region="DE",
        public_key="{}",
        key_thumbprint=id,
        epoch=epoch,
        imported_at=at,
    )


async def backed_up(url: str, vault: Vault, path: Path, **how: Any) -> Made:
    """A backup of the database at this address."""
    async with opened(url, vault) as database:
        return await back_up(database, vault.keys, CELL, vault.clock, path, **how)


async def restored(url: str, vault: Vault, path: Path, *gone: str) -> Restored:
    """The backup, in the database at this address."""
    return await restore(url, vault, CELL, path, dict.fromkeys(gone, vault.clock.now()))


async def digests(url: str, vault: Vault) -> dict[str, str]:
    """For each table the number of its rows, and a hash over all that they hold."""
    async with opened(url, vault) as database, database.engine.connect() as connection:
        found: dict[str, str] = {}
        for table in METADATA.sorted_tables:
            rows = sorted(repr(tuple(row)) for row in await connection.execute(_all_of(table)))
            told = hashlib.sha256("\n".join(rows).encode()).hexdigest()
            found[table.name] = f"{len(rows)} {told}"
        return found


def _all_of(table: Table) -> Any:
    columns = (
        type_coerce(column, LargeBinary) if isinstance(column.type, Sealed) else column
        for column in table.columns
    )
    return select(*columns)


async def tables_at(url: str, vault: Vault) -> list[str]:
    """The tables that there are."""
    async with opened(url, vault) as database, database.engine.connect() as connection:
        return await connection.run_sync(lambda it: inspect(it).get_table_names())
