"""How much of a place is kept: never a coordinate, never more than the look-up really knows.

Two rules. An address is cut to the network that many share. A place is named no finer than its
accuracy allows, because a wrong city in somebody's history is worse than a right country; and no
finer than its owner has chosen, before anything of it is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any, Final

from server.foundation.purposes import Granted, Purpose

CITY_WITHIN_KM: Final = 50  # a look-up this exact means the town or the one beside it
REGION_WITHIN_KM: Final = 250  # about the reach of a province
BUCKETS_KM: Final = (10, 25, 50, 100, 250, 500, 1000)  # the exact radius would identify a record
IPV6_PREFIX: Final = 48  # a site; a household's own prefix is longer
LONGEST_NAME: Final = 80  # characters of each part of a place's name


@dataclass(frozen=True, slots=True)
class Place:
    """Where, coarsely. `id` is GeoNames' number as text; `radius_km` one of BUCKETS_KM."""

    id: str | None
    text: str
    country: str | None  # ISO 3166-1 alpha-2
    radius_km: int | None
    country_name: str = "unknown"


UNKNOWN: Final = Place(None, "unknown", None, None)


@dataclass(frozen=True, slots=True)
class KeptPlace:
    """What of a place its owner lets us keep, each grade for a purpose of its own."""

    country: str | None = None
    town: str | None = None  # a region where the look-up knows no more
    town_id: str | None = None
    vicinity: str | None = None  # the town, and within how many kilometres the look-up is right

    @property
    def text(self) -> str:
        """The finest of it, for the owner."""
        return self.vicinity or self.town or self.country or "not recorded"


def kept_of(place: Place | None, granted: Granted) -> KeptPlace:
    """As much of a place as its owner allows. Nothing finer goes any further.

    None is for a place that nobody was asked for, or that wasn't told.
    """
    if place is None:
        return KeptPlace()
    is_finer = place.text != place.country_name
    with_town = is_finer and Purpose.TOWN_OF_USE in granted
    is_town = is_finer and place.radius_km is not None and place.radius_km <= CITY_WITHIN_KM
    with_vicinity = is_town and Purpose.VICINITY_OF_USE in granted
    return KeptPlace(
        country=place.country_name if Purpose.COUNTRY_OF_USE in granted else None,
        town=place.text if with_town else None,
        town_id=place.id if with_town else None,
        vicinity=f"{place.text}, within {place.radius_km} km" if with_vicinity else None,
    )


def told_place(country: str, town: str | None) -> Place:
    """A place that a phone sent: by name alone, so never nearer than a town."""
    return Place(None, f"{town}, {country}" if town else country, country, None, country)


def truncated(address: IPv4Address | IPv6Address) -> str:
    """The network that an address is kept as: /24 (256 neighbours) or /48, in CIDR notation."""
    if isinstance(
        address, IPv4Address
    ):  # for each socket: ip_network would take three times as long
        return f"{str(address).rpartition('.')[0]}.0/24"
    return str(ip_network((address, IPV6_PREFIX), strict=False))


def bucket_of(radius_km: float) -> int:
    """The smallest bucket that holds the radius; the largest one for anything beyond. Kilometres.

    Raises ValueError for a radius below zero.
    """
    if radius_km < 0:
        raise ValueError("a radius is not below zero")
    return next((bucket for bucket in BUCKETS_KM if radius_km <= bucket), BUCKETS_KM[-1])


def place_of(record: Any) -> Place:
    """What is kept of a record of a MaxMind-format city database.

    City within CITY_WITHIN_KM, region within REGION_WITHIN_KM, else country. A record without a
    radius knows a country at best: in doubt the coarser. UNKNOWN if it names no country, or if
    it isn't of the expected form. Latitude and longitude are not even read.
    """
    country = _part(record, "country")
    code, country_name = country.get("iso_code"), _name(country)
    if not isinstance(code, str) or not country_name:
        return UNKNOWN
    reach = _reach(record)
    if reach <= CITY_WITHIN_KM and (name := _name(city := _part(record, "city"))):
        return Place(_id(city), f"{name}, {country_name}", code, reach, country_name)
    if reach <= REGION_WITHIN_KM and (name := _name(region := _region(record))):
        return Place(_id(region), f"{name}, {country_name}", code, REGION_WITHIN_KM, country_name)
    return Place(_id(country), country_name, code, BUCKETS_KM[-1], country_name)


def _reach(record: Any) -> int:
    radius = _part(record, "location").get("accuracy_radius")
    if not isinstance(radius, int | float) or isinstance(radius, bool) or not radius >= 0:
        return BUCKETS_KM[-1]
    return bucket_of(radius)


def _part(record: Any, name: str) -> Mapping[str, Any]:
    part = record.get(name) if isinstance(record, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def _region(record: Any) -> Mapping[str, Any]:
    parts = record.get("subdivisions") if isinstance(record, Mapping) else None
    first = parts[0] if isinstance(parts, list) and parts else None
    return first if isinstance(first, Mapping) else {}


def _name(part: Mapping[str, Any]) -> str:
    name = _part(part, "names").get("en")
    return name[:LONGEST_NAME] if isinstance(name, str) else ""


def _id(part: Mapping[str, Any]) -> str | None:
    number = part.get("geoname_id")
    return str(number) if isinstance(number, int) else None
