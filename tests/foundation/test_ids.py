"""Ids: their kind, their cell, in order of time, and nobody's to guess."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.foundation.ids import ENTROPY_BYTES, Ids, make_id
from tests.movable_clock import MORNING, MovableClock

MOMENTS = st.integers(1_600_000_000_000, 7_000_000_000_000).map(
    lambda ms: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
)
CHANCE = st.binary(min_size=ENTROPY_BYTES, max_size=ENTROPY_BYTES)
FORM = re.compile(r"cam_eu1_[0-9a-hjkmnp-tv-z]{26}")


@given(MOMENTS, CHANCE)
def test_an_id_says_kind_and_cell_and_is_of_one_form(now: datetime, chance: bytes) -> None:
    assert FORM.fullmatch(make_id("cam", "eu1", now, chance))


@given(MOMENTS, CHANCE, CHANCE, st.integers(1, 10**9))
def test_a_later_id_sorts_later(now: datetime, one: bytes, two: bytes, later_ms: int) -> None:
    later = now + timedelta(milliseconds=later_ms)
    assert make_id("evt", "eu1", now, one) < make_id("evt", "eu1", later, two)


@given(MOMENTS, CHANCE, CHANCE)
def test_chance_alone_tells_two_ids_of_one_moment_apart(
    now: datetime, one: bytes, two: bytes
) -> None:
    ids = make_id("evt", "eu1", now, one), make_id("evt", "eu1", now, two)
    assert (ids[0] == ids[1]) == (one == two)


def test_ids_made_at_one_moment_are_all_different() -> None:
    ids = Ids("eu1", MovableClock())
    assert len({ids.new("acc") for _ in range(1000)}) == 1000


def test_an_id_needs_all_its_chance() -> None:
    with pytest.raises(ValueError, match="10 bytes"):
        make_id("acc", "eu1", MORNING, b"short")
