"""What is held, by category: what the privacy page shows. The whole of it is in the export."""

from typing import Final

from server.foundation.database import Db
from server.foundation.labels import Personal
from server.privacy import held
from server.privacy.corrections.deletion_rules import may_go, why_kept
from server.privacy.data_map import RECIPIENTS
from server.privacy.held import HeldRow, HeldTable, Record
from server.privacy.schemas import HeldCategoryOut, HeldOut, HeldUseOut

MOST: Final = 20  # of each table, newest first; a page that people look through


async def overview(db: Db, account_id: str) -> HeldOut:
    """What is held about the account, the categories in order of their names."""
    by_category: dict[str, list[HeldUseOut]] = {}
    labels: dict[str, list[Personal]] = {}
    for it in held.held_tables():
        counts = await held.counts(db, it, account_id)
        newest = await held.newest(db, it, account_id, MOST)
        for category, use in _uses(it, counts, newest):
            by_category.setdefault(category, []).append(use)
        for column, label in it.columns:
            if counts[str(column.name)]:
                labels.setdefault(label.category, []).append(label)
    categories = [
        _told(category, uses, labels[category]) for category, uses in sorted(by_category.items())
    ]
    return HeldOut(categories=categories, recipients=[it.name for it in RECIPIENTS])


def _told(category: str, uses: list[HeldUseOut], labels: list[Personal]) -> HeldCategoryOut:
    """The category; why it stays is told where nothing of it may go."""
    reasons = dict.fromkeys(why_kept(it) for it in labels if not may_go(it))
    deletable = any(may_go(it) for it in labels)
    return HeldCategoryOut(
        category=category,
        deletable=deletable,
        kept_because=None if deletable else " ".join(reasons),
        uses=uses,
    )


def _uses(
    it: HeldTable, counts: dict[str, int], newest: list[HeldRow]
) -> list[tuple[str, HeldUseOut]]:
    columns: dict[tuple[str, str, str], list[str]] = {}
    for column in it.mapped.columns:
        use = (column.category, column.purpose, column.term)
        columns.setdefault(use, []).append(column.column)
    return [
        (
            category,
            HeldUseOut(
                purpose=purpose,
                term=term,
                table=it.mapped.table,
                about=it.mapped.about,
                count=count,
                values=_shown(newest, names),
                came_by=_ways(newest, names),
            ),
        )
        for (category, purpose, term), names in columns.items()
        if (count := sum(counts[name] for name in names))
    ]


def _ways(newest: list[HeldRow], names: list[str]) -> list[str]:
    return sorted({row.came_by[name] for row in newest for name in names if name in row.came_by})


def _shown(newest: list[HeldRow], names: list[str]) -> list[Record]:
    shown = [
        {name: held.plain_value(row.values[name]) for name in names if row.values[name] is not None}
        for row in newest
    ]
    return [it for it in shown if it]
