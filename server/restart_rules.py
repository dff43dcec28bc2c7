"""How long a process that died stays down: longer each time, unless it had lasted.

One that dies at once would otherwise be started a hundred times a minute, and each start asks
the database and NATS for something.
"""

from typing import Final

FIRST_WAIT_S: Final = 0.5  # its cameras come back within a second; most find the other processes
LONGEST_WAIT_S: Final = 30.0  # a database that is back is noticed within half a minute
LASTED_S: Final = 60.0  # who ran so long died of something new: count from zero


def wait_s(deaths: int) -> float:
    """How long to wait after so many deaths in a row, in seconds. Raises ValueError below one."""
    if deaths < 1:
        raise ValueError("nobody has died yet")
    doublings = min(deaths - 1, 16)  # 2**16 s is far above the limit: no need for huge numbers
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0**doublings)


def deaths_in_a_row(before: int, lasted_s: float) -> int:
    """How many deaths now count, this one included, after a run of so many seconds."""
    return 1 if lasted_s >= LASTED_S else before + 1
