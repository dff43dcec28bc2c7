"""What people may do about their data, and by which ways. Each is part of every edition.

A right or a way that is taken out here narrows the policy: the next edition then needs a yes of its
own from everybody who has more (`declaration_rules.py`). A test looks for each way's operation.
"""

from collections.abc import Mapping
from typing import Final

from server.privacy.cases.deadline_rules import RULES
from server.privacy.cases.kinds import CaseKind

BY_REQUEST: Final = "by a request in form, mail or post (POST /v1/privacy/requests)"
BY_SWITCH: Final = "by a switch of your account (PUT /v1/privacy/purposes/{code})"
BY_CLOSING: Final = "by closing your account (POST /v1/account/cancellation)"

RIGHTS: Final[Mapping[str, tuple[str, ...]]] = {
    # you can …: the ways
    "read what is held about you": ("in your account (GET /v1/privacy/held)", BY_REQUEST),
    "get a copy of it": ("from your account (POST /v1/privacy/export)", BY_REQUEST),
    "have it corrected": (BY_REQUEST,),
    "have it deleted": (BY_CLOSING, BY_REQUEST),
    "object to a use": (BY_SWITCH, BY_REQUEST),
    "take consent back": (BY_SWITCH, BY_REQUEST),
    "close the account": (BY_CLOSING, BY_REQUEST),
    "complain to the authority of your region": ("by a letter to it",),
    "do all this without paying": ("in every way",),
}

OUR_OWN: Final = "our policy"  # what a law orders isn't ours to narrow, so it isn't declared


def working_days() -> Mapping[str, int]:
    """The days that the policy itself promises, by what is asked for."""
    return {
        "an answer to whatever you ask": max(_days(kind) for kind in CaseKind),
        "the end of an account that you close": _days(CaseKind.CANCELLATION),
    }


def _days(kind: CaseKind) -> int:
    own = (it for it in RULES if it.source.startswith(OUR_OWN))
    return min(it.term.working_days for it in own if kind in it.kinds)
