"""Terms of a warranty: the table, the calendar, the edges of days."""

import calendar
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.registry.product_rules import MODELS
from devices.warranty.coverage_rules import (
    MONTHS,
    BeforeManufacture,
    Group,
    State,
    Term,
    UnknownModel,
    group_of,
    months_after,
    state_of,
    term_of,
)

MADE = datetime(2020, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("group", Group)
@pytest.mark.parametrize("model", MODELS)
def test_every_model_that_we_make_has_a_term_everywhere(group: Group, model: str):
    assert MONTHS[group][model] >= 12


@pytest.mark.parametrize(
    ("region", "group"),
    [("DE", Group.EUROPE), ("NO", Group.EUROPE), ("GB", Group.EUROPE), ("CN", Group.CHINA),
     ("US", Group.ELSEWHERE), ("BR", Group.ELSEWHERE)],
)  # fmt: skip
def test_a_country_is_in_its_group(region: str, group: Group):
    assert group_of(region) is group


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-02-29", 12, "2025-02-28"),  # no such day next year
        ("2024-02-29", 24, "2026-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2023-02-28", 12, "2024-02-28"),  # the same number, though a 29th follows
        ("2026-08-31", 6, "2027-02-28"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2026-12-31", 12, "2027-12-31"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-11-30", 1, "2026-12-30"),
        ("2099-02-28", 12, "2100-02-28"),  # 2100 has no 29 February
        ("2096-02-29", 48, "2100-02-28"),
    ],
)
def test_months_are_calendar_months(start: str, months: int, end: str):
    assert months_after(date.fromisoformat(start), months) == date.fromisoformat(end)


@given(st.dates(date(2020, 1, 1), date(2120, 12, 31)), st.integers(1, 60))
def test_a_term_ends_on_the_same_number_or_on_a_last_day(start: date, months: int):
    end = months_after(start, months)
    assert (end.year - start.year) * 12 + end.month - start.month == months
    last = calendar.monthrange(end.year, end.month)[1]
    assert end.day == start.day or (end.day == last and start.day > last)


def test_the_term_starts_on_the_day_in_utc():
    evening_in_california = datetime(2026, 3, 1, 20, tzinfo=timezone(timedelta(hours=-8)))
    term = term_of("US", "SH-C1", evening_in_california, MADE)
    assert term == Term(date(2026, 3, 2), date(2027, 3, 2))


def test_region_and_model_fix_the_end():
    day = at("2026-03-02")
    assert term_of("DE", "SH-C1", day, MADE).ends_on == date(2028, 3, 2)
    assert term_of("DE", "SH-C2", day, MADE).ends_on == date(2029, 3, 2)
    assert term_of("US", "SH-C2", day, MADE).ends_on == date(2028, 3, 2)


def test_an_activation_before_the_camera_was_made_is_refused():
    with pytest.raises(BeforeManufacture):
        term_of("DE", "SH-C1", at("2019-12-31T23:59:59"), MADE)
    assert term_of("DE", "SH-C1", MADE, at("2020-01-01T23:00")).starts_on == date(2020, 1, 1)


def test_a_model_without_a_row_is_refused():
    with pytest.raises(UnknownModel):
        term_of("DE", "SH-X9", at("2026-03-02"), MADE)


def test_the_last_day_counts_in_full():
    term = Term(date(2024, 2, 29), date(2026, 2, 28))
    assert state_of(term, at("2026-02-28T23:59:59.999999")) is State.ACTIVE
    assert state_of(term, at("2026-03-01")) is State.EXPIRED
    assert state_of(None, at("2026-03-01")) is State.NOT_ACTIVATED
