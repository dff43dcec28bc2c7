"""The signing keys: found or made, private, several at once, and named when they are unfit."""

import base64
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from server.foundation.settings import BadSettings, Settings
from server.security.signing_keys import SigningKey, load_signing_keys


def test_the_demo_makes_a_key_once_that_nobody_else_can_read(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var")
    (first,) = load_signing_keys(settings)
    (second,) = load_signing_keys(settings)
    path = tmp_path / "var" / "signing_key.pem"
    assert first.id == second.id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [it.name for it in path.parent.iterdir()] == ["signing_key.pem"]


def test_a_key_has_its_rfc_7638_name() -> None:
    """The key of RFC 8037 §A.1, its thumbprint of §A.3."""
    raw = base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    key = SigningKey.of(Ed25519PrivateKey.from_private_bytes(raw))
    assert key.id == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert key.jwk()["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"


def test_a_file_can_hold_several_keys_in_order(tmp_path: Path) -> None:
    keys = [Ed25519PrivateKey.generate() for _ in range(3)]
    path = tmp_path / "keys.pem"
    path.write_bytes(b"# two old ones\n".join(_pem(key) for key in keys))
    found = load_signing_keys(Settings(data_dir=tmp_path, signing_key_path=path))
    assert [it.id for it in found] == [SigningKey.of(key).id for key in keys]


@pytest.mark.parametrize(
    "text",
    [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", None],
    ids=["empty", "text", "damaged", "rsa"],
)
def test_an_unfit_file_stops_the_start_and_names_the_setting(
    tmp_path: Path, text: bytes | None
) -> None:
    path = tmp_path / "keys.pem"
    path.write_bytes(_pem(generate_private_key(65537, 2048)) if text is None else text)
    with pytest.raises(BadSettings, match="SECUHOME_SIGNING_KEY_PATH"):
        load_signing_keys(Settings(data_dir=tmp_path, signing_key_path=path))


def test_production_never_makes_up_a_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path).model_copy(update={"mode": "production"})
    with pytest.raises(BadSettings, match="SECUHOME_SIGNING_KEY_PATH"):
        load_signing_keys(settings)
    assert list(tmp_path.iterdir()) == []


def test_a_key_doesnt_show_in_its_own_description() -> None:
    assert "private" not in repr(SigningKey.of(Ed25519PrivateKey.generate()))


def _pem(key: Ed25519PrivateKey | RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
