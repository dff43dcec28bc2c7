"""Whether the history of choices is the one that was written: every chain, from its start.

A row that was changed, put in, taken out of the middle or moved to another account is found. What
was cut off at a chain's end is not: the person's own signed receipt names the number of its row.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from server.foundation.database import Database, Db
from server.privacy.consent_rules import Link, linked
from server.privacy.tables import Consent

AT_ONCE: Final = 1_000  # rows in memory; each a few hundred bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `broken` are rows that don't follow from the one before, one a chain."""

    rows: int
    broken: tuple[str, ...]


async def check_chains(database: Database, at_once: int = AT_ONCE) -> Checked:
    """Look at every row once, in one state of the database."""
    rows, broken = 0, list[str]()
    account, number, before = "", 0, None
    async with database.reading() as db:
        async for row, chain in _rows(db, at_once):
            rows += 1
            if row.account_id != account:
                account, number, before = row.account_id, 0, None
            if number is not None and not follows(db, row, chain, number, before):
                broken.append(row.id)
                number = None  # what follows a broken row proves nothing
            elif number is not None:
                number, before = row.number, chain
    return Checked(rows, tuple(broken))


def follows(db: Db, row: Link, chain: bytes, number: int, before: bytes | None) -> bool:
    """Whether a row, with its hash, comes next after the row `number` with the hash `before`."""
    expected = db.index(Consent.chain, *linked(row, before))
    return row.number == number + 1 and compare_digest(chain, expected)


async def _rows(db: Db, at_once: int) -> AsyncIterator[tuple[Link, bytes]]:
    """All rows by account and number, read by key in batches: the receipts stay sealed."""
    columns = [getattr(Consent, name) for name in Link._fields]
    after = ("", 0)
    while True:
        query = (
            select(*columns, col(Consent.chain))
            .where(
                (col(Consent.account_id) > after[0])
                | ((col(Consent.account_id) == after[0]) & (col(Consent.number) > after[1]))
            )
            .order_by(col(Consent.account_id), col(Consent.number))
            .limit(at_once)
        )
        found = (await (await db.connection()).execute(query)).all()
        for *fields, chain in found:
            yield Link(*fields), chain
        if len(found) < at_once:
            return
        after = (found[-1].account_id, found[-1].number)
