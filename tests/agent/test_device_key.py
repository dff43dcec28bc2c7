"""The camera's key: what a stranger's JWT library makes of it."""

import base64
import hashlib
import json
import time
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from devices.agent.device_key import ASSERTION_LIFE_S, DeviceKey, UnusableKey, thumbprint_of

AUDIENCE = "https://home.example/v1/oauth/token"


def _claims(key: DeviceKey, assertion: str) -> dict[str, object]:
    public = jwt.PyJWK(key.public_jwk(), algorithm="ES256").key
    return jwt.decode(
        assertion,
        public,
        algorithms=["ES256"],
        audience=AUDIENCE,
        issuer="SN-0001",
        options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
    )


def test_the_published_key_verifies_the_assertion() -> None:
    key = DeviceKey.generate()
    claims = _claims(key, key.assertion("SN-0001", AUDIENCE, now=time.time()))
    assert claims["sub"] == claims["iss"] == "SN-0001"
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == ASSERTION_LIFE_S <= 300


def test_another_camera_can_not_sign_for_this_one() -> None:
    key, other = DeviceKey.generate(), DeviceKey.generate()
    with pytest.raises(jwt.InvalidSignatureError):
        _claims(key, other.assertion("SN-0001", AUDIENCE, now=time.time()))


def test_no_two_assertions_are_the_same() -> None:
    key = DeviceKey.generate()
    seen = {_claims(key, key.assertion("SN-0001", AUDIENCE, now=time.time()))["jti"] for _ in "abc"}
    assert len(seen) == 3


def test_the_thumbprint_is_the_one_of_rfc_7638() -> None:
    jwk = DeviceKey.generate().public_jwk()
    canonical = f'{{"crv":"P-256","kty":"EC","x":"{jwk["x"]}","y":"{jwk["y"]}"}}'
    digest = hashlib.sha256(canonical.encode()).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert thumbprint_of(jwk) == expected
    assert thumbprint_of({**jwk, "kid": "anything", "use": "sig"}) == expected


def test_the_public_key_holds_nothing_private() -> None:
    assert set(DeviceKey.generate().public_jwk()) == {"kty", "crv", "x", "y"}


def test_a_saved_key_is_the_same_key_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    key, path = DeviceKey.generate(), tmp_path / "device_key.pem"
    key.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert DeviceKey.load(path).public_jwk() == key.public_jwk()
    with pytest.raises(FileExistsError):
        DeviceKey.generate().save(path)


@pytest.mark.parametrize("kind", ["text", "curve", "edwards"])
def test_another_kind_of_key_is_refused_without_quoting_it(tmp_path: Path, kind: str) -> None:
    keys = {
        "curve": ec.generate_private_key(ec.SECP384R1()),
        "edwards": ed25519.Ed25519PrivateKey.generate(),
    }
    content = b"not a key, but a secret"
    if key := keys.get(kind):
        content = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    (tmp_path / "key.pem").write_bytes(content)
    with pytest.raises(UnusableKey) as refused:
        DeviceKey.load(tmp_path / "key.pem")
    assert json.dumps(content.decode())[1:9] not in str(refused.value)
