"""From an address to a coarse place, by a MaxMind-format database in memory.

Without a database, and for addresses that it doesn't know, the place is unknown and everything
else goes on: a look-up never stands in the way of a sign-in. No address leaves this process.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import maxminddb

from server.foundation.requests import Address
from server.foundation.settings import BadSettings
from server.security.place_rules import UNKNOWN, Place, place_of

SETTING: Final = "SECUHOME_GEOIP_PATH"
SECOND_SETTING: Final = "SECUHOME_GEOIP_SECOND_PATH"
OLD_AFTER: Final = timedelta(days=30)  # addresses move; MaxMind's licence asks for fresh data


@dataclass(frozen=True, slots=True)
class LocatorState:
    """What the locator stands on: for the log and the readiness check."""

    condition: Literal["absent", "fresh", "old"]
    age_days: int | None


class Locator:
    """Looks addresses up. Opened once; the file may be replaced and the process started anew."""

    def __init__(self, path: Path | None, setting: str = SETTING) -> None:
        """None, or a file that isn't there: every place is unknown, and `state` says so.

        Raises BadSettings for a file that is no database.
        """
        self._reader: maxminddb.Reader | None = None
        if path is not None and path.exists():
            try:
                self._reader = maxminddb.open_database(path)
            except (OSError, ValueError, maxminddb.InvalidDatabaseError):
                raise BadSettings(
                    f"{setting}: no MaxMind-format database can be read there; check the path"
                ) from None

    @property
    def is_there(self) -> bool:
        """Whether there is a database to ask."""
        return self._reader is not None

    def find(self, address: Address | None) -> Place:
        """The place of an address, coarse; UNKNOWN where there is none. Raises nothing."""
        if self._reader is None or address is None:
            return UNKNOWN
        try:
            return place_of(self._reader.get(address))
        except (ValueError, maxminddb.InvalidDatabaseError):
            return UNKNOWN  # an IPv6 address in an IPv4 database, or a damaged record

    def state(self, now: datetime) -> LocatorState:
        """Whether there is a database, and whether it is older than 30 days."""
        if self._reader is None:
            return LocatorState("absent", None)
        age = now - datetime.fromtimestamp(self._reader.metadata().build_epoch, UTC)
        return LocatorState("old" if age > OLD_AFTER else "fresh", age.days)

    def close(self) -> None:
        """Give the file back."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None
