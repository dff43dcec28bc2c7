"""What is stored of an erasure: the work itself, and the mark that stays."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, Text, text
from sqlmodel import SQLModel

from server.accounts.tables import END_KEPT
from server.foundation.columns import UtcMoment
from server.foundation.labels import OnErasure, Why, days, link, personal, plain
from server.foundation.table_labels import rows

UNFINISHED = text("finished_at IS NULL")
# No backup may be kept for longer: what was erased would come back with it unnoticed.
TOMBSTONES_KEPT = days(10 * 366)


class Erasure(SQLModel, table=True):
    """The erasing of an account: asked for, under way, or done. Its certificate is in here."""

    __tablename__: ClassVar[Any] = "erasure"
    __table_args__ = (
        # Of two that ask at the same moment the database lets one through.
        Index(
            "ux_erasure_unfinished",
            "account_id",
            unique=True,
            sqlite_where=UNFINISHED,
            postgresql_where=UNFINISHED,
        ),
    )

    id: str = plain(primary_key=True, max_length=64)  # era_…; opens the certificate
    account_id: str = link("account.id", on_erasure=OnErasure.KEEP, index=True, max_length=64)
    asked_at: datetime = personal(
        "account use",
        why=Why.EVIDENCE,
        keep=END_KEPT,
        on_erasure=OnErasure.KEEP,
        sa_type=UtcMoment,
    )
    starts_at: datetime = plain(sa_type=UtcMoment)
    due_on: date = plain()
    next_step: str = plain(max_length=16)
    counted: str = plain(sa_type=Text)  # JSON: categories, tables, numbers
    certificate: str | None = plain(default=None, sa_type=Text)
    finished_at: datetime | None = plain(default=None, sa_type=UtcMoment)


class Tombstone(SQLModel, table=True):
    """An account that was erased: if it is there again, it came from a backup.

    Nothing but the account's random id, and in words what was kept of it and until when.
    """

    __tablename__: ClassVar[Any] = "tombstone"
    __table_args__ = rows(counted_from=("ended_at", "the account ended"), keep=TOMBSTONES_KEPT)

    account_id: str = plain(primary_key=True, max_length=64)
    ended_at: datetime = plain(sa_type=UtcMoment)
    kept: str = plain(default="[]", sa_type=Text)
