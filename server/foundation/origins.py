"""How a detail that somebody gave us came here, stored with the detail itself.

The policy (§1.1.1a) names four ways. Of a column whose label says `collected`, each value is
`Collected` text: it can't be made without its origin. The first byte in the database names that and
is bound to the value, and a constraint of the column refuses every value without one.
"""

from enum import StrEnum
from typing import Any, Final, Self

from pydantic_core import CoreSchema, core_schema
from sqlalchemy import CheckConstraint


class Origin(StrEnum):
    """The way a value came by."""

    REGISTRATION = "registration"
    DOWNLOAD_OR_UPDATE = "download or update"
    SURVEY = "survey"
    INTERACTION = "other interaction"


# Letters, so that none of them is a sealed value's own first byte (`vault/sealing_rules.py`).
MARKS: Final = {
    Origin.REGISTRATION: b"R",
    Origin.DOWNLOAD_OR_UPDATE: b"D",
    Origin.SURVEY: b"S",
    Origin.INTERACTION: b"I",
}
ORIGINS: Final = {mark: origin for origin, mark in MARKS.items()}


class Collected(str):
    """Text that somebody gave us, and how. What is made of it is ordinary text."""

    __slots__ = ("origin",)
    origin: Origin

    def __new__(cls, text: str, *, origin: Origin) -> Self:
        """The text as it came by this way."""
        it = super().__new__(cls, text)
        it.origin = origin
        return it

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> CoreSchema:
        """For classes of tables, which declare their columns by it and check nothing."""
        return core_schema.any_schema()


def given(text: str | None, origin: Origin) -> Collected | None:
    """Collected text, or the nothing that was given."""
    return None if text is None else Collected(text, origin=origin)


def origin_of(value: Any) -> Origin | None:
    """How a value came, as it says itself; None for one that doesn't."""
    return getattr(value, "origin", None)


def mark_of(stored: bytes) -> bytes:
    """The mark that a stored value begins with; nothing where its column isn't a collected one."""
    return stored[:1] if stored[:1] in ORIGINS else b""


def origin_checks(table: str, column: str) -> tuple[CheckConstraint, ...]:
    """The constraint by which the database refuses a value without an origin, for each dialect."""
    name = check_name(table, column)
    return tuple(
        CheckConstraint(condition(dialect, column), name=name).ddl_if(dialect=dialect)
        for dialect in ("sqlite", "postgresql")
    )


def check_name(table: str, column: str) -> str:
    """What the column's constraint is called."""
    return f"ck_{table}_{column}_origin"


def condition(dialect: str, column: str) -> str:
    """The constraint in SQL. Nothing is allowed, where the column allows it."""
    first = f"substr({column}, 1, 1)"
    shown = f"hex({first})" if dialect == "sqlite" else f"upper(encode({first}, 'hex'))"
    marks = ", ".join(f"'{mark.hex().upper()}'" for mark in MARKS.values())
    return f"{column} IS NULL OR {shown} IN ({marks})"
