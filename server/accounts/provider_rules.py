"""What is believed and kept of what an OpenID Connect provider says about a person.

Kept: issuer, subject, nickname, picture. Every other claim ends in here.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from server.foundation.correction_rules import is_web_address

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")  # never `none`, never a shared secret
REQUIRED: Final = ("iss", "sub", "aud", "exp", "iat", "nonce")
SKEW: Final = timedelta(seconds=60)  # the provider's clock is not ours
OLDEST: Final = timedelta(minutes=10)  # an ID token is fetched the moment it is made
LONGEST_SUBJECT: Final = 255  # OpenID Connect Core §2
LONGEST_NAME: Final = 64
LONGEST_URL: Final = 512


class NotBelieved(ValueError):  # noqa: N818 - named for what became of it
    """The provider's word breaks OpenID Connect Core. The message holds no claim's value."""


@dataclass(frozen=True, slots=True)
class ProviderPerson:
    """All that is kept of somebody who came by a provider."""

    issuer: str
    subject: str
    nickname: str | None
    avatar_url: str | None


@dataclass(frozen=True, slots=True)
class Flow:
    """The two secrets of one sign-in, both made from what only the browser holds."""

    nonce: str
    verifier: str

    @classmethod
    def bound_to(cls, binder: str) -> "Flow":
        """The flow of the browser with this cookie."""
        return cls(_derived(binder, b"nonce"), _derived(binder, b"verifier"))

    @property
    def challenge(self) -> str:
        """PKCE's S256 (RFC 7636 §4.2)."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())


def check_claims(claims: Mapping[str, Any], client_id: str, nonce: str, now: datetime) -> None:
    """What a signature doesn't prove: OpenID Connect Core §3.1.3.7, 3–11. Raises NotBelieved.

    Signature, issuer, audience and the presence of each claim were checked before.
    """
    if claims["aud"] not in (client_id, [client_id]) and claims.get("azp") != client_id:
        raise NotBelieved("made for several clients, and not for us first")
    if not isinstance(claims["nonce"], str) or not hmac.compare_digest(
        claims["nonce"].encode(), nonce.encode()
    ):
        raise NotBelieved("made for another sign-in")
    issued, expires = claims["iat"], claims["exp"]
    if not all(isinstance(at, int | float) for at in (issued, expires)):
        raise NotBelieved("without a readable time")
    moment, skew = now.timestamp(), SKEW.total_seconds()
    if not (expires > moment - skew and issued < moment + skew):
        raise NotBelieved("not of this time")
    if issued < moment - OLDEST.total_seconds():
        raise NotBelieved("too old")


def person_of(issuer: str, claims: Mapping[str, Any], more: Mapping[str, Any]) -> ProviderPerson:
    """What is kept, of an ID token and of the answer of the user-info endpoint.

    Raises NotBelieved for an unfit subject, and where the two speak of different people.
    """
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise NotBelieved("without a fit subject")
    if not (subject.isascii() and subject.isprintable()):
        raise NotBelieved("without a fit subject")
    if more and more.get("sub") != subject:
        raise NotBelieved("user info about somebody else")
    both = {**more, **claims}
    names = (_name(both.get(key)) for key in ("nickname", "name", "preferred_username"))
    return ProviderPerson(
        issuer, subject, next((name for name in names if name), None), _url(both.get("picture"))
    )


def _name(value: Any) -> str | None:
    text = value.strip()[:LONGEST_NAME] if isinstance(value, str) else ""
    # Some providers fill the name with the address; an address wasn't asked for.
    return text if text and text.isprintable() and "@" not in text else None


def _url(value: Any) -> str | None:
    return value if is_web_address(value, LONGEST_URL) else None


def _derived(binder: str, purpose: bytes) -> str:
    return _text(hmac.new(binder.encode(), purpose, hashlib.sha256).digest())


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
