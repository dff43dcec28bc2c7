"""When an account that nobody uses is warned and ends: by the rule alone."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.privacy.erasure.idle_rules import NOTICE, Idle, ends_on, idle_after, idle_stage
from tests.movable_clock import MORNING

TWO_YEARS = idle_after(24)
SECOND = timedelta(seconds=1)
LATER = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2000))


@pytest.mark.parametrize(
    ("after", "warned_after", "stage"),
    [
        (timedelta(0), None, Idle.NOTHING),
        (TWO_YEARS - NOTICE - SECOND, None, Idle.NOTHING),
        (TWO_YEARS - NOTICE, None, Idle.WARN),
        (TWO_YEARS - NOTICE, TWO_YEARS - NOTICE, Idle.NOTHING),
        (TWO_YEARS - SECOND, TWO_YEARS - NOTICE, Idle.NOTHING),
        (TWO_YEARS, TWO_YEARS - NOTICE, Idle.END),
        (TWO_YEARS * 2, None, Idle.WARN),  # nobody ends unwarned, however late we are
        (TWO_YEARS * 2, TWO_YEARS * 2 - NOTICE + SECOND, Idle.NOTHING),
        (TWO_YEARS * 2, TWO_YEARS * 2 - NOTICE, Idle.END),
        (TWO_YEARS, timedelta(days=-1), Idle.WARN),  # that warning was heard, and answered by a use
    ],
)
def test_the_stage_follows_from_use_and_warning(
    after: timedelta, warned_after: timedelta | None, stage: Idle
):
    warned_at = None if warned_after is None else MORNING + warned_after
    assert idle_stage(MORNING, warned_at, MORNING + after, TWO_YEARS) is stage


@given(used=LATER, warned=LATER, now=LATER)
def test_nobody_ends_before_the_time_and_the_notice_are_over(
    used: timedelta, warned: timedelta, now: timedelta
):
    used_at, warned_at, at = MORNING + used, MORNING + warned, MORNING + now
    if idle_stage(used_at, warned_at, at, TWO_YEARS) is Idle.END:
        assert at - used_at >= TWO_YEARS
        assert at - warned_at >= NOTICE
        assert warned_at > used_at
        assert at >= ends_on(used_at, warned_at, TWO_YEARS)


def test_a_term_that_leaves_no_time_for_a_warning_is_refused():
    assert idle_after(2) == timedelta(days=62)
    with pytest.raises(ValueError, match="two months"):
        idle_after(0)
