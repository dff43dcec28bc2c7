"""What closes the end of the service: a signed report of what was erased, and of what is left.

What is left is looked for in every table, by the labels. There is no report as long as something
is there that no law keeps, or that has no last day yet.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Column, Table, func, select, update
from sqlmodel import SQLModel, col
from sqlmodel import select as select_rows

from server.foundation.database import Db
from server.foundation.labels import AfterAccountEnds, OnErasure, Personal, Why
from server.foundation.settings import Settings
from server.foundation.table_labels import row_label
from server.privacy.cases.tables import PrivacyCase
from server.privacy.data_map import personal_columns
from server.privacy.erasure.counting import Counted
from server.privacy.erasure.erasure_rules import GROUNDS
from server.privacy.erasure.hold_rules import Hold, last_day
from server.privacy.erasure.tables import Erasure, LockedData
from server.privacy.subject_paths import SUBJECT
from server.privacy.winding_down.tables import EndOfService

KIND: Final = "end-of-service-report"
SCHEMA: Final = "secuhome end of service 1"
# Of the staff, who work on until all is done; and keys, which end with what they seal.
NOT_OF_USERS: Final = frozenset({"staff_member", "staff_session", "subject_key"})


@dataclass(frozen=True, slots=True)
class Left:
    """Values that are left: of which category, by which law, and until which day."""

    category: str
    law: str
    count: int
    until: date


class StillThere(Exception):  # noqa: N818 - says what was found
    """Something is left that no law keeps, or without a last day. The message names the column."""


async def what_is_left(db: Db) -> list[Left]:
    """All that is left of the users, with its law and its last day. Raises StillThere."""
    left: list[Left] = []
    for table in SQLModel.metadata.sorted_tables:
        if table.name in NOT_OF_USERS or table.name == LockedData.__tablename__:
            continue
        for column, label in personal_columns(table):
            if count := await _count(db, column):
                left.append(await _kept(db, table, column, label, count))
    for it in await db.exec(select_rows(LockedData)):
        day = last_day(Hold(str(it.law), it.until))
        left.append(Left(it.category, str(it.law), it.count, day))
    return _together(left)


async def blank_the_rest(db: Db) -> None:
    """End what erasure blanks where it is nobody's: contacts of those who asked without an account.

    Everybody is erased, so what is there is theirs. A request that is open keeps it: its answer is
    owed. Raises StillThere.
    """
    open_ones = select_rows(func.count()).where(col(PrivacyCase.closed_at).is_(None))
    if (await db.exec(open_ones)).one():
        raise StillThere("privacy_case.closed_at")
    for table in SQLModel.metadata.sorted_tables:
        for column, label in personal_columns(table) if table.name not in NOT_OF_USERS else ():
            if label.on_erasure is OnErasure.BLANK:
                await db.exec(update(table).values({str(column.name): None}))


async def members_of(
    db: Db, end: EndOfService, closed_at: datetime, settings: Settings
) -> dict[str, Any]:
    """The members of the report. Raises StillThere."""
    left, (accounts, erased) = await what_is_left(db), await _erased(db, end)
    told: dict[str, Any] = msgspec.to_builtins(
        {
            "schema_version": SCHEMA,
            "issuer": settings.public_url,
            "begun_at": end.begun_at,
            "erases_on": end.erases_on,
            "closed_at": closed_at,
            "reason": end.reason,
            "told": {"letter": end.by_letter, "announcement": end.by_announcement},
            "accounts_erased": accounts,
            "destroyed": [
                {"category": name, "count": count} for name, count in sorted(erased.items())
            ],
            "kept": [
                {"category": it.category, "law": it.law, "count": it.count, "until": it.until}
                for it in left
            ],
        }
    )
    return told


async def _count(db: Db, column: Column[Any]) -> int:
    query = select(func.count()).select_from(column.table).where(column.is_not(None))
    return (await (await db.connection()).execute(query)).scalar_one()


async def _kept(db: Db, table: Table, column: Column[Any], label: Personal, count: int) -> Left:
    if label.on_erasure is not OnErasure.KEEP or label.why not in GROUNDS or label.why is Why.LAW:
        raise StillThere(str(column))
    match label.keep:
        case AfterAccountEnds(further):
            newest, term = await _newest(db, SQLModel.metadata.tables[SUBJECT].c.ended_at), further
        case timedelta() as term:
            newest = await _newest(db, table.c[row_label(table).counted_from or ""])
        case _:
            raise StillThere(str(column))
    if newest is None:
        raise StillThere(str(column))
    return Left(label.category, GROUNDS[label.why], count, (newest + term).date())


async def _newest(db: Db, moment: Column[Any]) -> datetime | None:
    """The latest of these moments; None where one is still to come."""
    query = select(func.max(moment), func.count() - func.count(moment)).select_from(moment.table)
    newest, missing = (await (await db.connection()).execute(query)).one()
    return None if missing else newest


async def _erased(db: Db, end: EndOfService) -> tuple[int, Counter[str]]:
    """How many accounts were erased since the end began, and how many values of each category."""
    erased: Counter[str] = Counter()
    query = select_rows(Erasure.counted).where(col(Erasure.finished_at) >= end.begun_at)
    told = (await db.exec(query)).all()
    for text in told:
        for it in Counted.read(text).destroyed:
            erased[it.category] += it.count
    return len(told), erased


def _together(left: list[Left]) -> list[Left]:
    found: dict[tuple[str, str, date], int] = {}
    for it in left:
        key = it.category, it.law, it.until
        found[key] = found.get(key, 0) + it.count
    return [Left(*key[:2], count, key[2]) for key, count in sorted(found.items())]
