"""Values of one category, deleted upon a request: gathered, handled or used as they shouldn't be.

What an account or an answer can't do without is no such category: there the account is cancelled.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import and_
from sqlmodel import delete, update

from server.foundation.database import Db
from server.foundation.labels import OnErasure, Personal, Why
from server.privacy.data_map import personal_columns
from server.privacy.erasure.hold_rules import protected_by
from server.privacy.erasure.holds import not_held
from server.privacy.retention import with_children
from server.privacy.subject_paths import SubjectTable, all_about

CAN_GO: Final = frozenset(
    {
        Why.SECURITY,
        Why.COUNTRY_OF_USE,
        Why.TOWN_OF_USE,
        Why.VICINITY_OF_USE,
        Why.CAMERA_TOWN,
    }
)


def categories_that_can_go() -> frozenset[str]:
    """The categories that can be deleted without ending the account, by their labels."""
    labels: dict[str, list[Personal]] = {}
    for it in all_about():
        for _, label in personal_columns(it.table):
            labels.setdefault(label.category, []).append(label)
    return frozenset(
        category
        for category, those in labels.items()
        if all(it.why in CAN_GO and it.on_erasure is not OnErasure.KEEP for it in those)
    )


async def delete_categories(
    db: Db, account_id: str, categories: frozenset[str], now: datetime
) -> None:
    """Blank the account's values of these categories; a row that can't do without one goes.

    What a legal hold keeps stays.
    """
    for it in all_about():
        for category in sorted(categories):
            await _delete(db, it, account_id, category, now)


async def _delete(db: Db, it: SubjectTable, account_id: str, category: str, now: datetime) -> None:
    columns = [column for column, label in personal_columns(it.table) if label.category == category]
    if not columns:
        return
    theirs = it.is_of(account_id)
    if all(column.nullable for column in columns):
        free = and_(theirs, not_held(it.table, frozenset({category}), now))
        nothing = {str(column.name): None for column in columns}
        await db.exec(update(it.table).where(free).values(nothing))
        return
    free = and_(theirs, not_held(it.table, protected_by(it.table), now))
    for table, _, over in with_children(it.table, free):
        await db.exec(delete(table).where(over))
