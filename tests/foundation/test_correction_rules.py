"""Which values are possible, for whatever somebody may type."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.foundation.correction_rules import (
    EARLIEST,
    Unfit,
    age_on,
    birthday,
    choice,
    line,
    web_address,
)

TODAY = date(2026, 11, 25)
BORN = birthday("Your birthday")
NAME = line("Your name", most=64)
AREA = choice("Your country", ("PT", "DE"), required=True)
RULES = (BORN, NAME, AREA, web_address("Picture"))
days = st.dates(date(1, 1, 1), date(9999, 12, 31))


@given(days)
def test_a_birthday_is_a_day_since_1900_and_not_to_come(day: date):
    if EARLIEST <= day <= TODAY:
        assert BORN.value_of(day.isoformat(), TODAY) == day.isoformat()
    else:
        with pytest.raises(Unfit):
            BORN.value_of(day.isoformat(), TODAY)


@pytest.mark.parametrize("text", ["2001-02-30", "yesterday", "01/02/2001", "2001-02-03T04:05"])
def test_what_is_no_day_is_no_birthday(text: str):
    with pytest.raises(Unfit):
        BORN.value_of(text, TODAY)


@given(st.text(max_size=600))
def test_whatever_is_typed_is_kept_as_it_may_be_or_refused_without_being_repeated(text: str):
    for rule in RULES:
        try:
            kept = rule.value_of(text, TODAY)
        except Unfit as fault:
            assert len(text.strip()) < 8 or text.strip() not in str(fault)
            continue
        if kept is None:
            assert not text.strip()
            assert not rule.required
            continue
        assert rule.value_of(kept, TODAY) == kept  # what is kept can be sent back
        assert kept.isprintable()
        assert rule.max_length is None or len(kept) <= rule.max_length
        assert rule.choices is None or kept in rule.choices


@given(st.text(min_size=65).filter(lambda it: len(it.strip()) > 64))
def test_a_line_has_an_end(text: str):
    with pytest.raises(Unfit):
        NAME.value_of(text, TODAY)


@pytest.mark.parametrize("empty", [None, "", "  \t "])
def test_what_is_not_needed_may_be_emptied_and_what_is_needed_may_not(empty: str | None):
    assert NAME.value_of(empty, TODAY) is None
    with pytest.raises(Unfit):
        AREA.value_of(empty, TODAY)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("https://pictures.example/anna.png", True),
        ("http://pictures.example/anna.png", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://[pictures.example/", False),
        ("https://pictures.example/" + "a" * 512, False),
    ],
)
def test_a_picture_is_at_an_https_address(text: str, fits: bool):
    if fits:
        assert web_address("Picture").value_of(text, TODAY) == text
    else:
        with pytest.raises(Unfit):
            web_address("Picture").value_of(text, TODAY)


@given(st.dates(EARLIEST, TODAY), st.dates(EARLIEST, TODAY))
def test_an_age_grows_by_one_a_year_on_the_birthday(born: date, day: date):
    if day < born:
        with pytest.raises(ValueError, match="not born"):
            age_on(born, day)
        return
    age = age_on(born, day)
    assert age * 365 <= (day - born).days < (age + 1) * 366
    if (born.month, born.day) != (2, 29):
        assert age_on(born, born.replace(year=born.year + age)) == age
    assert age_on(born, day + timedelta(days=1)) - age in (0, 1)


def test_who_was_born_on_29_february_is_older_on_1_march():
    born = date(2008, 2, 29)
    assert age_on(born, date(2026, 2, 28)) == 17
    assert age_on(born, date(2026, 3, 1)) == 18
    assert age_on(born, date(2028, 2, 29)) == 20
