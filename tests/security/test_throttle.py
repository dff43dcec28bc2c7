"""The throttle: a burst, then a steady pace, for each key by itself."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.foundation.errors import TooManyRequests
from server.security import throttle as module
from server.security.throttle import Limit, Throttle
from tests.movable_clock import MovableClock


def _passes(throttle: Throttle, *keys: str | None) -> bool:
    try:
        throttle.spend("try", *keys)
    except TooManyRequests:
        return False
    return True


def test_a_burst_passes_up_to_the_limit_and_waiting_helps() -> None:
    clock = MovableClock()
    throttle = Throttle(clock, per_minute=30)
    assert [_passes(throttle, "a") for _ in range(31)] == [True] * 30 + [False]
    with pytest.raises(TooManyRequests) as refused:
        throttle.spend("try", "a")
    assert refused.value.retry_after_s == 2
    clock.advance(seconds=refused.value.retry_after_s)
    assert [_passes(throttle, "a") for _ in range(2)] == [True, False]


def test_keys_and_acts_dont_share() -> None:
    throttle = Throttle(MovableClock(), per_minute=1)
    assert [_passes(throttle, key) for key in ("a", "b", "a")] == [True, True, False]
    throttle.spend("something else", "a")


def test_nobody_known_is_one_key() -> None:
    throttle = Throttle(MovableClock(), per_minute=1)
    assert [_passes(throttle, None) for _ in range(2)] == [True, False]


def test_a_refusal_by_one_key_counts_for_none() -> None:
    throttle = Throttle(MovableClock(), per_minute=1)
    throttle.spend("try", "network")
    assert not _passes(throttle, "account", "network")
    assert _passes(throttle, "account")


def test_a_limit_of_its_own_counts_instead_of_the_usual() -> None:
    throttle = Throttle(MovableClock(), per_minute=100)
    limit = Limit(2, timedelta(hours=1))
    throttle.spend("letter", "a", limit=limit)
    throttle.spend("letter", "a", limit=limit)
    with pytest.raises(TooManyRequests) as refused:
        throttle.spend("letter", "a", limit=limit)
    assert refused.value.retry_after_s == 1800


@given(st.lists(st.floats(0, 30), min_size=1, max_size=200), st.integers(1, 20))
def test_no_minute_ever_holds_more_than_twice_the_limit(waits: list[float], limit: int) -> None:
    """A full burst and the pace beside it: the most that the algorithm lets through."""
    clock = MovableClock()
    throttle = Throttle(clock, per_minute=limit)
    passed: list[float] = []
    now = 0.0
    for wait in waits:
        clock.advance(seconds=wait)
        now += wait
        if _passes(throttle, "a"):
            passed.append(now)
    for first in passed:
        assert sum(first <= at < first + 60 for at in passed) <= 2 * limit


def test_a_flood_of_keys_doesnt_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEYS", 100)
    throttle = Throttle(MovableClock(), per_minute=1)
    for number in range(1000):
        throttle.spend("try", str(number))
    assert len(throttle._free_at) == 100
    assert not _passes(throttle, "999")


def test_no_address_stays_in_memory() -> None:
    throttle = Throttle(MovableClock(), per_minute=1)
    throttle.spend("try", "anna@example.com")
    assert b"anna" not in b"".join(throttle._free_at)
