"""Values of one category, deleted upon a request: gathered, handled or used as they shouldn't be.

What an account or an answer can't do without is no such category: there the account is cancelled.
"""

from datetime import datetime
from typing import Final

from server.foundation.database import Db
from server.foundation.errors import InvalidRequest
from server.foundation.labels import OnErasure, Personal, Why
from server.privacy.data_map import personal_columns
from server.privacy.deleting import delete_values
from server.privacy.deletion_work import parts_where
from server.privacy.ending_purposes import delete_what_served
from server.privacy.findings.holdings import data_findings
from server.privacy.subject_paths import all_about

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
    """Delete the account's values of these categories, those that a hold keeps when it is over."""
    parts = parts_where(lambda _, label: label.category in categories)
    await delete_values(db, account_id, parts, now)


async def delete_unfounded(db: Db, account_id: str, now: datetime) -> None:
    """Delete what is held for purposes without a basis, what was made of it included.

    Raises InvalidRequest where everything has one.
    """
    unfounded = [it for it in await data_findings(db, account_id, now) if it.basis is None]
    if not unfounded:
        raise InvalidRequest([{"field": "act", "message": "all that is held has a basis"}])
    for it in unfounded:
        await delete_what_served(db, account_id, it.holding.purpose, now)
