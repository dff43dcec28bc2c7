"""Whoever dies is started again, less and less often, until he lasts."""

import pytest

from server.restart_rules import LASTED_S, LONGEST_WAIT_S, deaths_in_a_row, wait_s


def test_the_wait_grows_to_its_limit_and_stays_there():
    waits = [wait_s(deaths) for deaths in range(1, 100)]
    assert waits[:4] == [0.5, 1.0, 2.0, 4.0]
    assert waits == sorted(waits)
    assert set(waits[7:]) == {LONGEST_WAIT_S}


@pytest.mark.parametrize(("lasted_s", "counted"), [(0, 5), (LASTED_S - 0.1, 5), (LASTED_S, 1)])
def test_a_life_that_lasted_makes_good_for_all_before(lasted_s: float, counted: int):
    assert deaths_in_a_row(4, lasted_s) == counted


def test_there_is_no_wait_before_the_first_death():
    with pytest.raises(ValueError, match="nobody"):
        wait_s(0)
