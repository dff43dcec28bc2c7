"""Keys and assertions as a real camera makes them; nothing here is the server's own code."""

import base64
import csv
import io
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
HEADER = "serial,model,region,public_key"


def new_key() -> ec.EllipticCurvePrivateKey:
    """A fresh P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def jwk_of(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """Its public half as a JWK."""
    numbers = key.public_key().public_numbers()

    def coordinate(number: int) -> str:
        return base64.urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()

    return {"kty": "EC", "crv": "P-256", "x": coordinate(numbers.x), "y": coordinate(numbers.y)}


@dataclass(frozen=True)
class FactoryCamera:
    """A camera that left the factory: a serial and a key of its own."""

    serial: str
    model: str = "SH-C1"
    region: str = "DE"
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)

    def record(self) -> list[str]:
        """Its line in the factory's file."""
        return [self.serial, self.model, self.region, json.dumps(jwk_of(self.key))]

    def assertion(
        self,
        audience: str,
        now: datetime,
        *,
        key: ec.EllipticCurvePrivateKey | None = None,
        life: timedelta = timedelta(minutes=1),
        **claims: object,
    ) -> str:
        """A signed assertion; `claims` replace the honest ones, None takes one away."""
        honest: Mapping[str, object] = {
            "iss": self.serial,
            "sub": self.serial,
            "aud": audience,
            "iat": int(now.timestamp()),
            "exp": int((now + life).timestamp()),
            "jti": secrets.token_urlsafe(16),
        }
        told = {name: value for name, value in {**honest, **claims}.items() if value is not None}
        return jwt.encode(told, key or self.key, "ES256")


def factory_file(rows: Iterable[list[str]], header: str = HEADER) -> bytes:
    """A factory file with these lines."""
    text = io.StringIO(newline="")
    text.write(header + "\r\n")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
