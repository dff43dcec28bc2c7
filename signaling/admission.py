"""Who may come in, how much all of one account may say, and how long a troublemaker waits."""

from typing import Final
from weakref import WeakValueDictionary

from signaling.buckets import Bucket
from signaling.connections import Connection
from signaling.networks import Networks
from signaling.protocol.close_codes import BROKEN, CROWDED, TOO_FAST, Close

PENALISED: Final = (TOO_FAST, BROKEN, CROWDED)
MOST_PENALISED: Final = 1_024  # sockets that are kept waiting; more are closed at once
SPREAD: Final = 32
CALL_COSTS: Final = 40  # messages: a signature is verified, and authority and engine are asked


class Admission:
    """One node's. `per_s_per_account` counts messages.

    `penalty_s` is the least time in seconds that a troublemaker waits; the most is twice as long.
    """

    def __init__(self, networks: Networks, per_s_per_account: float, penalty_s: float) -> None:
        self._networks = networks
        self._per_s_per_account, self._penalty_s = per_s_per_account, penalty_s
        self._accounts: WeakValueDictionary[str, Bucket] = WeakValueDictionary()
        self._penalised: set[int] = set()

    def admit(self, connection: Connection, network: str, now: float) -> bool:
        """Count a new socket with its network. False where that has too many."""
        connection.network = self._networks.admit(network, now)
        return connection.network is not None

    def identified(self, connection: Connection, account_id: str, now: float) -> None:
        """The socket is this account's, and shares its limit from now on."""
        rate = self._per_s_per_account
        bucket = self._accounts.get(account_id) or Bucket(rate, rate * 2, now)
        connection.account = self._accounts[account_id] = bucket

    def may_ask(self, connection: Connection, now: float) -> bool:
        """Whether the socket's account may have authority asked once more."""
        return connection.account is None or connection.account.take(CALL_COSTS, now)

    def penalty(self, connection: Connection, close: Close) -> float:
        """How many seconds the socket is kept waiting, unheard, before it is closed.

        Closed at once, a flood would be back at once; all at the same time, all together. Few are
        kept waiting at a time.
        """
        too_many = len(self._penalised) >= MOST_PENALISED
        if not self._penalty_s or close not in PENALISED or too_many:
            return 0
        self._penalised.add(connection.number)
        return self._penalty_s * (1 + connection.number % SPREAD / SPREAD)

    def left(self, connection: Connection) -> None:
        """A socket is gone."""
        self._penalised.discard(connection.number)
        if connection.network is not None:
            self._networks.leave(connection.network)
