"""A made-up world: a MaxMind-format database over the networks that RFC 5737 and 3849 set aside."""

from datetime import datetime
from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet

from server.foundation.requests import Address
from server.security.location import Locator
from server.security.place_rules import Place

LISBON = "203.0.113.7"
SOMEWHERE_IN_PORTUGAL = "198.51.100.9"
NOWHERE = "192.0.2.1"
PORTO_V6 = "2001:db8:1:2::3"

# Twenty towns that somebody can be in one after the other: address and name.
TWENTY_TOWNS = tuple((f"198.18.{number}.1", f"Canaryville-{number:02}") for number in range(20))

PORTUGAL: dict[str, Any] = {
    "geoname_id": 2264397,
    "iso_code": "PT",
    "names": {"en": "Portugal"},
}


def _record(city: str, city_id: int, region: str, radius_km: int) -> dict[str, Any]:
    return {
        "city": {"geoname_id": city_id, "names": {"en": city}},
        "country": PORTUGAL,
        "subdivisions": [{"geoname_id": city_id + 1, "names": {"en": region}}],
        "location": {"accuracy_radius": radius_km, "latitude": 38.71667, "longitude": -9.13333},
    }


class AskedLocator(Locator):
    """A real one, which counts how often it was asked."""

    def __init__(self, path: Path | None) -> None:
        super().__init__(path)
        self.asked = 0

    def find(self, address: Address | None) -> Place:
        self.asked += 1
        return super().find(address)


def write_places(path: Path, built: datetime | None = None, lisbon: str = "Lisbon") -> Path:
    """Write the database; `built` is the moment that it claims to be made."""
    writer = MMDBWriter(6, "Test-City", ipv4_compatible=True)
    writer.insert_network(IPSet(["203.0.113.0/24"]), _record(lisbon, 2267057, "Lisboa", 20))
    writer.insert_network(IPSet(["198.51.100.0/24"]), _record("Faro", 2268339, "Faro", 700))
    writer.insert_network(IPSet(["2001:db8:1::/48"]), _record("Porto", 2735943, "Porto", 10))
    for number, (address, town) in enumerate(TWENTY_TOWNS):
        network = IPSet([f"{address}/24"])
        writer.insert_network(network, _record(town, 9_000_000 + 10 * number, "Canaria", 20))
    writer.to_db_file(str(path))
    if built is not None:
        _date(path, built)
    return path


def _date(path: Path, built: datetime) -> None:
    data = path.read_bytes()
    key = data.rindex(b"build_epoch") + len(b"build_epoch")
    # an extended type (uint64) of `size` bytes follows: control byte, type byte, number
    size = data[key] & 0x1F
    number = int(built.timestamp()).to_bytes(size, "big")
    path.write_bytes(data[: key + 2] + number + data[key + 2 + size :])
