"""What is held of an account for each purpose, and which choices prove it. Read from the labels."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlmodel import col

from server.foundation.database import Db
from server.foundation.table_labels import row_label
from server.privacy.chain_check import follows
from server.privacy.consent_rules import Link
from server.privacy.deletion_work import Part, free_of_holds, parts_where
from server.privacy.exceptions.queries import in_force
from server.privacy.findings.finding_rules import DataFinding, Holding, judged
from server.privacy.purposes import PURPOSES, DeclaredPurpose
from server.privacy.subject_paths import rows_about
from server.privacy.tables import Consent


async def data_findings(db: Db, account_id: str, now: datetime) -> tuple[DataFinding, ...]:
    """What is held for each purpose, and on which basis. What a legal hold keeps is left aside."""
    choices: defaultdict[str, list[Link]] = defaultdict(list)
    for it in await proven_choices(db, account_id):
        choices[it.purpose].append(it)
    held = [await _held_for(db, account_id, it, now) for it in PURPOSES]
    excepted = await in_force(db, account_id, now)
    return tuple(
        judged(it, choices[it.purpose.code], excepted=it.purpose.code in excepted)
        for it in held
        if it.values
    )


async def proven_choices(db: Db, account_id: str) -> Sequence[Link]:
    """The account's choices, oldest first, up to a row that doesn't follow from those before it.

    What was written past us is no proof of anything.
    """
    columns = [getattr(Consent, name) for name in Link._fields]
    query = (
        select(*columns, col(Consent.chain))
        .where(col(Consent.account_id) == account_id)
        .order_by(col(Consent.number))
    )
    proven, before = list[Link](), None
    for *fields, chain in (await (await db.connection()).execute(query)).all():
        row = Link(*fields)
        if not follows(db, row, chain, len(proven), before):
            break
        proven.append(row)
        before = chain
    return proven


async def _held_for(db: Db, account_id: str, purpose: DeclaredPurpose, now: datetime) -> Holding:
    values, moments = Counter[str](), list[datetime]()
    for part in parts_where(lambda _, label: label.why in purpose.covers):
        number, oldest = await _number_and_oldest(db, account_id, part, now)
        values[part.category] += number
        moments += [oldest] if oldest else []
    return Holding(purpose, +values, min(moments, default=None))


async def _number_and_oldest(
    db: Db, account_id: str, part: Part, now: datetime
) -> tuple[int, datetime | None]:
    moment = row_label(part.table).counted_from
    query = (
        select(
            *(func.count(column) for column in part.columns),
            *([func.min(part.table.c[moment])] if moment else []),
        )
        .select_from(part.table)
        .where(
            free_of_holds(part, rows_about(part.table, account_id), now),
            or_(*(column.is_not(None) for column in part.columns)),
        )
    )
    found = list((await (await db.connection()).execute(query)).one())
    oldest = found.pop() if moment else None
    return sum(found), oldest if isinstance(oldest, datetime) else None
