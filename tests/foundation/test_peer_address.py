"""Where a request came from: the header counts only as far as our own proxies wrote it."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from hypothesis import given
from hypothesis import strategies as st

from server.foundation.requests import peer_address
from server.foundation.settings import Settings

PROXIES = Settings.model_validate({"trusted_proxies": ("10.0.0.0/8", "fd00::/8")})
NO_PROXIES = Settings()
ADDRESSES = st.ip_addresses()
STRANGERS = ADDRESSES.filter(
    lambda it: not any(it in net for net in PROXIES.trusted_proxies) and not _mapped(it)
)
OURS = st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="fd00::/8")
HEADERS = st.lists(ADDRESSES.map(str) | st.text(max_size=20), max_size=5)


def _mapped(address: IPv4Address | IPv6Address) -> bool:
    return isinstance(address, IPv6Address) and address.ipv4_mapped is not None


@given(STRANGERS, HEADERS)
def test_an_untrusted_peers_header_is_ignored(
    peer: IPv4Address | IPv6Address, header: list[str]
) -> None:
    assert peer_address(str(peer), header, PROXIES) == peer


@given(ADDRESSES.filter(lambda it: not _mapped(it)), HEADERS)
def test_without_proxies_the_header_is_ignored(
    peer: IPv4Address | IPv6Address, header: list[str]
) -> None:
    assert peer_address(str(peer), header, NO_PROXIES) == peer


@given(HEADERS, STRANGERS, st.lists(OURS, max_size=3), OURS)
def test_behind_our_proxies_the_last_stranger_counts_whatever_came_before(
    made_up: list[str],
    caller: IPv4Address | IPv6Address,
    passed: list[IPv4Address | IPv6Address],
    peer: IPv4Address | IPv6Address,
) -> None:
    """What the caller wrote itself stands in front, and is never reached."""
    header = [*made_up, ", ".join(str(it) for it in (caller, *passed))]
    assert peer_address(str(peer), header, PROXIES) == caller


@given(st.none() | st.text(max_size=30), st.lists(st.text(max_size=60), max_size=4))
def test_nothing_that_is_sent_breaks_it(peer: str | None, header: list[str]) -> None:
    found = peer_address(peer, header, PROXIES)
    assert found is None or isinstance(found, IPv4Address | IPv6Address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_the_same_inside_an_ipv6_one(address: IPv4Address) -> None:
    assert peer_address(f"::ffff:{address}", [], NO_PROXIES) == address


def test_something_unreadable_before_our_proxy_is_nobody() -> None:
    """Better unknown than the next one, which the caller may have written."""
    assert peer_address("10.0.0.1", ["203.0.113.7, unknown"], PROXIES) is None
    assert peer_address("10.0.0.1", ["203.0.113.7"], PROXIES) == ip_address("203.0.113.7")
    assert peer_address(None, [], PROXIES) is None
