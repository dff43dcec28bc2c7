"""The audit: each look and act of our staff is an entry in one chain, beside the row itself.

Whoever writes such a row calls `enter` in the same unit of work. What is entered of it is said by
its table (`rows(audited=…)`): the plain fields that nobody ever changes. `audit_check.py` follows
the chain.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Final

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import SQLModel, select

from server.foundation.columns import UtcMoment
from server.foundation.database import Db
from server.foundation.labels import days, plain
from server.foundation.table_labels import row_label, rows
from server.security.audit_rules import BEGINNING, Entry, end_linked, fields_told, linked

AUDIT_KEPT: Final = days(3 * 366)  # as long as the rows themselves, from the same moment
END: Final = 0  # the number of the row that says where the chain ends
OF_END: Final = "end"
NO_LINKS: Final = dict.fromkeys(("digest", "before", "chain"), BEGINNING)


class AuditEntry(SQLModel, table=True):
    """One look or act of our staff, as it was when it was written.

    Number 0 is the chain's end: `row_id` is the number of the newest entry, `before` its link. So
    entries that are cut off at the end are missed.
    """

    __tablename__: ClassVar[Any] = "audit_entry"
    __table_args__ = (
        UniqueConstraint("of_table", "row_id", name="uq_audit_entry_of_table_row_id"),
        rows(counted_from=("at", "it was written"), keep=AUDIT_KEPT),
    )

    number: int = plain(primary_key=True)  # from 1, over all tables
    of_table: str = plain(max_length=32)
    row_id: str = plain(max_length=64)
    at: datetime = plain(sa_type=UtcMoment, index=True)  # the row's own
    row_ends_at: datetime | None = plain(default=None, sa_type=UtcMoment)
    digest: bytes = plain(sa_type=LargeBinary)
    before: bytes = plain(sa_type=LargeBinary)
    before_at: datetime | None = plain(default=None, sa_type=UtcMoment)
    chain: bytes = plain(sa_type=LargeBinary)


async def enter(db: Db, row: SQLModel, row_ends_at: datetime | None = None) -> None:
    """Enter a row that was just written into the audit. It leaves with the commit of `db`, too.

    Call it last: from here to the commit nobody else enters anything, and whoever waited for
    something else meanwhile could wait for us. `row_ends_at`: where something that the row belongs
    to takes it along before its own term is over.
    """
    await db.flush()
    table = SQLModel.metadata.tables[str(type(row).__tablename__)]
    fields = {name: getattr(row, name) for name in row_label(table).audited}
    at, row_id = fields["at"], fields["id"]
    end = await _end(db, at)
    number = int(end.row_id) + 1
    before_at = end.at if number > 1 else None
    digest = digest_of(db, table.name, fields.values())
    entry = Entry(number, table.name, row_id, at, row_ends_at, digest, end.before, before_at)
    chain = db.index(AuditEntry.chain, *linked(entry))
    db.add(AuditEntry(**entry._asdict(), chain=chain))
    end.row_id, end.at, end.before = str(number), at, chain
    end.chain = db.index(AuditEntry.chain, *end_linked(number, at, chain))
    await db.flush()


def digest_of(db: Db, table: str, fields: Iterable[Any]) -> bytes:
    """The keyed hash over the audited fields of a row."""
    return db.index(AuditEntry.digest, table, *fields_told(fields))


async def _end(db: Db, at: datetime) -> AuditEntry:
    """The chain's end, ours until the commit. The first one who writes makes it."""
    query = select(AuditEntry).where(AuditEntry.number == END).with_for_update()
    if (end := (await db.exec(query)).one_or_none()) is None:
        connection = await db.connection()
        insert: Any = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
        empty = {"number": END, "of_table": OF_END, "row_id": "0", "at": at} | NO_LINKS
        made = insert(AuditEntry).values(**empty)
        await connection.execute(made.on_conflict_do_nothing(index_elements=["number"]))
        end = (await db.exec(query)).one()
    return end
