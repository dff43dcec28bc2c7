"""The date of an answer: in any calendar, and in the real ones over their holidays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.privacy.cases.calendars import calendar_of
from server.privacy.cases.deadline_rules import (
    RULES,
    SOON_FROM,
    URGENT_FROM,
    Stage,
    after_working_days,
    due_on,
    first_day_of,
    last_day_of,
    stage_of,
    working_days_left,
)
from server.privacy.cases.kinds import ABOUT_A_PERSON, CaseKind

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
NUMBERS = st.integers(1, 30)
FREE = st.frozensets(st.integers(0, 90), max_size=40)  # days of a quarter that are holidays
MADE_UP = st.frozensets(st.integers(0, 90), max_size=10)  # weekend days on which people work


def working(free: frozenset[int], made_up: frozenset[int]):
    """A calendar that repeats each quarter."""

    def is_working(day: date) -> bool:
        number = day.toordinal() % 91
        return number in made_up if day.weekday() > 4 else number not in free

    return is_working


@given(DAYS, NUMBERS, FREE, MADE_UP)
def test_a_term_ends_on_a_working_day_with_so_many_behind_it(
    start: date, number: int, free: frozenset[int], made_up: frozenset[int]
):
    is_working = working(free, made_up)
    end = after_working_days(start, number, is_working)
    passed = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert is_working(end)
    assert sum(map(is_working, passed)) == number
    assert working_days_left(start, end, is_working) == number


@given(DAYS, NUMBERS, FREE, MADE_UP)
def test_what_comes_later_or_may_take_longer_is_never_due_earlier(
    start: date, number: int, free: frozenset[int], made_up: frozenset[int]
):
    is_working = working(free, made_up)
    end = after_working_days(start, number, is_working)
    assert after_working_days(start + timedelta(days=1), number, is_working) >= end
    assert after_working_days(start, number + 1, is_working) > end


@given(DAYS, NUMBERS, FREE, MADE_UP)
def test_a_make_up_day_counts_and_a_holiday_does_not(
    start: date, number: int, free: frozenset[int], made_up: frozenset[int]
):
    plain = after_working_days(start, number, working(frozenset(), frozenset()))
    assert after_working_days(start, number, working(free, frozenset())) >= plain
    assert after_working_days(start, number, working(frozenset(), made_up)) <= plain


@given(DAYS, st.sampled_from(CaseKind), st.sampled_from(["DE", "CN", "US", "BR", "KR", "AQ"]))
def test_the_shortest_rule_wins(start: date, kind: CaseKind, region: str):
    is_working = calendar_of(region).is_working
    due = due_on(start, kind, region, is_working)
    assert start < due <= after_working_days(start, 15, is_working)
    if kind in {CaseKind.CANCELLATION, CaseKind.UNCLEAR}:
        assert due <= after_working_days(start, 10, is_working)
    if region == "DE" and kind in ABOUT_A_PERSON:
        assert due - start <= timedelta(days=31)


@given(DAYS, st.integers(0, 60), FREE)
def test_a_stage_never_goes_back_as_days_pass(start: date, ahead: int, free: frozenset[int]):
    is_working = working(free, frozenset())
    due = start + timedelta(days=ahead)
    order = list(Stage)
    seen = [
        order.index(stage_of(start + timedelta(days=n), due, is_working)) for n in range(ahead + 2)
    ]
    assert seen == sorted(seen)
    assert order[seen[-1]] is Stage.OVERDUE
    assert order[seen[-2]] is Stage.URGENT  # the last day itself is not too late


def test_somebody_is_told_while_there_is_time():
    is_working = working(frozenset(), frozenset())
    received = date(2026, 11, 2)
    due = after_working_days(received, 15, is_working)
    days = [received + timedelta(days=n) for n in range((due - received).days + 2)]
    first = {
        stage: next(d for d in days if stage_of(d, due, is_working) is stage) for stage in Stage
    }
    assert working_days_left(first[Stage.SOON], due, is_working) == SOON_FROM
    assert working_days_left(first[Stage.URGENT], due, is_working) == URGENT_FROM
    assert first[Stage.OVERDUE] == due + timedelta(days=1)


@pytest.mark.parametrize(
    ("region", "kind", "received", "due"),
    [
        # nothing in the way: three weeks, two weeks
        ("PT", CaseKind.QUESTION, "2026-11-02", "2026-11-23"),
        ("PT", CaseKind.CANCELLATION, "2026-11-02", "2026-11-16"),
        # a Saturday's letter counts from Monday on
        ("PT", CaseKind.QUESTION, "2026-11-07", "2026-11-27"),
        # Chinese New Year, 15 to 23 February, with work on Saturday the 14th and the 28th
        ("CN", CaseKind.COMPLAINT, "2026-02-09", "2026-03-06"),
        ("CN", CaseKind.CANCELLATION, "2026-02-13", "2026-03-05"),
        ("CN", CaseKind.CANCELLATION, "2026-02-24", "2026-03-09"),  # the 28th counts
        # the moon on 25 September, Golden Week, 1 to 7 October, with work on Sunday 20 September
        # and on Saturday 10 October
        ("CN", CaseKind.QUESTION, "2026-09-18", "2026-10-15"),
        ("CN", CaseKind.CANCELLATION, "2026-09-30", "2026-10-20"),
        # May Day, 1 to 5 May, with work on Saturday the 9th
        ("CN", CaseKind.CANCELLATION, "2026-04-30", "2026-05-18"),
        # Christmas and New Year in Germany; Good Friday and Easter Monday
        ("DE", CaseKind.QUESTION, "2026-12-18", "2027-01-12"),
        ("DE", CaseKind.CANCELLATION, "2026-03-30", "2026-04-15"),
        # Thanksgiving; Independence Day on a Saturday, kept on the Friday before
        ("US", CaseKind.QUESTION, "2026-11-20", "2026-12-14"),
        ("US", CaseKind.CANCELLATION, "2026-06-29", "2026-07-14"),
        # Friday and Saturday are the weekend
        ("SA", CaseKind.CANCELLATION, "2026-11-01", "2026-11-15"),
        # a law that is quicker than we promise
        ("KR", CaseKind.ACCESS, "2026-11-02", "2026-11-12"),
        ("BR", CaseKind.ACCESS, "2026-11-02", "2026-11-17"),
        ("RO", CaseKind.ACCESS, "2026-11-02", "2026-11-23"),
    ],
)
def test_real_calendars(region: str, kind: CaseKind, received: str, due: str):
    is_working = calendar_of(region).is_working
    found = due_on(date.fromisoformat(received), kind, region, is_working)
    assert found == date.fromisoformat(due)


def test_no_holidays_are_so_long_that_a_month_is_exceeded_in_the_union():
    """GDPR, Art. 12 (3): where fifteen working days would be more than a month, the month wins."""
    always_free = working(frozenset(range(40)), frozenset())
    start = date(2026, 1, 30)
    assert due_on(start, CaseKind.ACCESS, "DE", always_free) <= date(2026, 2, 28)
    assert due_on(start, CaseKind.QUESTION, "DE", always_free) > date(2026, 2, 28)


@pytest.mark.parametrize(
    ("region", "moment", "received", "today"),
    [
        ("DE", datetime(2026, 11, 2, 22, 59, tzinfo=UTC), "2026-11-02", "2026-11-02"),
        ("DE", datetime(2026, 11, 2, 23, 0, tzinfo=UTC), "2026-11-03", "2026-11-03"),
        ("CN", datetime(2026, 11, 2, 15, 59, tzinfo=UTC), "2026-11-02", "2026-11-02"),
        ("JP", datetime(2026, 11, 2, 15, 0, tzinfo=UTC), "2026-11-03", "2026-11-03"),
        # several zones: received where it is still yesterday, over where it is already tomorrow
        ("US", datetime(2026, 11, 3, 6, 0, tzinfo=UTC), "2026-11-02", "2026-11-03"),
        ("BV", datetime(2026, 11, 2, 23, 59, tzinfo=UTC), "2026-11-02", "2026-11-02"),
    ],
)
def test_the_day_is_the_regions_own(region: str, moment: datetime, received: str, today: str):
    zones = calendar_of(region).zones
    assert first_day_of(moment, zones) == date.fromisoformat(received)
    assert last_day_of(moment, zones) == date.fromisoformat(today)


def test_a_calendar_in_which_nobody_works_is_refused():
    with pytest.raises(ValueError, match="without working days"):
        after_working_days(date(2026, 11, 2), 1, lambda _: False)
    with pytest.raises(ValueError, match="at least one"):
        after_working_days(date(2026, 11, 2), 0, lambda _: True)


def test_every_kind_has_a_date_everywhere():
    assert all(any(kind in it.kinds and not it.regions for it in RULES) for kind in CaseKind)
