"""The key that makes a camera this camera: P-256, made in the factory, never sent anywhere.

Its public half goes into the factory's record; a signature by it gets the camera its token
(RFC 7523); its thumbprint (RFC 7638) is what the camera proves to a phone at pairing.
"""

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Final, Self

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

ASSERTION_LIFE_S: Final = 120  # the server takes 300; less is enough for a request
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class UnusableKey(ValueError):  # noqa: N818 - says what it is
    """The file holds no P-256 key. Its text never quotes the file."""


class DeviceKey:
    """A P-256 key pair."""

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self._private = private

    @classmethod
    def generate(cls) -> Self:
        """A new key, as the factory makes it."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a PEM file. Raises UnusableKey, or OSError if it can't be read."""
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError) as why:
            raise UnusableKey(f"{path.name} holds no readable private key") from why
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
            raise UnusableKey(f"{path.name} holds another kind of key than P-256")
        return cls(private)

    def save(self, path: Path) -> None:
        """Write a new PEM file that only its owner reads. Raises FileExistsError, OSError."""
        pem = self._private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        new = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(new, "wb") as file:
            file.write(pem)

    def public_jwk(self) -> dict[str, str]:
        """The public half (RFC 7518 §6.2), without members that are not part of the key."""
        numbers = self._private.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _unpadded(numbers.x.to_bytes(32, "big")),
            "y": _unpadded(numbers.y.to_bytes(32, "big")),
        }

    def thumbprint(self) -> str:
        """SHA-256 over the canonical public JWK (RFC 7638), base64url without padding."""
        return thumbprint_of(self.public_jwk())

    def assertion(self, serial: str, audience: str, *, now: float) -> str:
        """A JWT that says "I am this camera", for one request at `now` (Unix time, seconds)."""
        claims = {
            "iss": serial,
            "sub": serial,
            "aud": audience,
            "iat": int(now),
            "exp": int(now) + ASSERTION_LIFE_S,
            "jti": _unpadded(os.urandom(16)),
        }
        return jwt.encode(claims, self._private, algorithm="ES256")


def thumbprint_of(jwk: dict[str, str]) -> str:
    """The RFC 7638 thumbprint of a public P-256 JWK. Raises KeyError where a member is missing."""
    needed = {name: jwk[name] for name in ("crv", "kty", "x", "y")}  # in this order, RFC 7638 §3.2
    canonical = json.dumps(needed, separators=(",", ":"), sort_keys=True)
    return _unpadded(hashlib.sha256(canonical.encode()).digest())


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
