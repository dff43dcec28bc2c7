"""The keys that sign our tokens and receipts: Ed25519, from a PEM file, published as a JWK set.

The file may hold several keys, one PEM block after the other. The first signs; all verify. To
rotate, put the new key in front; leave the old one for as long as receipts that it signed should
verify, or take it away at once if somebody else may have it. A call that began under it and still
runs ends when its camera next registers anew (`call_tickets.py`).
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from server.foundation import secret_files
from server.foundation.file_labels import plain_file
from server.foundation.settings import BadSettings, Settings

SETTING: Final = "SECUHOME_SIGNING_KEY_PATH"
KEY_FILE: Final = plain_file("signing_key.pem", "keys of the service")
BLOCK_END: Final = b"-----END PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key. `id` is its RFC 7638 thumbprint, so nobody has to hand out names."""

    id: str
    private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def of(cls, private: Ed25519PrivateKey) -> "SigningKey":
        """The key under its own name."""
        return cls(_thumbprint(private), private)

    def jwk(self) -> dict[str, str]:
        """The public half (RFC 8037)."""
        return {**_members(self.private), "kid": self.id, "alg": "EdDSA", "use": "sig"}


def load_signing_keys(settings: Settings) -> tuple[SigningKey, ...]:
    """The keys that the settings name. The demo makes one at first use; production never does.

    Raises BadSettings, with the setting and the remedy, for a file that is missing or unfit.
    """
    path = settings.signing_key_path or settings.data_dir / "signing_key.pem"
    if not path.exists() and settings.mode == "demo":
        _create(path)
    try:
        blocks = path.read_bytes().split(BLOCK_END)[:-1]
    except OSError:
        raise BadSettings(f"{SETTING}: the file can't be read; check its path and mode") from None
    if not blocks:
        raise BadSettings(f"{SETTING}: the file holds no PKCS #8 key; see docs/settings.md")
    return tuple(SigningKey.of(_read(block + BLOCK_END)) for block in blocks)


def _create(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    secret_files.create(path, pem)


def _read(pem: bytes) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem.strip(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadSettings(f"{SETTING}: a key in the file can't be read; give plain PEM") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadSettings(f"{SETTING}: every key in the file must be Ed25519")
    return key


def _members(key: Ed25519PrivateKey) -> dict[str, str]:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"crv": "Ed25519", "kty": "OKP", "x": base64.urlsafe_b64encode(raw).decode().rstrip("=")}


def _thumbprint(key: Ed25519PrivateKey) -> str:
    """RFC 7638: the required members, in order, without white space."""
    text = json.dumps(_members(key), separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
