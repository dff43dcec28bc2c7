"""When a camera's assertion holds (RFC 7523 §3). Pure; the signature is checked elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from devices.registry.product_rules import is_serial

SKEW: Final = timedelta(seconds=60)  # a camera's clock between two time syncs on a bad network
LONGEST_LIFE: Final = timedelta(seconds=300)  # bounds how long a used `jti` has to be remembered
JTI_LENGTHS: Final = range(8, 129)
LAST_MOMENT: Final = datetime(9999, 1, 1, tzinfo=UTC).timestamp()  # later ones are no times


class AssertionRefused(Exception):  # noqa: N818 - says what happened
    """The assertion doesn't hold. The reason is for tests only; the camera isn't told."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an assertion says, its form checked."""

    serial: str
    jti: str
    issued_at: datetime
    expires_at: datetime
    not_before: datetime | None

    def forget_after(self) -> datetime:
        """From here on it is refused for its age, on a node whose clock is behind as well."""
        return self.expires_at + 2 * SKEW


def read_claims(claims: Mapping[str, object], audience: str) -> Assertion:
    """The assertion in these claims. Raises AssertionRefused.

    `aud` is exactly our own address: a list would let one assertion be played to two servers.
    """
    serial, jti = claims.get("iss"), claims.get("jti")
    if not isinstance(serial, str) or serial != claims.get("sub"):
        raise AssertionRefused("issuer and subject are not the same serial")
    if not is_serial(serial):
        raise AssertionRefused("no serial of ours")
    if claims.get("aud") != audience:
        raise AssertionRefused("meant for somebody else")
    if not isinstance(jti, str) or len(jti) not in JTI_LENGTHS or not _is_plain(jti):
        raise AssertionRefused("no proper jti")
    return Assertion(
        serial,
        jti,
        issued_at=_moment(claims.get("iat")),
        expires_at=_moment(claims.get("exp")),
        not_before=_moment(claims["nbf"]) if "nbf" in claims else None,
    )


def check_times(assertion: Assertion, now: datetime) -> None:
    """Raises AssertionRefused unless the assertion holds at `now`, give or take SKEW."""
    if assertion.expires_at <= assertion.issued_at:
        raise AssertionRefused("ends before it begins")
    if assertion.expires_at - assertion.issued_at > LONGEST_LIFE:
        raise AssertionRefused("holds for too long")
    if max(assertion.issued_at, assertion.not_before or assertion.issued_at) > now + SKEW:
        raise AssertionRefused("from the future")
    if assertion.expires_at + SKEW <= now:
        raise AssertionRefused("over")


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _moment(number: object) -> datetime:
    """A NumericDate (RFC 7519 §2), in seconds."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise AssertionRefused("a time is missing")
    if not 0 < number < LAST_MOMENT:  # NaN and the infinities fail here too
        raise AssertionRefused("a time is out of range")
    return datetime.fromtimestamp(number, UTC)
