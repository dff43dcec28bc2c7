"""The life of a pairing: it waits, and then it is paired or expired for ever.

Redeemed in time it is paired; what time alone brings is `expired`.
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import Final

TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 bit as base64url; short keeps the QR coarse
PROOF: Final = re.compile(r"[A-Za-z0-9_-]{43}")  # HMAC-SHA256 as base64url


class State(StrEnum):
    """Where a pairing is."""

    WAITING = "waiting"
    PAIRED = "paired"
    EXPIRED = "expired"


class Refusal(StrEnum):
    """Why a token can't be redeemed."""

    USED = "used"
    EXPIRED = "expired"


REFUSALS: Final[dict[State, Refusal | None]] = {
    # a token whose pairing is in this state is refused, when redeemed, because it is:
    State.WAITING: None,
    State.PAIRED: Refusal.USED,  # stays so after its time: a token works once
    State.EXPIRED: Refusal.EXPIRED,
}


def state_of(paired_at: datetime | None, expires_at: datetime, now: datetime) -> State:
    """Where a pairing is at `now`. At the very moment of expiry it is over."""
    if paired_at is not None:
        return State.PAIRED
    return State.WAITING if now < expires_at else State.EXPIRED


def refusal_of(paired_at: datetime | None, expires_at: datetime, now: datetime) -> Refusal | None:
    """Why a token can't be redeemed at `now`; None where it can."""
    return REFUSALS[state_of(paired_at, expires_at, now)]


def is_token(text: str) -> bool:
    """Whether this could be one of our tokens. What is none is not even looked up."""
    return TOKEN.fullmatch(text) is not None


def is_proof(text: str) -> bool:
    """Whether this has the form of a proof. Only the phone can tell whether it is right."""
    return PROOF.fullmatch(text) is not None
