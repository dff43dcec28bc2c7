"""The public half of a camera's or a phone's key: P-256, as a JWK (RFC 7517, RFC 7518 §6.2)."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)

COORDINATE: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes as base64url without padding
# What may stand beside the key and says nothing new about it (Web Crypto's export has the first).
ASIDE: Final = frozenset({"ext", "key_ops", "use", "alg", "kid"})
KEY: Final = frozenset({"kty", "crv", "x", "y"})


class NotAPublicKey(ValueError):  # noqa: N818 - named for what was seen
    """No public P-256 key. The message says what is wrong and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A point on P-256, in the one way of writing it."""

    x: str
    y: str

    @classmethod
    def of(cls, jwk: Mapping[str, object]) -> Self:
        """The key in a JWK. Raises NotAPublicKey.

        A JWK with a private member is refused, not trimmed: its owner must learn that the key
        went out of the house.
        """
        if strangers := set(jwk) - KEY - ASIDE:
            private = "d" in strangers
            raise NotAPublicKey("a private key" if private else "members that no public key has")
        if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
            raise NotAPublicKey("not of the type EC, P-256")
        x, y = jwk.get("x"), jwk.get("y")
        if not isinstance(x, str) or not isinstance(y, str):
            raise NotAPublicKey("a coordinate is missing")
        if not COORDINATE.fullmatch(x) or not COORDINATE.fullmatch(y):
            raise NotAPublicKey("a coordinate is not 32 bytes in base64url without padding")
        key = cls(x, y)
        _ = key.point()
        return key

    @classmethod
    def read(cls, text: str) -> Self:
        """The key in a JWK's JSON text. Raises NotAPublicKey."""
        try:
            jwk = json.loads(text)
        except (ValueError, RecursionError):
            raise NotAPublicKey("no JSON") from None
        if not isinstance(jwk, dict):
            raise NotAPublicKey("no JSON object")
        return cls.of(jwk)

    def jwk(self) -> dict[str, str]:
        """The JWK, with the four members that make the key."""
        return {"kty": "EC", "crv": "P-256", "x": self.x, "y": self.y}

    def text(self) -> str:
        """The JWK as JSON, always the same text for the same key."""
        return json.dumps(self.jwk(), separators=(",", ":"))

    def thumbprint(self) -> str:
        """RFC 7638 with SHA-256, base64url without padding."""
        canonical = json.dumps(self.jwk(), separators=(",", ":"), sort_keys=True)
        digest = hashlib.sha256(canonical.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def point(self) -> EllipticCurvePublicKey:
        """The key for verifying with. Raises NotAPublicKey for a point beside the curve."""
        x, y = _number(self.x), _number(self.y)
        try:
            return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
        except ValueError:
            raise NotAPublicKey("no point on the curve") from None


def _number(coordinate: str) -> int:
    raw = base64.urlsafe_b64decode(coordinate + "=")
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != coordinate:
        # 43 characters hold 258 bits: two spare ones would let one key have four thumbprints
        raise NotAPublicKey("a coordinate is not written in the one proper way")
    return int.from_bytes(raw)
