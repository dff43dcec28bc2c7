"""Who may call a camera. One pure function; every `connect` of every gateway asks it.

A camera that nobody ever made and a camera that is somebody else's get the same answer.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from server.foundation.identity import Identity, Kind
from signaling.protocol.faults import FORBIDDEN, UNAUTHORISED


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes or no; the code and the words that the caller is told."""

    allowed: bool
    code: int
    reason: str


CAMERA_ID: Final = re.compile(r"cam_[a-z0-9_]{1,60}")


class Answer(Enum):
    """Every verdict there is, in the words of the signaling dialect."""

    YES = Verdict(allowed=True, code=0, reason="")
    TOO_LATE = Verdict(allowed=False, code=UNAUTHORISED.code, reason=UNAUTHORISED.message)
    NO = Verdict(allowed=False, code=FORBIDDEN.code, reason=FORBIDDEN.message)


@dataclass(frozen=True, slots=True)
class Owned:
    """An ownership in force, as far as calls are concerned."""

    owner_id: str
    since: datetime


CALLERS: Final = frozenset({Kind.ACCOUNT})  # cameras never call, nor does anybody of the staff


def is_camera_id(text: str) -> bool:
    """Whether this could be a camera's id. What is none is not even looked up."""
    return CAMERA_ID.fullmatch(text) is not None


def may_call(caller: Identity, owned: Owned | None, now: datetime) -> Verdict:
    """Whether `caller` may call a camera at `now`; `owned` is None where nobody owns it.

    In doubt the answer is no.
    """
    if caller.expires_at <= now:
        return Answer.TOO_LATE.value
    if caller.kind not in CALLERS or owned is None:
        return Answer.NO.value
    return (Answer.YES if owned.owner_id == caller.id else Answer.NO).value
