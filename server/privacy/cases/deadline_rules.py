"""By when a case must be answered, and how near that is. In dates of the region's own calendar.

Every rule that applies is a row; the earliest date wins. Nothing here moves a date to a later day:
whoever asks is never kept waiting for the sake of a rule that is kinder to us.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from server.privacy.cases.kinds import ABOUT_A_PERSON, CaseKind

IsWorkingDay = Callable[[date], bool]

EVERY_KIND: Final = frozenset(CaseKind)
EVERYWHERE: Final = frozenset[str]()  # no regions named: the rule holds in each
# Where the GDPR or its British twin answers for one month, whatever the holidays.
GDPR: Final = (
    "AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
)
LONGEST_BREAK: Final = 60  # days; no calendar rests so long, so one that does is broken


@dataclass(frozen=True, slots=True)
class Term:
    """So many working days, days or months, counted from the day after receipt."""

    working_days: int = 0
    days: int = 0
    months: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """Who promised or ordered that these kinds are answered in this term, and where."""

    source: str
    term: Term
    kinds: frozenset[CaseKind] = EVERY_KIND
    regions: frozenset[str] = EVERYWHERE


RULES: Final = (
    Rule("our policy, §5.2 and §9", Term(working_days=15)),
    Rule(
        "our policy, §5.3",
        Term(working_days=10),
        # what nobody has read yet may turn out to be a cancellation
        kinds=frozenset({CaseKind.CANCELLATION, CaseKind.UNCLEAR}),
    ),
    Rule(
        "GDPR, Art. 12 (3)", Term(months=1), kinds=ABOUT_A_PERSON, regions=frozenset(GDPR.split())
    ),
    Rule("LGPD, Art. 19 II", Term(days=15), frozenset({CaseKind.ACCESS}), frozenset({"BR"})),
    Rule("PIPA, Art. 35 (3)", Term(days=10), frozenset({CaseKind.ACCESS}), frozenset({"KR"})),
)


class Stage(StrEnum):
    """How near a case's date is. Each from `soon` on asks for somebody's attention."""

    LATER = "later"
    SOON = "soon"
    URGENT = "urgent"
    OVERDUE = "overdue"


SOON_FROM: Final = 5  # working days left: time to ask another department
URGENT_FROM: Final = 2  # time for somebody else to do it


def due_on(received_on: date, kind: CaseKind, region: str, is_working: IsWorkingDay) -> date:
    """The last day on which this case may be answered: the earliest that any rule names."""
    return min(
        end_of(rule.term, received_on, is_working)
        for rule in RULES
        if kind in rule.kinds and (not rule.regions or region in rule.regions)
    )


def end_of(term: Term, received_on: date, is_working: IsWorkingDay) -> date:
    """The last day of a term. The day of receipt is not counted (Regulation 1182/71, Art. 3)."""
    if term.working_days:
        return after_working_days(received_on, term.working_days, is_working)
    return _months_later(received_on, term.months) + timedelta(days=term.days)


def after_working_days(day: date, number: int, is_working: IsWorkingDay) -> date:
    """The day on which so many working days are over, that day itself not counted.

    Raises ValueError for a number below one, and for a calendar in which nobody ever works.
    """
    if number < 1:
        raise ValueError("count at least one working day")
    for _ in range(number):
        day = _next_working_day(day, is_working)
    return day


def working_days_left(today: date, due: date, is_working: IsWorkingDay) -> int:
    """Working days after today up to the date itself; 0 on the last day and when it is over."""
    days = (today + timedelta(days=n) for n in range(1, (due - today).days + 1))
    return sum(1 for day in days if is_working(day))


def stage_of(today: date, due: date, is_working: IsWorkingDay) -> Stage:
    """How near the date is. A case is overdue only once its last day has passed."""
    if today > due:
        return Stage.OVERDUE
    left = working_days_left(today, due, is_working)
    if left <= URGENT_FROM:
        return Stage.URGENT
    return Stage.SOON if left <= SOON_FROM else Stage.LATER


def first_day_of(moment: datetime, zones: Collection[tzinfo]) -> date:
    """The date of a receipt. In a country with several zones the one that is earliest counts."""
    return min(moment.astimezone(zone).date() for zone in zones)


def last_day_of(moment: datetime, zones: Collection[tzinfo]) -> date:
    """Today, for asking what is over: where it is latest, since somebody may be waiting there."""
    return max(moment.astimezone(zone).date() for zone in zones)


def _next_working_day(day: date, is_working: IsWorkingDay) -> date:
    for n in range(1, LONGEST_BREAK + 1):
        if is_working(day + timedelta(days=n)):
            return day + timedelta(days=n)
    raise ValueError("a calendar without working days")


def _months_later(day: date, months: int) -> date:
    """The same day of a later month; its last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1),
               first_of_next - timedelta(days=1))  # fmt: skip
