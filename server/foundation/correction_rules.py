"""What people may put right themselves, and which values are possible.

A column's label names its rule (`correctable=`); the form, the check and the write follow from it.
Values are text, as a form sends them; a day is `2001-02-03`. Refusals never repeat what was given.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

EARLIEST: Final = date(1900, 1, 1)  # nobody alive was born before
DAY_LENGTH: Final = len("2001-02-03")


class Unfit(ValueError):  # noqa: N818 - says what the value is
    """A value that is not possible. The message is for the person, and doesn't repeat it."""


class FieldKind(StrEnum):
    """The sort of input that a form shows."""

    TEXT = "text"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Correction:
    """How a column is put right. What isn't `required` may be emptied, and so deleted."""

    label: str
    kind: FieldKind
    fitting: Callable[[str, date], str]  # the value as it is kept; raises Unfit
    required: bool = False
    max_length: int | None = None
    choices: tuple[str, ...] | None = None

    def value_of(self, given: str | None, today: date) -> str | None:
        """The value as it is kept; None where the field was emptied. Raises Unfit."""
        text = (given or "").strip()
        if text:
            return self.fitting(text, today)
        if self.required:
            raise Unfit("This can't be empty.")
        return None


def line(label: str, *, most: int = 64, required: bool = False) -> Correction:
    """Text on one line, of `most` characters."""

    def fitting(text: str, _: date) -> str:
        if len(text) > most:
            raise Unfit(f"Give {most} characters at most.")
        return printable(text)

    return Correction(label, FieldKind.TEXT, fitting, required, max_length=most)


def birthday(label: str) -> Correction:
    """A day that somebody alive was born on: from 1900 until today, in UTC."""
    return Correction(label, FieldKind.DATE, _birthday, max_length=DAY_LENGTH)


def choice(label: str, choices: tuple[str, ...], *, required: bool = False) -> Correction:
    """One of a closed list of words."""

    def fitting(text: str, _: date) -> str:
        if text not in choices:
            raise Unfit("Choose one of the list.")
        return text

    return Correction(label, FieldKind.CHOICE, fitting, required, choices=choices)


def web_address(label: str, *, most: int = 512) -> Correction:
    """The https address of something on the web."""

    def fitting(text: str, _: date) -> str:
        if not is_web_address(text, most):
            raise Unfit(f"Give an address that begins with https://, of {most} characters at most.")
        return text

    return Correction(label, FieldKind.TEXT, fitting, max_length=most)


def printable(text: str) -> str:
    """The text, if it is on one line and has no control characters. Raises Unfit."""
    if not text.isprintable():
        raise Unfit("only printable characters, on one line")
    return text


def is_web_address(value: Any, most: int) -> bool:
    """Whether it is an https address in ASCII, of `most` characters."""
    if not isinstance(value, str) or len(value) > most or not value.isascii():
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.netloc) and value.isprintable()


def age_on(born: date, day: date) -> int:
    """The age in whole years. Who was born on 29 February is a year older on 1 March.

    Raises ValueError for a day before the birth.
    """
    if day < born:
        raise ValueError("not born yet")
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _birthday(text: str, today: date) -> str:
    try:
        born = date.fromisoformat(text)
    except ValueError:
        raise Unfit("Give a day of the calendar, such as 2001-02-03.") from None
    if born < EARLIEST:
        raise Unfit(f"Give a day since {EARLIEST}.")
    if born > today:
        raise Unfit("This day is still to come.")
    return born.isoformat()  # one spelling: 3.11 reads others too
