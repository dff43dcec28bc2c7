"""A restore is practised: the backup becomes a database of its own, which is looked at and deleted.

The database is SQLite's, whatever the server's is: a backup is the same for both. It lies in the
data folder for as long as the drill takes, for its owner's eyes only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlmodel import col, select

from server.backups.reading_back import read_back
from server.backups.records import Header
from server.backups.register import remember
from server.backups.restoring import Restored, restore
from server.backups.schedule_rules import Kind
from server.foundation.database import Database
from server.foundation.ids import Ids
from server.foundation.settings import Settings
from server.foundation.vault.checking import check
from server.foundation.vault.keyring import Vault
from server.foundation.vault.subject_keys import SubjectKey
from server.migrations.known_tables import METADATA
from server.privacy.chain_check import check_chains
from server.security.audit_check import check_audit

AT_ONCE: Final = 500  # ids of one IN


@dataclass(frozen=True, slots=True)
class Drilled:
    """What came back, and what was wrong with it; nothing if it could be served."""

    restored: Restored
    faults: tuple[str, ...]


async def practise(
    database: Database, vault: Vault, settings: Settings, path: Path, gone: Mapping[str, datetime]
) -> Drilled:
    """Do a drill, and remember in `database`, the server's own, whether it succeeded.

    Raises BackupRefused for a backup that no restore would take; that is remembered too.
    """
    cell, ids = settings.cell, Ids(settings.cell, vault.clock)
    header: Header | None = None
    whole = False
    try:
        header = read_back(path, vault.keys, cell)
        done = await drill(settings.data_dir, vault, cell, path, gone)
        whole = not done.faults
    finally:
        now = vault.clock.now()
        await remember(database, ids, Kind.DRILL, now, header, whole=whole)
    return done


async def drill(
    folder: Path, vault: Vault, cell: str, path: Path, gone: Mapping[str, datetime]
) -> Drilled:
    """Restore a backup into a database that is thrown away, and look at all of it.

    `gone` is whoever was erased, who must not come back. Raises what `restore` raises.
    """
    with TemporaryDirectory(prefix="drill-", dir=folder) as place:
        url = f"sqlite+aiosqlite:///{Path(place) / 'restored.sqlite'}"
        restored = await restore(url, vault, cell, path, gone)
        database = Database(url, vault)
        try:
            return Drilled(restored, await _faults(database, vault, gone))
        finally:
            await database.close()


async def _faults(
    database: Database, vault: Vault, gone: Mapping[str, datetime]
) -> tuple[str, ...]:
    faults = [
        f"{it.broken} values of {it.table}.{it.column} don't open"
        async for it in check(database, vault, METADATA.sorted_tables)
        if it.broken
    ]
    chains = await check_chains(database)
    faults += [f"the chain breaks at {it}" for it in chains.broken[:1]]
    audit = await check_audit(database, vault.clock.now())
    faults += [f"audit: {it}" for it in audit.broken[:1]]
    if await _came_back(database, list(gone)):
        faults.append("somebody who was erased has come back")
    return tuple(faults)


async def _came_back(database: Database, gone: list[str]) -> bool:
    async with database.reading() as db:
        for start in range(0, len(gone), AT_ONCE):
            some = col(SubjectKey.id).in_(gone[start : start + AT_ONCE])
            if (await db.exec(select(SubjectKey.id).where(some).limit(1))).first() is not None:
                return True
    return False
