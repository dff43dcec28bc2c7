"""A made-up GeoIP file: the documentation networks (RFC 5737) put on the map.

It is in MaxMind's format, and read by the same code as a bought one.
"""

from pathlib import Path
from typing import Any, Final

from mmdb_writer import MMDBWriter
from netaddr import IPSet

PHONE_ADDRESS: Final = "203.0.113.77"  # what the demo's proxy says of the demo's phone
PLACES: Final = (
    # network, country, region, city, its GeoNames id, accuracy radius in km
    ("203.0.113.0/24", ("PT", "Portugal"), ("11", "Lisbon District"), ("Lisbon", 2267057), 20),
    ("198.51.100.0/24", ("DE", "Germany"), ("BE", "Land Berlin"), ("Berlin", 2950159), 50),
    ("192.0.2.0/24", ("JP", "Japan"), ("13", "Tokyo"), ("Tokyo", 1850147), 1000),
)
COUNTRY_IDS: Final = {"PT": 2264397, "DE": 2921044, "JP": 1861060}
REGION_IDS: Final = {"11": 2267056, "BE": 2950157, "13": 1850144}


def write_geography(path: Path) -> None:
    """Write the file."""
    writer = MMDBWriter(
        ip_version=4, database_type="GeoLite2-City", languages=["en"], description="made up"
    )
    for network, country, region, city, radius_km in PLACES:
        writer.insert_network(IPSet([network]), _entry(country, region, city, radius_km))
    writer.to_db_file(str(path))


def _entry(
    country: tuple[str, str], region: tuple[str, str], city: tuple[str, int], radius_km: int
) -> dict[str, Any]:
    return {
        "country": {
            "iso_code": country[0],
            "geoname_id": COUNTRY_IDS[country[0]],
            "names": {"en": country[1]},
        },
        "subdivisions": [
            {
                "iso_code": region[0],
                "geoname_id": REGION_IDS[region[0]],
                "names": {"en": region[1]},
            }
        ],
        "city": {"geoname_id": city[1], "names": {"en": city[0]}},
        "location": {"accuracy_radius": radius_km},
    }
