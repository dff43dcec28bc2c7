"""Who may come in, how much all of one account may say, and how long a troublemaker waits."""

from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from signaling.buckets import AccountBuckets, Bucket
from signaling.connections import Connection
from signaling.networks import Networks
from signaling.protocol.close_codes import BROKEN, CROWDED, TOO_FAST, Close

PENALISED: Final = (TOO_FAST, BROKEN, CROWDED)
MOST_PENALISED: Final = 1_024  # sockets that are kept waiting; more are closed at once
SPREAD: Final = 32
AT_ONCE_S: Final = 15  # so many seconds' worth of wishes for calls may come at once


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """What one account may do at a node, and what awaits who goes too far.

    `penalty_s` is the least time in seconds that a troublemaker waits; the most is twice as long.
    A wish for a call costs a signature check and asks authority and engine, so it has a limit of
    its own.
    """

    messages_per_s: float
    calls_per_s: float
    penalty_s: float


class Admission:
    """One node's."""

    def __init__(self, networks: Networks, limits: AdmissionLimits) -> None:
        self._networks, self._limits = networks, limits
        self._accounts: WeakValueDictionary[str, AccountBuckets] = WeakValueDictionary()
        self._penalised: set[int] = set()

    def admit(self, connection: Connection, network: str, now: float) -> bool:
        """Count a new socket with its network. False where that has too many."""
        connection.network = self._networks.admit(network, now)
        return connection.network is not None

    def identified(self, connection: Connection, account_id: str, now: float) -> None:
        """The socket is this account's, and shares its limit from now on."""
        buckets = self._accounts.get(account_id)
        if buckets is None:
            messages, calls = self._limits.messages_per_s, self._limits.calls_per_s
            buckets = AccountBuckets(
                Bucket(messages, messages * 2, now), Bucket(calls, calls * AT_ONCE_S, now)
            )
        connection.account = self._accounts[account_id] = buckets

    def may_ask(self, connection: Connection, now: float) -> bool:
        """Whether the socket's account may have authority asked once more."""
        return connection.account is None or connection.account.calls.take(1, now)

    def penalty(self, connection: Connection, close: Close) -> float:
        """How many seconds the socket is kept waiting, unheard, before it is closed.

        Closed at once, a flood would be back at once; all at the same time, all together. Few are
        kept waiting at a time.
        """
        too_many = len(self._penalised) >= MOST_PENALISED
        if not self._limits.penalty_s or close not in PENALISED or too_many:
            return 0
        self._penalised.add(connection.number)
        return self._limits.penalty_s * (1 + connection.number % SPREAD / SPREAD)

    def left(self, connection: Connection) -> None:
        """A socket is gone."""
        self._penalised.discard(connection.number)
        if connection.network is not None:
            self._networks.leave(connection.network)
