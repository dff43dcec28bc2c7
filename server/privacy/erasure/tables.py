"""What is stored of an erasure: the work itself, and the mark that stays."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import SQLModel

from server.accounts.tables import END_KEPT
from server.foundation.columns import UtcMoment
from server.foundation.labels import OnErasure, Why, days, link, personal, plain
from server.foundation.table_labels import rows
from server.privacy.erasure.hold_rules import OF_HOLDS

UNFINISHED = text("finished_at IS NULL")
HOLD_KEPT = days(366)  # since its end: who set it is asked about it for so long
# No backup may be kept for longer: what was erased would come back with it unnoticed.
TOMBSTONES_KEPT = days(10 * 366)
ENDS_KEPT = days(3 * 366)  # who decided it is asked about it for so long


class Erasure(SQLModel, table=True):
    """The erasing of your account: asked for, under way, or done, with its certificate."""

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
    held_until: datetime | None = plain(default=None, sa_type=UtcMoment)  # what a law keeps, locked
    finished_at: datetime | None = plain(default=None, sa_type=UtcMoment)


class LegalHold(SQLModel, table=True):
    """A law or a court makes us keep one kind of your data until a day."""

    __tablename__: ClassVar[Any] = "legal_hold"
    __table_args__ = (
        UniqueConstraint("account_id", "category", name="uq_legal_hold_account_id_category"),
        rows(counted_from=("until", "the hold ends")),
    )

    id: str = plain(primary_key=True, max_length=64)  # hld_…
    account_id: str = link("account.id", on_erasure=OnErasure.DELETE, index=True, max_length=64)
    category: str = personal(
        OF_HOLDS,
        why=Why.EVIDENCE,
        keep=HOLD_KEPT,
        on_erasure=OnErasure.DELETE,
        plain_because="words of our own labels, by which rows are selected",
        max_length=128,
    )
    ground: str = personal(
        OF_HOLDS,
        why=Why.EVIDENCE,
        keep=HOLD_KEPT,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
    )
    until: datetime = personal(
        OF_HOLDS,
        why=Why.EVIDENCE,
        keep=HOLD_KEPT,
        on_erasure=OnErasure.DELETE,
        sa_type=UtcMoment,
    )
    owed: str | None = plain(default=None, sa_type=Text)  # columns to end when it is over


def _locked(**field: Any) -> Any:
    return personal(
        "what only a law keeps", why=Why.LAW, keep=days(0), on_erasure=OnErasure.KEEP, **field
    )


class LockedData(SQLModel, table=True):
    """What only a law makes us keep of you: sealed by itself, and gone after its last day."""

    __tablename__: ClassVar[Any] = "locked_data"
    __table_args__ = rows(counted_from=("until", "its last day is over"))

    id: str = plain(primary_key=True, max_length=64)  # lkd_…; its key bears this name
    # None: the row that it comes from says by others whose it is.
    account_id: str | None = link(
        "account.id", on_erasure=OnErasure.KEEP, default=None, index=True, max_length=64
    )
    category: str = _locked(
        plain_because="words of our own labels, by which rows are selected", max_length=128
    )
    fields: str = plain(sa_type=Text)  # `table.column`, with spaces between
    count: int = plain()  # of values
    law: str = _locked(sealed_for="id")
    until: datetime = _locked(sa_type=UtcMoment)
    content: bytes = _locked(
        sa_type=LargeBinary,
        plain_because="sealed already, by locking.py, with its law bound to it",
        told_as="Sealed for the law that is named; opened for nothing else.",
    )


class Tombstone(SQLModel, table=True):
    """An account that was erased: if it is there again, it came from a backup.

    Nothing but the account's random id, and in words what was kept of it and until when.
    """

    __tablename__: ClassVar[Any] = "tombstone"
    __table_args__ = rows(counted_from=("ended_at", "the account ended"), keep=TOMBSTONES_KEPT)

    account_id: str = plain(primary_key=True, max_length=64)
    ended_at: datetime = plain(sa_type=UtcMoment)
    kept: str = plain(default="[]", sa_type=Text)


class AreaEnd(SQLModel, table=True):
    """Somebody of us proposes to end all accounts of a country, or all, and another one agrees."""

    __tablename__: ClassVar[Any] = "area_end"
    __table_args__ = rows(counted_from=("proposed_at", "it was proposed"), keep=ENDS_KEPT)

    id: str = plain(primary_key=True, max_length=64)  # aen_…
    country: str | None = plain(max_length=2)  # None: the whole service closes
    erases_on: date | None = plain(default=None)  # then: the day on which all is erased
    reason: str = plain(max_length=500)  # a sentence to all of them, and about nobody
    accounts: int = plain()  # how many there were when it was proposed
    proposed_by: str = plain(foreign_key="staff_member.id", max_length=64)
    proposed_at: datetime = plain(sa_type=UtcMoment)
    confirmed_by: str | None = plain(foreign_key="staff_member.id", max_length=64, default=None)
    confirmed_at: datetime | None = plain(default=None, sa_type=UtcMoment)
