"""What a legal hold keeps: values of a category, and the rows that lead to them.

A row that is somebody's by another row keeps that one: without it nobody would find it again when
the hold ends. All else goes as if there were no hold.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import MetaData, Table

from server.foundation.labels import Link, Personal, label_of
from server.foundation.table_labels import HeldThen, row_label

OF_HOLDS: Final = "legal hold"  # the category of the holds themselves
LONGEST: Final = timedelta(days=30 * 366)  # the longest terms that laws name for civil claims


@dataclass(frozen=True, slots=True)
class Hold:
    """Why values of a category are kept, and the moment in which that ends."""

    ground: str
    until: datetime


Holds = Mapping[str, Hold]  # by category


def end_of(last_day: date, now: datetime) -> datetime:
    """The moment when a hold ends whose last day (UTC) this is.

    Raises ValueError for a day that is over, and for one too far away to be meant.
    """
    ends_at = datetime(last_day.year, last_day.month, last_day.day, tzinfo=now.tzinfo)
    ends_at += timedelta(days=1)
    if not now < ends_at <= now + LONGEST:
        raise ValueError("give a day from today on, within thirty years")
    return ends_at


def last_day(hold: Hold) -> date:
    """The last day of a hold (UTC)."""
    return (hold.until - timedelta(microseconds=1)).date()


def protected_by(table: Table) -> frozenset[str]:
    """The categories for whose sake rows of this table stay: its own, and of what leads to it."""
    own = {it.category for _, it in personal_labels(table)}
    return frozenset(own).union(*(protected_by(child) for child in _found_by(table)))


def personal_labels(table: Table) -> Iterator[tuple[str, Personal]]:
    """The names and labels of a table's personal columns."""
    for column in table.columns:
        if isinstance(label := label_of(column), Personal):
            yield str(column.name), label


def categories(metadata: MetaData) -> frozenset[str]:
    """Every category that there is."""
    tables = metadata.tables.values()
    return frozenset(it.category for table in tables for _, it in personal_labels(table))


def _found_by(parent: Table) -> Iterator[Table]:
    for table in parent.metadata.tables.values():
        if table is parent:
            continue
        targets = {
            label.target.partition(".")[0]
            for column in table.columns
            if isinstance(label := label_of(column), Link)
        }
        if isinstance(whose := row_label(table).whose, HeldThen):
            targets.add(whose.spans)
        if parent.name in targets:
            yield table
