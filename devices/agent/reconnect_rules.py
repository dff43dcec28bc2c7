"""How long a camera waits before it knocks again.

A gateway that dies sends all its cameras away in the same moment. If they came back together
they would push over the next one; so each waits a random time (the dice come from outside) below
a limit that doubles: "full jitter", which needs fewer connections in all than any fixed step.
"""

from typing import Final

FIRST_LIMIT_S: Final = 1.0  # a dropped Wi-Fi is back within seconds
LONGEST_LIMIT_S: Final = 60.0  # an outage of an hour costs a camera sixty knocks
AT_ONCE_LIMIT_S: Final = 0.5  # told to come at once (a draining gateway): spread, but only a little
SETTLED_AFTER_S: Final = 30.0  # a connection that lasted this long was a good one: count from zero


def limit_s(failures: int) -> float:
    """The longest wait after so many failures in a row, in seconds; never above a minute.

    Raises ValueError for a negative number.
    """
    if failures < 0:
        raise ValueError("failures are counted from zero")
    doublings = min(failures, 16)  # 2**16 s is far above the limit: no need for huge numbers
    return min(LONGEST_LIMIT_S, FIRST_LIMIT_S * 2.0**doublings)


def wait_s(failures: int, dice: float, *, at_once: bool = False) -> float:
    """How long to wait now, in seconds. `dice` is a fresh random number in [0, 1).

    `at_once` is for a close code that asks for it, and only the first time: a gateway that keeps
    saying so is broken. Raises ValueError for a dice outside its range.
    """
    if not 0.0 <= dice < 1.0:
        raise ValueError("the dice must lie in [0, 1)")
    if at_once and failures == 0:
        return dice * AT_ONCE_LIMIT_S
    return dice * limit_s(failures)


def still_counted(failures: int, lasted_s: float) -> int:
    """How many failures still count after a connection that lasted so long: none, if it was good.

    `lasted_s` is 0 for a connection that never came about.
    """
    return 0 if lasted_s >= SETTLED_AFTER_S else failures
