"""A new version of the master key: made, then put around every subject key, while we serve.

What is sealed isn't touched; only the keys' wrapping changes. Each batch is a unit of work. If it
is broken off, the keys are under old and new versions, both of which the file holds, and the next
run goes on where this one was.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final

from sqlmodel import col, func, select

from server.foundation.database import Database, Db
from server.foundation.vault.keys import KeyProvider, WrappedKey
from server.foundation.vault.subject_keys import MasterCheck, SubjectKey, remember

BATCH: Final = 200  # on SQLite nobody else writes meanwhile: some 20 ms


@dataclass(frozen=True, slots=True)
class Progress:
    """How many subject keys were wrapped anew by now, and how many wait."""

    done: int
    left: int


async def new_version(database: Database, keys: KeyProvider) -> int:
    """Make a version, unless the last one isn't around every key yet; the current one.

    Of two at once the second finds the first one's. Raises OSError where the file can't be written.
    """
    async with database.writing() as db:
        # one at a time, on PostgreSQL too
        await db.exec(select(MasterCheck).order_by(col(MasterCheck.name)).with_for_update())
        if not await _left(db, keys.current_version()):
            keys.add_version()
        await (await db.connection()).run_sync(remember, keys)
    return keys.current_version()


async def rewrap(
    database: Database, keys: KeyProvider, batch: int = BATCH
) -> AsyncGenerator[Progress]:
    """Wrap every subject key by the current version, a batch at each step.

    Raises CannotUnwrap or UnknownMasterVersion; what was done before that stays done.
    """
    version, done = keys.current_version(), 0
    while True:
        async with database.writing() as db:
            found = await db.exec(
                select(SubjectKey)
                .where(SubjectKey.master_version < version)
                .order_by(col(SubjectKey.id))
                .limit(batch)
                .with_for_update()
            )
            some = found.all()
            for row in some:
                old = WrappedKey(row.master_version, row.wrapped_key)
                new = keys.wrap(row.id, keys.unwrap(row.id, old))
                row.master_version, row.wrapped_key = new
            left = await _left(db, version)
        done += len(some)
        yield Progress(done, left)
        if not some:
            return


async def _left(db: Db, version: int) -> int:
    query = select(func.count()).select_from(SubjectKey)
    return (await db.exec(query.where(SubjectKey.master_version < version))).one()
