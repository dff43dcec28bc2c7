"""When an account that nobody uses is warned, and when it ends. In doubt it goes on."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

NOTICE: Final = timedelta(days=30)  # a holiday and a while to find the letter
MONTH: Final = timedelta(days=31)  # the longest: nobody ends earlier than was said


class Idle(StrEnum):
    """What is to be done about an account now."""

    NOTHING = "nothing"
    WARN = "warn"
    END = "end"


def idle_after(months: int) -> timedelta:
    """How long an account may lie idle. Raises ValueError where no time is left for a warning."""
    if months * MONTH <= NOTICE:
        raise ValueError("give two months at least")
    return months * MONTH


def idle_stage(
    used_at: datetime, warned_at: datetime | None, now: datetime, lasts: timedelta
) -> Idle:
    """What is to be done about an account that was last used then, and was warned then.

    It ends at the earliest when it has lain idle for `lasts` and the warning is NOTICE old: a
    server that stood still for a while doesn't cut the notice short. A use after the warning undoes
    that.
    """
    if now < used_at + lasts - NOTICE:
        return Idle.NOTHING
    if warned_at is None or warned_at <= used_at:
        return Idle.WARN
    return Idle.END if now >= ends_on(used_at, warned_at, lasts) else Idle.NOTHING


def ends_on(used_at: datetime, warned_at: datetime, lasts: timedelta) -> datetime:
    """When an account that was warned then ends, if nobody uses it."""
    return max(used_at + lasts, warned_at + NOTICE)
