"""What a table says about its rows: whose they are, and from which moment their terms count.

Most tables say nothing of whose: their `link`s lead to an account. One that no link leads from
names another way, or why there is none; a house test fails for a table with personal data that
does neither. Terms of columns are counted from one moment of the row, named here.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Table

ROWS: Final = "privacy_rows"


@dataclass(frozen=True, slots=True)
class HeldThen:
    """Rows about a thing, and so about whoever held it at a moment of the row.

    `spans` is a table that says who held which thing from when until when (None: still), and
    from which links lead on. All names are of columns; `thing` and `at` are this table's.
    """

    thing: str
    at: str
    spans: str
    spans_thing: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class NoAccount:
    """Rows about a person who has no account, and `why` nobody's account has them."""

    why: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The label of a table. `counted_from` and `keep` are None where nothing ends by itself.

    `counted` says the moment in words that follow "after". `keep` is for rows without personal
    data that are nevertheless to end; elsewhere the columns' own labels say how long.
    """

    whose: HeldThen | NoAccount | None = None
    counted_from: str | None = None
    counted: str | None = None
    keep: timedelta | None = None
    audited: tuple[str, ...] = ()


def rows(
    *,
    whose: HeldThen | NoAccount | None = None,
    counted_from: tuple[str, str] | None = None,
    keep: timedelta | None = None,
    audited: tuple[str, ...] = (),
) -> dict[str, Any]:
    """What goes at the end of `__table_args__`. `counted_from`: a column, and it in words.

    `audited` are plain columns that never change, the id first and `at` among them, of rows that
    are entered into the audit (`server/security/audit.py`).
    """
    column, words = counted_from or (None, None)
    return {"info": {ROWS: Rows(whose, column, words, keep, audited)}}


def row_label(table: Table) -> Rows:
    """What the table says; one that says nothing is somebody's by its links and never ends."""
    return table.info.get(ROWS, Rows())
