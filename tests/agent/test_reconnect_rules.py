"""Coming back: never all at once, never too often, never not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.agent.reconnect_rules import (
    AT_ONCE_LIMIT_S,
    FIRST_LIMIT_S,
    LONGEST_LIMIT_S,
    SETTLED_AFTER_S,
    limit_s,
    still_counted,
    wait_s,
)

failures = st.integers(min_value=0, max_value=10_000)
dice = st.floats(min_value=0, max_value=1, exclude_max=True)


@given(failures, dice)
def test_no_wait_is_negative_or_longer_than_a_minute(count: int, thrown: float) -> None:
    assert 0 <= wait_s(count, thrown) < LONGEST_LIMIT_S
    assert 0 <= wait_s(count, thrown, at_once=True) < LONGEST_LIMIT_S


@given(failures)
def test_the_limit_doubles_until_a_minute_and_never_shrinks(count: int) -> None:
    assert limit_s(count + 1) in {2 * limit_s(count), LONGEST_LIMIT_S}
    assert FIRST_LIMIT_S <= limit_s(count) <= limit_s(count + 1)


@given(failures, dice, dice)
def test_two_cameras_with_other_dice_come_back_at_other_times(
    count: int, one: float, other: float
) -> None:
    apart = wait_s(count, one) - wait_s(count, other)
    assert apart == pytest.approx((one - other) * limit_s(count))


@given(dice)
def test_at_once_means_soon_but_only_the_first_time(thrown: float) -> None:
    assert wait_s(0, thrown, at_once=True) < AT_ONCE_LIMIT_S
    assert wait_s(3, thrown, at_once=True) == wait_s(3, thrown)


@given(failures)
def test_only_a_connection_that_lasted_forgives_the_failures_before_it(count: int) -> None:
    assert still_counted(count, 0) == count
    assert still_counted(count, SETTLED_AFTER_S - 1) == count
    assert still_counted(count, SETTLED_AFTER_S) == 0


@pytest.mark.parametrize("thrown", [-0.1, 1.0, float("nan")])
def test_a_loaded_dice_is_refused(thrown: float) -> None:
    with pytest.raises(ValueError, match="dice"):
        wait_s(0, thrown)


def test_failures_below_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="zero"):
        limit_s(-1)
