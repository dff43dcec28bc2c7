"""Which days people work, and what time it is, in each region: what `holidays` and `tzdata` know.

A year's holidays may be decided late (China's make-up days: in the November before). An older
package then knows only the days that stand in the law, so it is to be renewed each December.
National holidays count and regional ones don't, which makes a date earlier and never later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from server.privacy.cases import deadline_rules
from server.privacy.cases.deadline_rules import IsWorkingDay, Stage
from server.privacy.cases.kinds import CaseKind

SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days and the time zones of one region."""

    region: str
    is_working: IsWorkingDay
    zones: tuple[tzinfo, ...]

    def received_on(self, moment: datetime) -> date:
        """The date of something that reached us at this moment."""
        return deadline_rules.first_day_of(moment, self.zones)

    def today(self, moment: datetime) -> date:
        """The date by which it is asked whether something is over."""
        return deadline_rules.last_day_of(moment, self.zones)

    def due_on(self, received_on: date, kind: CaseKind) -> date:
        """The last day for an answer."""
        return deadline_rules.due_on(received_on, kind, self.region, self.is_working)

    def stage(self, moment: datetime, due: date) -> Stage:
        """How near that day is."""
        return deadline_rules.stage_of(self.today(moment), due, self.is_working)


@cache
def calendar_of(region: str) -> Calendar:
    """The calendar of an area (ISO 3166-1). One that nobody knows works from Monday to Friday."""
    zones = tuple(ZoneInfo(name) for name in _zones().get(region, ()))
    return Calendar(region, _working_days(region), zones or (UTC,))


def _working_days(region: str) -> IsWorkingDay:
    try:
        return holidays.country_holidays(region).is_working_day
    except NotImplementedError:
        return lambda day: day.weekday() < SATURDAY


@cache
def _zones() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            area, _, zone = line.split("\t")[:3]
            found[area] = (*found.get(area, ()), zone)
    return found
