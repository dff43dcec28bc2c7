"""Which sockets are counted together: those of a network, as our proxies name it."""

import pytest

from server.foundation.settings import Settings
from server.signaling_parts import network_of

BEHIND_A_PROXY = Settings.model_validate({"trusted_proxies": ("10.0.0.0/8",)})


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("203.0.113.77", (), "203.0.113.0/24"),
        ("2001:db8:1:2::3", (), "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", (), "203.0.113.0/24"),
        ("10.0.0.1", ("198.51.100.9",), "198.51.100.0/24"),
        ("203.0.113.77", ("198.51.100.9",), "203.0.113.0/24"),  # anybody can write the header
        ("", (), ""),
    ],
)
def test_a_socket_is_counted_with_its_network(peer: str, forwarded: tuple[str, ...], network: str):
    assert network_of(BEHIND_A_PROXY, peer, forwarded) == network
