"""How many sockets come from where, and how fast: one network must not crowd the others out.

A network is what many neighbours share (/24 of IPv4, /48 of IPv6). It is known while it has
sockets here and for a moment afterwards, in memory only, and is never written down.
"""

from dataclasses import dataclass, field
from typing import Final

from signaling.buckets import Bucket

IPV6_GROUPS: Final = 3  # of 16 bits: a /48
FORGET_OVER: Final = 10_000  # networks without a socket, before those that are quiet are dropped


@dataclass(slots=True)
class Network:
    """One network's sockets here, and the rate at which it may open more."""

    name: str
    arrivals: Bucket
    sockets: int = 0


@dataclass(slots=True)
class Networks:
    """All networks that have sockets here. `per_s` counts new sockets."""

    most_sockets: int
    per_s: float
    _known: dict[str, Network] = field(default_factory=dict[str, Network])

    def admit(self, address: str, now: float) -> Network | None:
        """Count one more socket of the address's network; None where it has too many."""
        name = network_of(address)
        network = self._known.get(name)
        if network is None:
            if len(self._known) > FORGET_OVER:
                self._known = {key: it for key, it in self._known.items() if it.sockets}
            arrivals = Bucket(self.per_s, self.per_s * 10, now)
            network = self._known[name] = Network(name, arrivals)
        if network.sockets >= self.most_sockets or not network.arrivals.take(1, now):
            return None
        network.sockets += 1
        return network

    def leave(self, network: Network) -> None:
        """One socket of this network less."""
        network.sockets -= 1


def network_of(address: str) -> str:
    """The network that an address is counted with; an unreadable one is its own."""
    if ":" not in address:
        return address.rpartition(".")[0] or address
    head, _, tail = address.partition("::")
    groups = head.split(":") if head else []
    if tail or "::" in address:
        groups += ["0"] * (IPV6_GROUPS - len(groups))
    return ":".join(groups[:IPV6_GROUPS])
