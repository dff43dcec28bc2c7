"""From any row to the person it is about, by the links that the tables declare.

`all_about` gives the tables that hold rows of accounts, so ordered that nothing stands before what
points at it or is found by it: rows can be deleted in this order, and counted in any. A table that
several links lead from has rows of several people.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    MetaData,
    Select,
    Table,
    and_,
    false,
    or_,
    select,
)
from sqlmodel import SQLModel

from server.foundation.labels import Link, Personal, label_of
from server.foundation.table_labels import HeldThen, NoAccount, row_label

SUBJECT: Final = "account"  # the table of those whom rows are about
# An account's id: now, when the statement is run, or that of a row of the query around.
Whose = str | BindParameter[str] | Column[str]


class NoWayToSubject(Exception):  # noqa: N818 - says what was found
    """A table has personal data, and nothing says whose. The message names it."""


@dataclass(frozen=True, slots=True)
class SubjectTable:
    """A table with rows about accounts: its class, and the way in words, one for each link."""

    model: type[SQLModel]
    table: Table
    ways: tuple[str, ...]

    def is_of(self, account_id: Whose) -> ColumnElement[bool]:
        """The condition under which a row is about this account."""
        return rows_about(self.table, account_id)

    def rows_of(self, account_id: str) -> Select[Any]:
        """All rows about this account."""
        return select(self.model).where(self.is_of(account_id))


def all_about(metadata: MetaData | None = None) -> tuple[SubjectTable, ...]:
    """Every table with rows about accounts, children before parents, accounts last.

    Raises NoWayToSubject for a table with personal data that says nothing of whose it is.
    """
    metadata = metadata or SQLModel.metadata
    for table in metadata.tables.values():
        if has_personal_data(table) and not ways(table) and not why_no_account(table):
            raise NoWayToSubject(f"{table.name}: give it a link, or say whose its rows are")
    return tuple(
        SubjectTable(model_of(table), table, ways(table))
        for table in _children_first(metadata)
        if ways(table)
    )


def ways(table: Table) -> tuple[str, ...]:
    """How one gets from a row to the account, in words; empty where one doesn't."""
    if table.name == SUBJECT:
        return (f"{SUBJECT}.id",)
    match row_label(table).whose:
        case NoAccount():
            return ()
        case HeldThen() as held:
            text = f"{table.name}.{held.thing}, held at {held.at} ({held.spans}.{held.spans_thing})"
            return tuple(f"{text} → {way}" for way in ways(_other(table, held.spans)))
        case None:
            return tuple(
                f"{column} → {target if target.table.name == SUBJECT else way}"
                for column, target in _links(table)
                for way in ways(target.table)
            )


def why_no_account(table: Table) -> str | None:
    """Whom rows are about that nobody's account has; None for a table that doesn't say so."""
    whose = row_label(table).whose
    return whose.why if isinstance(whose, NoAccount) else None


def has_personal_data(table: Table) -> bool:
    """Whether a column of the table is labelled as personal."""
    return any(isinstance(label_of(column), Personal) for column in table.columns)


def rows_about(table: Table, whose: Whose | Select[Any]) -> ColumnElement[bool]:
    """The condition under which a row of any table is about this account; false where none is.

    `whose` is an account's id, or a query for several.
    """
    if table.name == SUBJECT:
        return _one_of(table.c.id, whose)
    match row_label(table).whose:
        case NoAccount():
            return false()
        case HeldThen() as held:
            return _held_by(table, held, whose)
        case None:
            return or_(
                false(),
                *(
                    _one_of(column, whose)
                    if target.table.name == SUBJECT
                    else column.in_(
                        _within(select(target).where(rows_about(target.table, whose)), whose)
                    )
                    for column, target in _links(table)
                    if ways(target.table)  # nothing leads on from there
                ),
            )


def model_of(table: Table) -> type[SQLModel]:
    """The class that a table was declared by. Raises LookupError for a table without one."""
    for model in SQLModel.__subclasses__():
        if getattr(model, "__table__", None) is table:
            return model
    raise LookupError(table.name)


def _one_of(column: Column[Any], whose: Whose | Select[Any]) -> ColumnElement[bool]:
    return column.in_(whose) if isinstance(whose, Select) else column == whose


def _held_by(table: Table, held: HeldThen, whose: Whose | Select[Any]) -> ColumnElement[bool]:
    spans, at = _other(table, held.spans), table.c[held.at]
    since, until = spans.c[held.since], spans.c[held.until]
    ever = _within(select(spans.c[held.spans_thing]).where(rows_about(spans, whose)), whose)
    then = (
        select(spans.c[held.spans_thing])
        .where(
            spans.c[held.spans_thing] == table.c[held.thing],
            and_(since <= at, or_(until.is_(None), at < until)),
            rows_about(spans, whose),
        )
        .correlate(table)
    )
    then = _within(then, whose).exists()
    return and_(table.c[held.thing].in_(ever), then)  # `ever` leads by an index to a few rows


def _within(query: Select[Any], whose: Whose | Select[Any]) -> Select[Any]:
    """The query as a part of another one, that of the row whose column `whose` may be."""
    return query.correlate(whose.table) if isinstance(whose, Column) else query


def _links(table: Table) -> Iterator[tuple[Column[Any], Column[Any]]]:
    """The columns that lead on, and those they lead to. Never back to the table itself."""
    for column in table.columns:
        if isinstance(label := label_of(column), Link):
            name, _, key = label.target.partition(".")
            if name != table.name:
                yield column, _other(table, name).c[key]


def _other(table: Table, name: str) -> Table:
    return table.metadata.tables[name]


def _children_first(metadata: MetaData) -> list[Table]:
    before: TopologicalSorter[str] = TopologicalSorter()  # a table, and those that go before it
    for table in sorted(metadata.tables.values(), key=lambda it: it.name):
        before.add(table.name)
        for key in table.foreign_keys:
            if key.column.table is not table:
                before.add(key.column.table.name, table.name)
        if isinstance(whose := row_label(table).whose, HeldThen):
            before.add(whose.spans, table.name)
    return [metadata.tables[name] for name in before.static_order()]
