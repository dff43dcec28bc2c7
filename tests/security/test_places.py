"""Places: coarse, never a coordinate, never finer than the look-up knows."""

import json
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.foundation.purposes import Granted, Purpose
from server.foundation.settings import BadSettings
from server.security.location import Locator
from server.security.place_rules import (
    BUCKETS_KM,
    CITY_WITHIN_KM,
    REGION_WITHIN_KM,
    UNKNOWN,
    bucket_of,
    kept_of,
    place_of,
    truncated,
)
from tests.movable_clock import MORNING
from tests.places import LISBON, NOWHERE, PORTO_V6, SOMEWHERE_IN_PORTUGAL, write_places

ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    *("city", "country", "subdivisions", "location", "names", "en", "iso_code"),
                    *("accuracy_radius", "geoname_id", "latitude"),
                )
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


def record(radius: Any, *, city: str = "Lisbon", region: str = "Lisboa") -> dict[str, Any]:
    """A city record as GeoLite2 has them."""
    return {
        "city": {"geoname_id": 2267057, "names": {"en": city} if city else {}},
        "country": {"geoname_id": 2264397, "iso_code": "PT", "names": {"en": "Portugal"}},
        "subdivisions": [{"geoname_id": 2267056, "names": {"en": region} if region else {}}],
        "location": {"accuracy_radius": radius, "latitude": 38.71667, "longitude": -9.13333},
    }


@given(ADDRESSES)
def test_a_kept_network_holds_the_address_and_many_others(
    address: IPv4Address | IPv6Address,
) -> None:
    network = ip_network(truncated(address))
    assert address in network
    assert network.prefixlen == (24 if address.version == 4 else 48)


@given(ADDRESSES, st.integers(0, 2**80 - 1))
def test_neighbours_are_kept_alike(address: IPv4Address | IPv6Address, other: int) -> None:
    network = ip_network(truncated(address))
    neighbour = network[other % network.num_addresses]
    assert truncated(neighbour) == truncated(address)


@given(st.floats(0, 1e6))
def test_a_bucket_is_never_smaller_than_the_radius_up_to_the_largest(radius: float) -> None:
    bucket = bucket_of(radius)
    assert bucket in BUCKETS_KM
    assert bucket >= min(radius, BUCKETS_KM[-1])


def test_a_radius_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below zero"):
        bucket_of(-1)


@given(st.integers(0, 5000))
def test_a_place_is_named_no_finer_than_its_accuracy(radius: int) -> None:
    place = place_of(record(radius))
    if radius <= CITY_WITHIN_KM:
        assert (place.text, place.id) == ("Lisbon, Portugal", "2267057")
    elif radius <= REGION_WITHIN_KM:
        assert (place.text, place.id) == ("Lisboa, Portugal", "2267056")
    else:
        assert (place.text, place.id) == ("Portugal", "2264397")
    assert place.country == "PT"
    assert place.radius_km is not None
    assert place.radius_km >= min(radius, BUCKETS_KM[-1])


@pytest.mark.parametrize("radius", [None, "10", True, -5, float("nan"), [10]])
def test_without_an_accuracy_only_the_country_is_named(radius: Any) -> None:
    assert place_of(record(radius)).text == "Portugal"


def test_without_the_finer_name_the_coarser_one_counts() -> None:
    assert place_of(record(10, city="")).text == "Lisboa, Portugal"
    assert place_of(record(10, city="", region="")).text == "Portugal"


@given(JSON)
def test_no_record_whatever_breaks_the_look_up_or_lets_a_coordinate_through(found: Any) -> None:
    place = place_of(found)
    assert place.radius_km is None or place.radius_km in BUCKETS_KM
    assert (place.country is None) == (place == UNKNOWN)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_coordinates_make_no_difference(latitude: float, longitude: float) -> None:
    moved = record(10)
    moved["location"] |= {"latitude": latitude, "longitude": longitude}
    assert place_of(moved) == place_of(record(10))


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (LISBON, "Lisbon, Portugal"),
        (SOMEWHERE_IN_PORTUGAL, "Portugal"),
        (PORTO_V6, "Porto, Portugal"),
        (NOWHERE, "unknown"),
        ("127.0.0.1", "unknown"),
        ("10.1.2.3", "unknown"),
        ("fe80::1", "unknown"),
    ],
)
def test_an_address_is_found_in_the_database(tmp_path: Path, address: str, text: str) -> None:
    locator = Locator(write_places(tmp_path / "places.mmdb"))
    assert locator.find(ip_address(address)).text == text
    locator.close()


def test_without_a_database_or_an_address_every_place_is_unknown(tmp_path: Path) -> None:
    assert Locator(None).find(ip_address(LISBON)) == UNKNOWN
    locator = Locator(write_places(tmp_path / "places.mmdb"))
    assert locator.find(None) == UNKNOWN
    locator.close()
    assert Locator(None).state(MORNING).condition == "absent"


@pytest.mark.parametrize(("age", "condition"), [(0, "fresh"), (30, "fresh"), (31, "old")])
def test_a_database_grows_old_after_thirty_days(tmp_path: Path, age: int, condition: str) -> None:
    locator = Locator(write_places(tmp_path / "places.mmdb", MORNING - timedelta(days=age)))
    state = locator.state(MORNING)
    assert (state.condition, state.age_days) == (condition, age)
    locator.close()


def test_a_file_that_is_no_database_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "places.mmdb"
    path.write_text(json.dumps(record(10)))
    with pytest.raises(BadSettings, match="SECUHOME_GEOIP_PATH"):
        Locator(path)


def test_a_file_that_isnt_there_is_told_and_places_are_unknown(tmp_path: Path) -> None:
    locator = Locator(tmp_path / "absent.mmdb")
    assert locator.state(MORNING).condition == "absent"
    assert locator.find(ip_address(LISBON)) == UNKNOWN


CHOICES = st.sets(
    st.sampled_from((Purpose.COUNTRY_OF_USE, Purpose.TOWN_OF_USE, Purpose.VICINITY_OF_USE))
)


@given(st.integers(0, 5000) | st.none(), CHOICES)
def test_what_is_kept_of_a_place_is_never_finer_than_was_chosen(
    radius: int | None, chosen: set[str]
) -> None:
    place = place_of(record(radius))
    kept = kept_of(place, Granted("acc_1", chosen, set(Purpose)))
    assert (kept.country == "Portugal") == (Purpose.COUNTRY_OF_USE in chosen)
    is_finer = place.text != "Portugal"
    assert (kept.town is not None) == (kept.town_id is not None)
    assert (kept.town is not None) == (is_finer and Purpose.TOWN_OF_USE in chosen)
    if kept.vicinity is not None:
        assert Purpose.VICINITY_OF_USE in chosen
        assert kept.vicinity == f"Lisbon, Portugal, within {place.radius_km} km"
    finer = {Purpose.TOWN_OF_USE, Purpose.VICINITY_OF_USE} & chosen
    assert finer or not any(name in str(kept) for name in ("Lisbon", "Lisboa", "2267"))
