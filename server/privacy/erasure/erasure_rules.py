"""What erasure does to each table, by its labels; and its steps.

A row in which nothing is to be kept or blanked goes. Any other stays, and what its labels don't
keep is blanked in it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Column, Table

from server.foundation.labels import (
    AfterAccountEnds,
    Link,
    OnErasure,
    Personal,
    UntilAccountEnds,
    Why,
    label_of,
)
from server.foundation.table_labels import row_label

CLAIMS: Final = "to establish or defend legal claims (GDPR Art. 17(3)(e))"
GROUNDS: Final[dict[Why, str]] = {
    # why something is held: the ground on which it is kept when its person is erased
    Why.EVIDENCE: CLAIMS,
    Why.SUPPORT: CLAIMS,
    Why.LAW: "to obey the law that is named beside it (GDPR Art. 17(3)(b))",
    Why.WARRANTY: "to honour the camera's warranty, which passes on with it (GDPR Art. 17(3)(b))",
}


class ErasureCannotBePlanned(Exception):  # noqa: N818 - says what was found
    """Labels that erasure can't follow. Names the column."""


class Step(StrEnum):
    """The steps, in their order. Each may be done again."""

    AUTHORITY = "authority"
    LETTERS = "letters"
    KEY = "key"
    NEWS = "news"
    ROWS = "rows"
    CERTIFICATE = "certificate"


# Steps that leave with one commit. Gateways are told only once the account's end is committed, for
# they come and ask; and rows are looked for only once no key is left to store more of them with.
TOGETHER: Final = (
    (Step.AUTHORITY, Step.LETTERS, Step.KEY),
    (Step.NEWS, Step.ROWS, Step.CERTIFICATE),
)


def unit_from(step: Step) -> tuple[Step, ...]:
    """This step, and those after it that leave with the same commit."""
    (unit,) = [it for it in TOGETHER if step in it]
    return unit[unit.index(step) :]


def after(step: Step) -> Step:
    """The step that follows; the last is followed by itself."""
    steps = list(Step)
    return steps[min(steps.index(step) + 1, len(steps) - 1)]


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of a table's rows: they go, or stay with these columns blanked, those kept."""

    table: Table
    goes: bool
    personal: tuple[tuple[Column[Any], Personal], ...]
    blanked: tuple[Column[Any], ...] = ()
    kept: tuple[tuple[Column[Any], Personal], ...] = ()


def plan_of(table: Table) -> Plan:
    """The plan for the rows of one person in a table. Raises ErasureCannotBePlanned."""
    labelled = [(column, label_of(column)) for column in table.columns]
    personal = tuple((column, it) for column, it in labelled if isinstance(it, Personal))
    fates = {it.on_erasure for _, it in labelled if isinstance(it, Personal | Link)}
    if fates == {OnErasure.DELETE}:
        return Plan(table, goes=True, personal=personal)
    kept = tuple((column, it) for column, it in personal if it.on_erasure is OnErasure.KEEP)
    blanked = tuple(column for column, it in personal if it.on_erasure is not OnErasure.KEEP)
    for column in blanked:
        if not column.nullable:
            raise ErasureCannotBePlanned(f"{column}: can't be blanked, and its row is kept")
    for column, label in kept:
        if isinstance(label.keep, UntilAccountEnds) or label.why not in GROUNDS:
            raise ErasureCannotBePlanned(f"{column}: is kept without an end, or without a ground")
        if isinstance(label.keep, timedelta) and row_label(table).counted_from is None:
            raise ErasureCannotBePlanned(f"{column}: is kept for a term that nothing begins")
    return Plan(table, goes=False, personal=personal, blanked=blanked, kept=kept)


def kept_until(label: Personal, newest: datetime | None, ended_at: datetime) -> date | None:
    """The day on which the last of the values goes. `newest` is the moment its term counts from.

    None while that moment is still to come: a request is kept since its answer, which is owed.
    """
    match label.keep:
        case AfterAccountEnds(further):
            return (ended_at + further).date()
        case timedelta() as term:
            return (newest + term).date() if newest is not None else None
        case _:
            raise ErasureCannotBePlanned("is kept without an end")
