"""How often somebody may try: per account, per network, per whatever a caller names as a key.

Each key fills at a steady pace and may burst to its limit (the generic cell rate algorithm: one
number a key). The numbers live in this process: a second node doubles what a guesser gets, and
a restart forgets. When memory is full the key that waited longest is forgotten first.
A limit slows a guesser down; it never locks an owner out, which would be an attack by itself.
"""

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from server.foundation.clock import Clock
from server.foundation.errors import TooManyRequests

MOST_KEYS: Final = 100_000  # about 20 MB


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times within that long."""

    times: int
    within: timedelta


class Throttle:
    """Counts tries. Keys are kept as keyed hashes: no address and no e-mail stays in memory."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        """`per_minute` is the limit wherever a caller gives none."""
        self._clock = clock
        self._usual = Limit(per_minute, timedelta(minutes=1))
        self._free_at: OrderedDict[bytes, datetime] = OrderedDict()
        self._secret = secrets.token_bytes(16)

    def spend(self, act: str, *keys: str | None, limit: Limit | None = None) -> None:
        """Count one try of `act` for each key; None is everybody whose key isn't known.

        Raises TooManyRequests, with the seconds to wait, and then counts for no key.
        """
        limit, now = limit or self._usual, self._clock.now()
        pace = limit.within / limit.times
        filled: dict[bytes, datetime] = {}
        for key in keys:
            name = self._name(act, key)
            free_at = max(self._free_at.get(name, now), now) + pace
            if (wait := free_at - now - limit.within) > timedelta():
                raise TooManyRequests(ceil(wait.total_seconds()))
            filled[name] = free_at
        for name, free_at in filled.items():
            self._free_at[name] = free_at
            self._free_at.move_to_end(name)
        while len(self._free_at) > MOST_KEYS:
            self._free_at.popitem(last=False)

    def _name(self, act: str, key: str | None) -> bytes:
        text = f"{act}\0{key if key is not None else ''}".encode()
        return hashlib.blake2b(text, key=self._secret, digest_size=16).digest()
