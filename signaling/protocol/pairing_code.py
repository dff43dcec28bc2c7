"""What a phone shows to a camera's lens, and what the camera proves with it.

    SECUHOME1|<server url>|<token>|<secret>|<thumbprint of the phone's key>

The secret is made by the phone and crosses the room as light only: the server never sees it.
Whoever knows it has looked at that screen, so the proof below ties the camera's key to it, and
no server can slip in another camera (the Kalay and iLnkP2P failures began with a guessable id).
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlsplit

MARK: Final = "SECUHOME1"
PROOF_CONTEXT: Final = "secuhome-pairing-v1"
SECRET_BYTES: Final = 16  # 128 bit: nobody guesses it in the minutes that a token lives
LONGEST_TEXT: Final = 600  # a QR of version 20 at error level M; denser ones blur in a cheap lens

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~-]{8,200}")
_THUMBPRINT: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 as base64url without padding


class NotAPairingCode(ValueError):  # noqa: N818 - named for what was seen, it is no fault
    """The text is somebody else's QR code, or a damaged one of ours."""


@dataclass(frozen=True, slots=True)
class PairingCode:
    """One pairing, as it is shown. Raises NotAPairingCode where a member breaks its form."""

    server: str
    token: str
    secret: bytes = field(repr=False)  # never in a log
    phone_thumbprint: str

    def __post_init__(self) -> None:
        """Hold every way of making a code to the same form."""
        if not _is_server(self.server):
            raise NotAPairingCode("the server must be an http(s) address without query")
        if not _TOKEN.fullmatch(self.token):
            raise NotAPairingCode("the token has characters or a length that no token has")
        if len(self.secret) != SECRET_BYTES:
            raise NotAPairingCode(f"the secret must have {SECRET_BYTES} bytes")
        if not _THUMBPRINT.fullmatch(self.phone_thumbprint):
            raise NotAPairingCode("the phone's thumbprint is no SHA-256 thumbprint (RFC 7638)")

    def text(self) -> str:
        """What goes into the QR code."""
        secret = _unpadded(self.secret)
        return f"{MARK}|{self.server}|{self.token}|{secret}|{self.phone_thumbprint}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The code in a scanned text. Raises NotAPairingCode."""
        if len(text) > LONGEST_TEXT:
            raise NotAPairingCode("too long for a pairing code")
        parts = text.split("|")
        if parts[0] != MARK:
            raise NotAPairingCode(f"does not begin with {MARK}")
        if len(parts) != 5:  # noqa: PLR2004 - the five members in the drawing above
            raise NotAPairingCode("a pairing code has five members")
        _, server, token, secret, phone_thumbprint = parts
        return cls(server, token, _padded(secret), phone_thumbprint)


def proof_of(code: PairingCode, camera_thumbprint: str) -> str:
    """What the camera sends and the phone expects: HMAC-SHA256 over token and both keys.

    base64url without padding, 43 characters. Compare with `is_proof`, not with ==.
    """
    said = f"{PROOF_CONTEXT}\n{code.token}\n{code.phone_thumbprint}\n{camera_thumbprint}"
    return _unpadded(hmac.digest(code.secret, said.encode(), hashlib.sha256))


def is_proof(code: PairingCode, camera_thumbprint: str, proof: str) -> bool:
    """Whether that camera saw this code. Takes the same time for every wrong proof."""
    return hmac.compare_digest(proof_of(code, camera_thumbprint).encode(), proof.encode())


def _is_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError where it is no number
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return False
    return not (parts.query or parts.fragment) and url.isascii() and url.isprintable()


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _padded(text: str) -> bytes:
    """The bytes of an unpadded base64url text; one text for each value, others are refused."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as wrong:
        raise NotAPairingCode("the secret is not base64url") from wrong
    if _unpadded(raw) != text:
        raise NotAPairingCode("the secret is not written in the one proper way")
    return raw
