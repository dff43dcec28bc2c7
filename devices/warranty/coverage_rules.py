"""How long a camera is covered. Our own promise, beside what a buyer has by law.

The term starts on the day of the activation in UTC and is counted in calendar months as
Regulation (EEC, Euratom) 1182/71 counts them (Art. 3 (1), (2) c): the first day isn't counted, and
the term ends with the day of the same number; where the last month has none, with its last day.
In doubt this is for the customer.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final


class Group(StrEnum):
    """Regions with the same terms."""

    EUROPE = "europe"
    CHINA = "china"
    ELSEWHERE = "elsewhere"


MONTHS: Final = {
    # region group: months by model
    Group.EUROPE: {"SH-C1": 24, "SH-C2": 36},
    Group.CHINA: {"SH-C1": 12, "SH-C2": 24},
    Group.ELSEWHERE: {"SH-C1": 12, "SH-C2": 24},
}
EUROPE: Final = frozenset(
    # European Economic Area, Switzerland, United Kingdom
    {
        "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR",
        "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE",
        "SI", "SK",
    }
)  # fmt: skip


class State(StrEnum):
    """What a warranty is today."""

    NOT_ACTIVATED = "not_activated"
    ACTIVE = "active"
    EXPIRED = "expired"


class BeforeManufacture(ValueError):  # noqa: N818 - says what is wrong
    """A camera can't be in use before it was made."""


class UnknownModel(ValueError):  # noqa: N818 - says what is wrong
    """There is no term for this model."""


@dataclass(frozen=True, slots=True)
class Term:
    """The first and the last day that are covered."""

    starts_on: date
    ends_on: date


def group_of(region: str) -> Group:
    """The group of a country (ISO 3166-1 alpha-2)."""
    if region in EUROPE:
        return Group.EUROPE
    return Group.CHINA if region == "CN" else Group.ELSEWHERE


def term_of(region: str, model: str, activated_at: datetime, made_at: datetime) -> Term:
    """The term of a camera activated at that moment.

    `made_at` is the moment by which it was made. Raises BeforeManufacture for an activation on
    an earlier day, and UnknownModel.
    """
    starts_on = activated_at.astimezone(UTC).date()
    if starts_on < made_at.astimezone(UTC).date():
        raise BeforeManufacture
    if (months := MONTHS[group_of(region)].get(model)) is None:
        raise UnknownModel
    return Term(starts_on, months_after(starts_on, months))


def months_after(start: date, months: int) -> date:
    """The day of the same number so many calendar months later, or that month's last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def state_of(term: Term | None, now: datetime) -> State:
    """What the warranty is at `now`. The last day counts in full."""
    if term is None:
        return State.NOT_ACTIVATED
    return State.ACTIVE if now.astimezone(UTC).date() <= term.ends_on else State.EXPIRED
