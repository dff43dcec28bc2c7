"""How a camera gets its access token: it signs an assertion with its factory key (RFC 7523).

Every refusal is the same InvalidClient after the same work, so that neither words nor time tell
whether a serial exists.
"""

from datetime import datetime
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.exc import IntegrityError

from devices.registry import assertion_rules, queries
from devices.registry.assertion_rules import Assertion, AssertionRefused
from devices.registry.errors import InvalidClient, UnsupportedGrantType
from devices.registry.public_key import PublicKey
from devices.registry.schemas import TokenIn
from devices.registry.tables import Device, UsedAssertion
from server.accounts.use import mark_used
from server.foundation.database import Db
from server.foundation.identity import Kind
from server.foundation.ids import Ids
from server.security.parts import SecurityParts

GRANT: Final = "client_credentials"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PATH: Final = "/v1/oauth/token"
NOBODYS_KEY: Final = ec.generate_private_key(ec.SECP256R1()).public_key()


async def issue_token(
    db: Db, ids: Ids, security: SecurityParts, asked: TokenIn, audience: str, now: datetime
) -> str:
    """An access token for the camera that signed the assertion.

    Raises InvalidClient, UnsupportedGrantType, and TooManyRequests for a camera run wild.
    """
    if asked.grant_type != GRANT:
        raise UnsupportedGrantType
    if asked.client_assertion_type != ASSERTION_TYPE:
        raise InvalidClient
    assertion = _read(asked.client_assertion, audience, now)
    device = await queries.device_with_serial(db, assertion.serial)
    _check_signature(asked.client_assertion, device)
    if device is None:  # nobody holds NOBODYS_KEY, so the line above has refused already
        raise InvalidClient
    security.throttle.spend("camera_token", device.id)  # its own doing: the signature was right
    await _use_once(db, device, assertion)
    if (owned := await queries.owned(db, device.id)) is not None:
        await mark_used(db, owned.owner_id, now)  # whose camera is online is not gone
    return security.tokens.issue(Kind.CAMERA, device.id, ids.new("ses"))


def _read(text: str, audience: str, now: datetime) -> Assertion:
    """What the assertion says, not believed yet."""
    try:
        claims = jwt.decode(text, options={"verify_signature": False})
        assertion = assertion_rules.read_claims(claims, audience)
        assertion_rules.check_times(assertion, now)
    except (jwt.InvalidTokenError, AssertionRefused, RecursionError):
        raise InvalidClient from None
    return assertion


def _check_signature(text: str, device: Device | None) -> None:
    key = PublicKey.read(device.public_key).point() if device else NOBODYS_KEY
    try:
        jwt.decode(
            text,
            key,
            algorithms=["ES256"],
            # What it says was held to our own rules and clock before; this is the signature alone.
            options={
                "require": ["iss", "sub", "aud", "iat", "exp", "jti"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "verify_aud": False,
                "verify_iss": False,
            },
        )
    except jwt.InvalidTokenError:
        raise InvalidClient from None


async def _use_once(db: Db, device: Device, assertion: Assertion) -> None:
    db.add(
        UsedAssertion(device_id=device.id, jti=assertion.jti, expires_at=assertion.forget_after())
    )
    try:
        await db.flush()
    except IntegrityError:
        raise InvalidClient from None
