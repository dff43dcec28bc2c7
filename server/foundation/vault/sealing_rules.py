"""One value under one key: what is stored, and what it is bound to.

Stored are a format byte, the nonce, and AES-256-GCM's ciphertext with its tag: 29 bytes more than
the text has in UTF-8. A value that people gave us stands behind one more, the mark of its origin. A
nonce is 96 random bits and is never used again; under one subject key far fewer than 2³² values are
sealed (NIST SP 800-38D §8.3).
"""

import hmac
from collections.abc import Sequence
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.foundation.origins import mark_of
from server.foundation.vault.faults import CannotOpen

FORMAT: Final = b"\x01"
NONCE_BYTES: Final = 12
KEY_BYTES: Final = 32
INDEX_BYTES: Final = 32
Part = str | bytes | int


class Place(NamedTuple):
    """Where a value stands. `row` is the primary key, in the table's order."""

    table: str
    column: str
    row: tuple[Part, ...]


def seal(key: AESGCM, place: Place, text: str, nonce: bytes, mark: bytes = b"") -> bytes:
    """The text, readable at this place and with its origin's mark only.

    `nonce` is 12 fresh random bytes.
    """
    return mark + FORMAT + nonce + key.encrypt(nonce, text.encode(), _bound_to(place, mark))


def opened(key: AESGCM, place: Place, sealed: bytes) -> str:
    """The text that was sealed here. Raises CannotOpen."""
    mark = mark_of(sealed)
    form, rest = sealed[len(mark) :][:1], sealed[len(mark) + 1 :]
    nonce, rest = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
    if form != FORMAT:
        raise CannotOpen(place.table, place.column)
    try:
        return key.decrypt(nonce, rest, _bound_to(place, mark)).decode()
    except (InvalidTag, ValueError):  # ValueError: too short to be anything
        raise CannotOpen(place.table, place.column) from None


def index_of(key: bytes, table: str, column: str, values: Sequence[str]) -> bytes:
    """What stands in an index column for these values: HMAC-SHA256, different in each column."""
    return hmac.digest(key, together("index", table, column, *values), "sha256")


def together(*parts: Part) -> bytes:
    """Parts in one, each behind its kind and length: no two lists of parts read alike."""
    said = bytearray()
    for part in parts:
        kind, raw = _raw(part)
        said += kind + len(raw).to_bytes(4) + raw
    return bytes(said)


def _bound_to(place: Place, mark: bytes) -> bytes:
    origin = (mark,) if mark else ()
    return together("value", place.table, place.column, *place.row, *origin)


def _raw(part: Part) -> tuple[bytes, bytes]:
    match part:
        case str():
            return b"s", part.encode()
        case bytes():
            return b"b", part
        case int():
            return b"i", str(part).encode()
