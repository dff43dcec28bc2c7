"""Whether the audit is the one that was written: its chain, and each row that it speaks of.

A row that was changed, put in, taken out or exchanged with another is found, and so is an entry,
at the end as well. What is found is named by table and id, and the number of its entry.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Table, select
from sqlmodel import SQLModel, col

from server.foundation.database import Database, Db
from server.foundation.table_labels import row_label
from server.security.audit import AUDIT_KEPT, END, AuditEntry, digest_of
from server.security.audit_rules import Entry, end_linked, follows, linked, row_may_be_gone

AT_ONCE: Final = 500  # entries in memory, and ids of one IN
CHANGED: Final = "is not as it was written"
Links = tuple[tuple[Entry, bytes], ...]


@dataclass(frozen=True, slots=True)
class CheckedAudit:
    """How many entries there are, and what doesn't fit, each in words with its place."""

    entries: int
    broken: tuple[str, ...]


async def check_audit(database: Database, now: datetime) -> CheckedAudit:
    """Follow the chain from its oldest entry, in one state of the database."""
    tables = {it.name: it for it in SQLModel.metadata.sorted_tables if row_label(it).audited}
    entries, broken = 0, list[str]()
    before: tuple[int, bytes] | None = None
    async with database.reading() as db:
        async for some in _entries(db):
            values = await _values(db, tables, some)
            for entry, chain in some:
                entries += 1
                if not follows(entry, before, AUDIT_KEPT, now):
                    broken.append(f"what stood before entry {entry.number} is gone")
                row = values.get((entry.of_table, entry.row_id))
                if why := _why(db, entry, chain, row, now):
                    broken.append(f"{entry.of_table} {entry.row_id} {why} (entry {entry.number})")
                before = entry.number, chain
        broken += await _at_the_end(db, before)
        for table in tables.values():
            async for row_id in _not_entered(db, table, now):
                broken.append(f"{table.name} {row_id} was never entered")
    return CheckedAudit(entries, tuple(broken))


def _why(
    db: Db, entry: Entry, chain: bytes, row: tuple[Any, ...] | None, now: datetime
) -> str | None:
    """What is wrong with an entry and its row; None if nothing is."""
    if not compare_digest(chain, db.index(AuditEntry.chain, *linked(entry))):
        return CHANGED
    if row is None:
        return None if row_may_be_gone(entry, AUDIT_KEPT, now) else "is gone"
    return None if compare_digest(entry.digest, digest_of(db, entry.of_table, row)) else CHANGED


async def _at_the_end(db: Db, last: tuple[int, bytes] | None) -> list[str]:
    end = await db.get(AuditEntry, END)
    if end is None:
        return [] if last is None else ["the chain's end is gone"]
    number = int(end.row_id)
    if not compare_digest(
        end.chain, db.index(AuditEntry.chain, *end_linked(number, end.at, end.before))
    ):
        return ["the chain's end is not as it was written"]
    if last != (number, end.before):
        return [f"entries are gone at the end, up to {number}"]
    return []


async def _entries(db: Db) -> AsyncIterator[Links]:
    columns = [getattr(AuditEntry, name) for name in Entry._fields]
    after = END
    while True:
        query = select(*columns, col(AuditEntry.chain)).where(col(AuditEntry.number) > after)
        query = query.order_by(col(AuditEntry.number)).limit(AT_ONCE)
        found = (await (await db.connection()).execute(query)).all()
        yield tuple((Entry(*fields), chain) for *fields, chain in found)
        if len(found) < AT_ONCE:
            return
        after = found[-1].number


async def _values(
    db: Db, tables: dict[str, Table], some: Links
) -> dict[tuple[str, str], tuple[Any, ...]]:
    """The audited fields of the rows that these entries speak of."""
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    by_table = sorted((entry.of_table, entry.row_id) for entry, _ in some)
    for name, ids in groupby(by_table, key=lambda it: it[0]):
        if (table := tables.get(name)) is None:
            continue
        columns = [table.c[it] for it in row_label(table).audited]
        query = select(*columns).where(columns[0].in_([row_id for _, row_id in ids]))
        for row in (await (await db.connection()).execute(query)).all():
            found[name, row[0]] = tuple(row)
    return found


async def _not_entered(db: Db, table: Table, now: datetime) -> AsyncIterator[str]:
    """Rows that the audit doesn't know, but for those that are over (a hold may keep them)."""
    entry = AuditEntry
    known = select(col(entry.row_id)).where(col(entry.of_table) == table.name)
    query = select(table.c.id).where(table.c.id.not_in(known), table.c.at > now - AUDIT_KEPT)
    for row in (await (await db.connection()).execute(query.order_by(table.c.id))).all():
        yield row.id
