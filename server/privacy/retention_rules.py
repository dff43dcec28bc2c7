"""What ends by itself, and when: worked out from the labels of a table.

A row ends when the last of its personal columns does; a column with a shorter term is blanked
before. Where one column lasts as long as the account, so does the row. A term is over in the very
moment in which it is reached.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table

from server.foundation.labels import Personal, label_of
from server.foundation.table_labels import row_label


class TermCannotEnd(Exception):  # noqa: N818 - says what was found
    """A term without a moment to count from, or a value that can't be blanked. Names the column."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Whole rows of a table (`column` None), or one column's values, `keep` after `moment`.

    `row_keep` is when the row itself goes, for a column that is blanked before; None for never.
    """

    table: Table
    moment: Column[Any]
    keep: timedelta
    column: Column[Any] | None = None
    row_keep: timedelta | None = None

    def due_at(self, moment: datetime) -> datetime:
        """When the term of a row with this moment is over."""
        return moment + self.keep

    def over_since(self, now: datetime) -> datetime:
        """The latest moment that a row may have whose term is over at `now`."""
        return now - self.keep


def endings(table: Table) -> tuple[Ending, ...]:
    """What ends by itself in this table: rows first, then columns. Raises TermCannotEnd."""
    row_keep = _row_keep(table)
    return tuple(_endings(table, row_keep))


def _endings(table: Table, row_keep: timedelta | None) -> Iterator[Ending]:
    if row_keep is not None:
        yield Ending(table, _moment(table), row_keep)
    for column, keep in _terms(table):
        if keep is None or keep == row_keep:
            continue
        if not column.nullable:
            raise TermCannotEnd(f"{column}: can't be blanked, and its row is kept longer")
        yield Ending(table, _moment(table), keep, column, row_keep)


def _row_keep(table: Table) -> timedelta | None:
    """How long a row is kept; None where nothing ends it but the end of an account."""
    terms = _terms(table)
    if not terms:
        return row_label(table).keep
    finite = [keep for _, keep in terms if keep is not None]
    return max(finite) if len(finite) == len(terms) else None


def _terms(table: Table) -> list[tuple[Column[Any], timedelta | None]]:
    """The personal columns with their terms; None for one that depends on an account's end."""
    labels = ((column, label_of(column)) for column in table.columns)
    return [
        (column, label.keep if isinstance(label.keep, timedelta) else None)
        for column, label in labels
        if isinstance(label, Personal)
    ]


def _moment(table: Table) -> Column[Any]:
    name = row_label(table).counted_from
    if name is None:
        raise TermCannotEnd(f"{table.name}: has a term, and no moment to count it from")
    return table.c[name]
