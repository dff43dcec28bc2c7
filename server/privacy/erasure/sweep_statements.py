"""The statements of a sweep, made once out of the labels. They take ACCOUNT, and MOST rows."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Executable,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    exists,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.sql.dml import ReturningDelete
from sqlmodel import delete

from server.foundation.columns import UtcMoment
from server.foundation.labels import Why
from server.foundation.table_labels import row_label
from server.privacy.erasure.erasure_rules import Plan, plan_of
from server.privacy.subject_paths import SubjectTable, all_about

ACCOUNT: Final = "account_id"
MOST: Final = "most"


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends some rows of a table, and tells which of `plan.personal` had a value there.

    Rows that go are told by the statement that deletes them. Those that stay are found first, with
    their keys before the rest.
    """

    plan: Plan
    goes: ReturningDelete[Any] | None
    finds: Select[Any] | None


@dataclass(frozen=True, slots=True)
class SweepStatements:
    """All of them. `look` says of each ending, in their order, whether there is something to end.

    `kept` counts, with a row for each plan in `keeping`: its number, the newest moment that a term
    is counted from, how many rows have no such moment yet, and the values in the kept columns.
    """

    endings: tuple[Ending, ...]
    look: Executable
    keeping: tuple[Plan, ...]
    kept: CompoundSelect[Any]


@cache
def sweep_statements() -> SweepStatements:
    """The statements, children before parents. What is locked is told by who locked it.

    Raises ErasureCannotBePlanned, NoWayToSubject.
    """
    about = [(it, plan_of(it.table)) for it in all_about()]
    ending = [(it, plan) for it, plan in about if plan.goes or plan.blanked]
    keeping = [
        (it, plan) for it, plan in about if any(label.why is not Why.LAW for _, label in plan.kept)
    ]
    widest = max(len(plan.kept) for _, plan in keeping)
    kept = [_kept(number, it, plan, widest) for number, (it, plan) in enumerate(keeping)]
    return SweepStatements(
        endings=tuple(_ending(it, plan) for it, plan in ending),
        look=select(*(exists().where(_to_end(it, plan)) for it, plan in ending)),
        keeping=tuple(plan for _, plan in keeping),
        kept=union_all(*kept),
    )


def key_of(plan: Plan) -> ColumnElement[Any]:
    """The primary key of a plan's table, to be compared."""
    columns = tuple(plan.table.primary_key.columns)
    return columns[0] if len(columns) == 1 else tuple_(*columns)


def _ending(it: SubjectTable, plan: Plan) -> Ending:
    keys = tuple(plan.table.primary_key.columns)
    there = [_holds_something(column) for column, _ in plan.personal]
    some = select(*keys).where(_to_end(it, plan)).limit(bindparam(MOST, type_=Integer))
    if plan.goes:
        going = delete(plan.table).where(key_of(plan).in_(some))
        return Ending(plan, going.returning(*(there or keys)), None)
    return Ending(plan, None, some.add_columns(*there))


def _holds_something(column: Column[Any]) -> ColumnElement[bool]:
    """Whether a value is there. SQLite's RETURNING takes `IS NOT NULL` for true (3.40)."""
    return func.coalesce(column.bool_op("=")(column), false())


def _to_end(it: SubjectTable, plan: Plan) -> ColumnElement[bool]:
    theirs = _theirs(it)
    if plan.goes:
        return theirs
    return theirs & or_(*(column.is_not(None) for column in plan.blanked))


def _kept(number: int, it: SubjectTable, plan: Plan, widest: int) -> Select[Any]:
    counted_from = row_label(it.table).counted_from
    newest = it.table.c[counted_from] if counted_from else None
    is_moment = newest is not None and isinstance(newest.type, UtcMoment)
    moment = func.max(newest) if is_moment else cast(null(), UtcMoment)
    missing = literal_column("0") if newest is None else func.count() - func.count(newest)
    counts = [func.count(column) for column, _ in plan.kept]
    padding = [literal_column("0")] * (widest - len(counts))
    columns = (literal_column(str(number)), moment, missing, *counts, *padding)
    return select(*columns).select_from(it.table).where(_theirs(it))


def _theirs(it: SubjectTable) -> ColumnElement[bool]:
    return it.is_of(bindparam(ACCOUNT, type_=String))
