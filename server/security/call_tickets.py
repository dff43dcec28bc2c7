"""Tickets of running calls, sealed: a camera keeps them for us and learns nothing from them.

A ticket says who watches, and for how long the call may go on. Each is encrypted with AES-256-GCM
under a key of its own, derived from a signing key of the cell and chance that the ticket carries,
so no nonce can ever come twice. The camera and the session are authenticated with it: at another
camera, or for another call, it is nobody's. It is no JWT, so it never passes for an access token.
"""

import base64
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.foundation.clock import Clock
from server.foundation.identity import Identity, Kind
from server.security.signing_keys import SigningKey
from server.security.tokens import SKEW
from signaling.access import Ticket

PURPOSE: Final = b"secuhome call ticket 1"  # what is signed with the key is never derived from it
SALT_BYTES: Final = 16
NONCE: Final = bytes(12)  # one key seals one ticket
LASTS: Final = timedelta(days=7)  # no picture runs for longer without being called anew


class _Sealed(msgspec.Struct, array_like=True, frozen=True):
    account_id: str
    sign_in_id: str
    issued: int  # seconds since 1970
    lasts: int | None  # seconds, for a session that expires


_sealed: Final = msgspec.msgpack.Decoder(_Sealed)


class CallTickets:
    """Seals and opens the tickets of one cell."""

    def __init__(self, keys: tuple[SigningKey, ...], cell: str, clock: Clock) -> None:
        """The first key seals, all open."""
        self._secrets = [key.private.private_bytes_raw() for key in keys]
        self._cell, self._clock = cell, clock

    def seal(self, viewer: Identity, camera_id: str, session: str, lasts: int | None) -> str:
        """A ticket for this call; `lasts` in seconds, None where the session has no end."""
        issued = int(self._clock.now().timestamp())
        told = msgspec.msgpack.encode(_Sealed(viewer.id, viewer.session_id, issued, lasts))
        salt = secrets.token_bytes(SALT_BYTES)
        box = AESGCM(_key(self._secrets[0], salt))
        sealed = box.encrypt(NONCE, told, self._context(camera_id, session))
        return base64.urlsafe_b64encode(salt + sealed).decode().rstrip("=")

    def open(self, ticket: str, camera_id: str, session: str) -> Ticket | None:
        """Whose call it is; None for a ticket that isn't ours, not of this call, or too old."""
        told = self._opened(ticket, self._context(camera_id, session))
        if told is None:
            return None
        now, issued = self._clock.now(), datetime.fromtimestamp(told.issued, UTC)
        if not issued - SKEW <= now < issued + LASTS:
            return None
        viewer = Identity(Kind.ACCOUNT, told.account_id, told.sign_in_id, issued + LASTS)
        if told.lasts is None:
            return Ticket(viewer)
        return Ticket(viewer, told.issued + told.lasts - now.timestamp())

    def _opened(self, ticket: str, context: bytes) -> _Sealed | None:
        try:
            whole = base64.b64decode(ticket + "=" * (-len(ticket) % 4), b"-_", validate=True)
        except ValueError:
            return None
        salt, sealed = whole[:SALT_BYTES], whole[SALT_BYTES:]
        for secret in self._secrets:
            try:
                told = AESGCM(_key(secret, salt)).decrypt(NONCE, sealed, context)
            except InvalidTag:
                continue
            return _sealed.decode(told)
        return None

    def _context(self, camera_id: str, session: str) -> bytes:
        return msgspec.msgpack.encode((self._cell, camera_id, session))


def _key(secret: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=PURPOSE).derive(secret)
