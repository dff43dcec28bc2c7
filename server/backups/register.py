"""What was done with backups, in a table, so that any process sees what is late."""

from datetime import datetime

from sqlmodel import col, func, select

from server.backups.records import Header
from server.backups.schedule_rules import Kind, Known
from server.backups.tables import BackupRun
from server.foundation.database import Database, Db
from server.foundation.ids import Ids


async def remember(
    database: Database, ids: Ids, kind: Kind, now: datetime, header: Header | None, *, whole: bool
) -> None:
    """Write down that a backup was made or a drill done, or that it failed."""
    async with database.writing() as db:
        db.add(
            BackupRun(
                id=ids.new("bkr"),
                kind=kind.value,
                at=now,
                whole=whole,
                backup_id=header.id if header else None,
                made_at=header.made_at if header else None,
            )
        )


async def known_runs(db: Db) -> dict[Kind, Known]:
    """The newest backup and drill, as `schedule_rules` has them."""
    return {kind: await _known(db, kind) for kind in Kind}


async def _known(db: Db, kind: Kind) -> Known:
    succeeded, failed = await _last(db, kind, whole=True), await _last(db, kind, whole=False)
    since = BackupRun.made_at if kind is Kind.BACKUP else BackupRun.at
    newest = select(func.max(since)).where(
        BackupRun.kind == kind.value, col(BackupRun.whole).is_(True)
    )
    return Known(
        (await db.exec(newest)).one(),
        failed is not None and (succeeded is None or failed > succeeded),
    )


async def _last(db: Db, kind: Kind, *, whole: bool) -> datetime | None:
    query = select(func.max(BackupRun.at))
    return (
        await db.exec(query.where(BackupRun.kind == kind.value, col(BackupRun.whole).is_(whole)))
    ).one()
