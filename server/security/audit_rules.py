"""What the audit's chain holds of a row, and what each of its links is made of.

As with choices (ADR 0007), a link is a keyed hash over plain fields and the link before it: who
rewrites rows can't make it without the key file. Unlike there an entry says the link and the moment
before it, so that the oldest may end with their term, and nothing else may.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

BEGINNING: Final = b""  # what the first entry is linked to


class Entry(NamedTuple):
    """What an entry says of a row, and of the entry before it.

    `digest` is a keyed hash over the row's audited fields: the chain can be followed where the
    row has ended. `row_ends_at` is the moment of that, if it isn't that of the entry itself.
    """

    number: int
    of_table: str
    row_id: str
    at: datetime
    row_ends_at: datetime | None
    digest: bytes
    before: bytes
    before_at: datetime | None


def fields_told(row: Iterable[Any]) -> tuple[str, ...]:
    """The values that the keyed hash of a row goes over; `row` has the audited fields."""
    return tuple(_told(value) for value in row)


def linked(entry: Entry) -> tuple[str, ...]:
    """The values that the keyed hash of an entry goes over."""
    return (
        entry.before.hex(),
        _told(entry.before_at),
        str(entry.number),
        entry.of_table,
        entry.row_id,
        _told(entry.at),
        _told(entry.row_ends_at),
        entry.digest.hex(),
    )


def end_linked(number: int, at: datetime, newest: bytes) -> tuple[str, ...]:
    """The values that the keyed hash of the chain's end goes over."""
    return "end", str(number), _told(at), newest.hex()


def follows(entry: Entry, before: tuple[int, bytes] | None, keep: timedelta, now: datetime) -> bool:
    """Whether an entry stands where it was written, behind `before`: a number and its link.

    What stood between the two may be gone if it has ended with its term, `keep`.
    """
    number, link = before or (0, BEGINNING)
    if entry.number == number + 1:
        return entry.before == link
    return entry.before_at is not None and is_over(entry.before_at, keep, now)


def row_may_be_gone(entry: Entry, keep: timedelta, now: datetime) -> bool:
    """Whether the row of an entry has ended, with its own term or with what it belongs to."""
    if entry.row_ends_at is not None and now >= entry.row_ends_at:
        return True
    return is_over(entry.at, keep, now)


def is_over(at: datetime, keep: timedelta, now: datetime) -> bool:
    """Whether what is of this moment has ended by its term."""
    return now - at >= keep


def _told(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return "" if value is None else str(value)
