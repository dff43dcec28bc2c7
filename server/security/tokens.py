"""Access tokens: issued here, verified here, and nowhere else turned into an identity.

A token is a JWT under EdDSA that lives for ten minutes at most. It says which of the three kinds
of callers its bearer is; a token of one kind is never good for another.
"""

import secrets
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import jwt

from server.foundation.clock import Clock
from server.foundation.identity import Identity, Kind
from server.security.errors import BadToken
from server.security.signing_keys import SigningKey

AUDIENCE: Final = "secuhome"
ALGORITHM: Final = "EdDSA"
HEADER_TYPE: Final = "at+jwt"  # RFC 9068 §2.1: no other JWT of ours or anybody's passes for one
REQUIRED: Final = ("iss", "aud", "sub", "typ", "sid", "exp", "iat", "jti", "cell")
LONGEST: Final = timedelta(minutes=10)
SKEW: Final = timedelta(seconds=5)  # nodes of one cell keep NTP time; more would be a fault
LONGEST_TOKEN: Final = 2_048  # characters; ours have about 450


class TokenDesk:
    """Issues and verifies the tokens of one cell."""

    def __init__(
        self,
        keys: tuple[SigningKey, ...],
        issuer: str,
        clock: Clock,
        lifetime: timedelta,
        cell: str,
    ) -> None:
        """The first key signs, all verify. Raises ValueError for a lifetime over ten minutes."""
        if not keys or not timedelta() < lifetime <= LONGEST:
            raise ValueError("give a key, and a lifetime of ten minutes at most")
        self._signing = keys[0]
        self._public = {key.id: key.private.public_key() for key in keys}
        self._jwks = {"keys": [key.jwk() for key in keys]}
        self._issuer, self._clock, self._cell = issuer, clock, cell
        self.lifetime = lifetime

    def issue(self, kind: Kind, id: str, session_id: str) -> str:  # noqa: A002 - the id it is
        """A token for this caller, good from now for `lifetime`."""
        now = self._clock.now()
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": id,
            "typ": kind.value,
            "sid": session_id,
            "iat": int(now.timestamp()),
            "exp": int((now + self.lifetime).timestamp()),
            "jti": secrets.token_urlsafe(12),
            "cell": self._cell,
        }
        header = {"kid": self._signing.id, "typ": HEADER_TYPE}
        return jwt.encode(claims, self._signing.private, ALGORITHM, header)

    def verify(self, token: str) -> Identity:
        """Who this token speaks for. Raises BadToken, always the same, without a reason."""
        if len(token) > LONGEST_TOKEN:
            raise BadToken
        try:
            claims = self._claims(token)
            issued, expires = (_moment(claims[name]) for name in ("iat", "exp"))
            caller = Identity(Kind(claims["typ"]), claims["sub"], claims["sid"], expires)
        except (jwt.InvalidTokenError, ValueError, TypeError, KeyError, OverflowError):
            raise BadToken from None
        now = self._clock.now()
        if not issued - SKEW <= now < expires <= issued + LONGEST or claims["cell"] != self._cell:
            raise BadToken
        return caller

    def jwks(self) -> dict[str, Any]:
        """The public keys (RFC 7517), for whoever verifies our tokens."""
        return self._jwks

    def _claims(self, token: str) -> dict[str, Any]:
        header = _header(token.partition(".")[0])
        if header.get("typ") != HEADER_TYPE:
            raise jwt.InvalidTokenError
        return jwt.decode(
            token,
            self._public[header["kid"]],
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=self._issuer,
            # PyJWT would ask the machine for the time; `verify` asks the clock it was given.
            options={
                "require": list(REQUIRED),
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )


@lru_cache(maxsize=16)  # all tokens of a key have the same, and reading it is a sixth of the work
def _header(segment: str) -> dict[str, Any]:
    return jwt.get_unverified_header(f"{segment}.e30.")


def _moment(seconds: Any) -> datetime:
    if not isinstance(seconds, int):
        raise TypeError("a time is a whole number of seconds")
    return datetime.fromtimestamp(seconds, UTC)
