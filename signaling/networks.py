"""How many sockets come from where, and how fast: one network must not crowd the others out.

A network is what many neighbours share; the server says which it is (`place_rules.truncated`). It
is known while it has sockets here and for a moment afterwards, in memory only, and is never
written down.
"""

from dataclasses import dataclass, field
from typing import Final

from signaling.buckets import Bucket

FORGET_OVER: Final = 10_000  # networks without a socket, before those that are quiet are dropped


@dataclass(slots=True)
class Network:
    """One network's sockets here, and the rate at which it may open more."""

    name: str
    arrivals: Bucket
    sockets: int = 0


@dataclass(slots=True)
class Networks:
    """All networks that have sockets here.

    After a restart a network's sockets may all come at once, and some more; then `per_s` new ones.
    """

    most_sockets: int
    per_s: float
    _known: dict[str, Network] = field(default_factory=dict[str, Network])

    def admit(self, name: str, now: float) -> Network | None:
        """Count one more socket of this network; None where it has too many."""
        network = self._known.get(name)
        if network is None:
            if len(self._known) > FORGET_OVER:
                self._known = {key: it for key, it in self._known.items() if it.sockets}
            arrivals = Bucket(self.per_s, self.most_sockets + self.per_s * 10, now)
            network = self._known[name] = Network(name, arrivals)
        if network.sockets >= self.most_sockets or not network.arrivals.take(1, now):
            return None
        network.sockets += 1
        return network

    def leave(self, network: Network) -> None:
        """One socket of this network less."""
        network.sockets -= 1
