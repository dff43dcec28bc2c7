"""Opaque ids: `acc_eu1_01j9…`. What it is, the cell it lives in, when it was made, and chance.

The first 48 bits are milliseconds, so that an index fills at its end; the other 80 are random,
so that nobody guesses a neighbour. Knowing an id opens nothing.
"""

import secrets
from datetime import datetime
from typing import Final

from server.foundation.clock import Clock

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
CHARACTERS: Final = 26  # 130 bits hold 48 + 80
ENTROPY_BYTES: Final = 10


def make_id(prefix: str, cell: str, now: datetime, entropy: bytes) -> str:
    """An id of the kind `prefix`, born in `cell` at `now`. `entropy` is 10 random bytes."""
    if len(entropy) != ENTROPY_BYTES:
        raise ValueError(f"give {ENTROPY_BYTES} bytes of entropy")
    number = int(now.timestamp() * 1000) << 80 | int.from_bytes(entropy)
    digits = [ALPHABET[number >> 5 * place & 31] for place in reversed(range(CHARACTERS))]
    return f"{prefix}_{cell}_{''.join(digits)}"


class Ids:
    """Makes the ids of one cell."""

    def __init__(self, cell: str, clock: Clock) -> None:
        self._cell = cell
        self._clock = clock

    def new(self, prefix: str) -> str:
        """A fresh id, such as `cam_eu1_…` for the prefix `cam`."""
        return make_id(prefix, self._cell, self._clock.now(), secrets.token_bytes(ENTROPY_BYTES))
