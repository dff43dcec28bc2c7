"""A stream sealed in chunks, so that it is opened in little memory and never without its end.

This is the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-
Encryption and its Nonce-Reuse Misuse-Resistance" (CRYPTO 2015): a chunk's nonce is its number and
whether it is the last. A chunk that was left out, doubled, moved, or has become the last one
doesn't open. AES-256-GCM; a key seals one stream only, so numbers are nonces enough. The header
is bound to each chunk.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK_BYTES: Final = 65_536
TAG_BYTES: Final = 16
SEALED_BYTES: Final = CHUNK_BYTES + TAG_BYTES  # of every chunk but the last
NUMBER_BYTES: Final = 11  # with the byte for "last" the 12 of a nonce


class NotThisStream(Exception):  # noqa: N818 - says what was found
    """The bytes are not what was sealed with this key and header, from its start to its end."""


class Sealing:
    """A stream on its way into chunks, part by part."""

    def __init__(self, key: bytes, header: bytes) -> None:
        self._cipher, self._header = AESGCM(key), header
        self._waiting, self._number = bytearray(), 0

    def after(self, part: bytes) -> bytes:
        """The chunks that are full with this part, sealed; often none."""
        self._waiting += part
        full = bytearray()
        while len(self._waiting) > CHUNK_BYTES:  # what is left is never nothing: it may be the last
            full += self._next(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]
        return bytes(full)

    def at_the_end(self) -> bytes:
        """The last chunk. Nothing may come after it."""
        return self._next(bytes(self._waiting), last=True)

    def _next(self, chunk: bytes, *, last: bool) -> bytes:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), chunk, self._header)
        self._number += 1
        return sealed


def opened_chunks(sealed: Iterable[bytes], key: bytes, header: bytes) -> Iterator[bytes]:
    """The chunks as they were; `sealed` has SEALED_BYTES each, the last one fewer or as many.

    Raises NotThisStream, at the first chunk that is not the one that was sealed there.
    """
    cipher, coming = AESGCM(key), iter(sealed)
    chunk, number = next(coming, b""), 0
    while True:
        following = next(coming, None)
        try:
            yield cipher.decrypt(_nonce(number, last=following is None), chunk, header)
        except InvalidTag:
            raise NotThisStream from None
        if following is None:
            return
        chunk, number = following, number + 1


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(NUMBER_BYTES) + bytes([last])
