"""What a column knows about a person, said where the column is declared.

Every column of every table is made by one of three words: `plain` (nothing about a person),
`personal` (something, with its category, purpose, term and what erasure does) or `link` (points
at a row that is somebody's). A house test fails for a column made otherwise. Whatever must
treat all personal data alike is to read these labels and keep no list of its own.

Text about a person is sealed (`vault/`): its label names the column with the id of its subject.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Column, LargeBinary, Table, event
from sqlmodel import Field

from server.foundation.correction_rules import Correction
from server.foundation.origins import origin_checks
from server.foundation.vault.sealed_text import Sealed

LABEL: Final = "privacy_label"
INDEX_KEPT: Final = "A keyed hash is kept, by which the value beside it is found."


class Why(StrEnum):
    """The purpose that a value is held for."""

    ACCOUNT = "to run the account"
    PROFILE = "to show you what you told about yourself"
    SECURITY = "to protect the account"
    SERVICE = "to connect the owner with the camera"
    WARRANTY = "to honour the warranty"
    SUPPORT = "to help with a case"
    EVIDENCE = "to prove what was agreed"
    COUNTRY_OF_USE = "to show the country of each use"
    TOWN_OF_USE = "to show the town of each use"
    VICINITY_OF_USE = "to show the place of each use to about 10 km"
    CAMERA_TOWN = "to show in which town a camera is"
    NEWS = "to send news that were asked for"
    INVITATIONS = "to send invitations that were asked for"
    OPERATION = "to run the service with named staff"
    LAW = "to obey a law that makes us keep it"


class OnErasure(StrEnum):
    """What becomes of a value when its subject is erased."""

    DELETE = "delete the row"
    BLANK = "blank the value, keep the row"
    KEEP = "keep until the term ends"


class UntilAccountEnds:
    """The term of what an account cannot do without."""

    def __repr__(self) -> str:
        return "until the account ends"


ACCOUNT_LIFE: Final = UntilAccountEnds()


@dataclass(frozen=True, slots=True)
class AfterAccountEnds:
    """The term of what must be proven of an account, and for so long after its end."""

    further: timedelta


Term = timedelta | UntilAccountEnds | AfterAccountEnds


@dataclass(frozen=True, slots=True)
class Personal:
    """The label of a value about a person."""

    category: str
    why: Why
    keep: Term
    on_erasure: OnErasure
    sealed_for: str | None = None  # the column of this row that names the subject
    plain_because: str | None = None  # why text is not sealed
    index_of: tuple[str, ...] = ()  # the sealed columns that this one finds again
    told_as: str | None = None  # what an export says instead of a value that is a secret
    correctable: Correction | None = None  # how its subject puts it right
    collected: bool = False  # people gave it us: each value says how it came (`origins.py`)
    collected_with: str | None = None  # the collected column of this row that it came with


@dataclass(frozen=True, slots=True)
class Plain:
    """The label of a value that says nothing about a person."""


@dataclass(frozen=True, slots=True)
class Link:
    """The label of a foreign key that ties a row to a subject, directly or by another row."""

    target: str
    on_erasure: OnErasure


Label = Personal | Plain | Link


def days(number: int) -> timedelta:
    """A term of so many days."""
    return timedelta(days=number)


def personal(
    category: str,
    *,
    why: Why,
    keep: Term,
    on_erasure: OnErasure,
    sealed_for: str | None = None,
    plain_because: str | None = None,
    index_of: tuple[str, ...] = (),
    told_as: str | None = None,
    correctable: Correction | None = None,
    collected: bool = False,
    collected_with: str | None = None,
    **field: Any,
) -> Any:
    """A column with personal data. `field` goes on to SQLModel's `Field`.

    `sealed_for="account_id"` (or `"id"`, in the subject's own row) seals text under that subject's
    key. `index_of=("email",)` makes the column a keyed hash of sealed columns, kept by itself, for
    `Db.index`. Text that is neither needs `plain_because`. `correctable=line("Your name")` lets the
    subject put it right; the form is made of it.

    `collected=True` is for sealed text that people give us, as is all that they can correct; its
    class declares it as `Collected`. Words of closed lists that come with such text name its
    column: `collected_with="message"`.
    """
    if sealed_for:
        field["sa_type"] = Sealed
    if index_of:
        field |= {"sa_type": LargeBinary, "default": None}
        told_as = told_as or INDEX_KEPT
    sealing = sealed_for, plain_because, index_of
    came = collected or correctable is not None, collected_with
    label = Personal(category, why, keep, on_erasure, *sealing, told_as, correctable, *came)
    return _column(label, field)


def plain(**field: Any) -> Any:
    """A column with nothing about a person in it. `field` goes on to SQLModel's `Field`."""
    return _column(Plain(), field)


def link(target: str, *, on_erasure: OnErasure, **field: Any) -> Any:
    """A foreign key such as `account.id`, by which a row is somebody's."""
    return _column(Link(target, on_erasure), {"foreign_key": target, **field})


def label_of(column: Column[Any]) -> Label | None:
    """The label that the column was declared with; None where it was declared without."""
    return column.info.get(LABEL)


def labelled_columns(tables: list[Table]) -> list[tuple[Column[Any], Label | None]]:
    """Every column of the tables beside its label, in declared order."""
    return [(column, label_of(column)) for table in tables for column in table.columns]


def _column(label: Label, field: dict[str, Any]) -> Any:
    return Field(sa_column_kwargs={"info": {LABEL: label}}, **field)


@event.listens_for(Column, "after_parent_attach")
def _refuse_values_without_origin(column: Column[Any], table: Any) -> None:
    label = label_of(column)
    if isinstance(label, Personal) and label.collected:
        for check in origin_checks(str(table.name), str(column.name)):
            table.append_constraint(check)
