"""What is remembered of backups and of restores that were practised. Nothing about anybody."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import SQLModel

from server.foundation.columns import UtcMoment
from server.foundation.labels import days, plain
from server.foundation.table_labels import rows

RUNS_KEPT = days(3 * 366)  # as long as somebody may ask whether we practised


class BackupRun(SQLModel, table=True):
    """A backup that was made and read back, or a restore that was practised; or its failure."""

    __tablename__: ClassVar[Any] = "backup_run"
    __table_args__ = rows(counted_from=("at", "it was done"), keep=RUNS_KEPT)

    id: str = plain(primary_key=True, max_length=64)  # bkr_…
    kind: str = plain(max_length=16)  # backup, drill
    at: datetime = plain(sa_type=UtcMoment)
    whole: bool = plain()
    # of the backup that was made or restored; None where there was none
    backup_id: str | None = plain(max_length=64, default=None)
    made_at: datetime | None = plain(default=None, sa_type=UtcMoment)
