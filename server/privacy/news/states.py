"""The states of a letter, and what our mail server's answer makes of one.

    WAITING ─ taken ─→ TAKEN ─ handed over ─→ SENT
       │                 ├─ not taken, surely, for now ─→ WAITING (later)
       │                 └─ not taken, surely, for good ─→ REFUSED
       └─ nobody wants it any more ─→ DROPPED

Nothing leads from TAKEN back unless it is certain that no mail server has the letter. So one whose
process died, or whose connection broke after it was handed over, stays TAKEN: it may have arrived,
and nobody gets a letter twice.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final

import aiosmtplib

MOST_TRIES: Final = 5
PERMANENT: Final = 500  # SMTP replies from here on are for good (RFC 5321 §4.2.1)
WAIT: Final = timedelta(minutes=10)  # as long as greylisting usually asks for, then longer


class LetterState(StrEnum):
    """Where a letter is."""

    WAITING = "waiting"
    TAKEN = "taken"
    SENT = "sent"
    REFUSED = "refused"
    DROPPED = "dropped"


def after_fault(fault: Exception, tries: int) -> LetterState:
    """What becomes of a letter after this fault at handing it over, the `tries`th time."""
    if not _surely_not_taken(fault):
        return LetterState.TAKEN
    code = _reply_about_the_letter(fault)
    if code is None:
        return LetterState.WAITING  # the server itself is away: no fault of this letter
    return LetterState.REFUSED if code >= PERMANENT or tries >= MOST_TRIES else LetterState.WAITING


def is_of_the_server(fault: Exception) -> bool:
    """Whether the next letter would meet the same."""
    return _reply_about_the_letter(fault) is None


def wait_after(tries: int) -> timedelta:
    """How long a letter waits that was not taken at the `tries`th time."""
    return WAIT * tries


def _surely_not_taken(fault: Exception) -> bool:
    if isinstance(fault, aiosmtplib.SMTPConnectError):
        return True
    broken = aiosmtplib.SMTPServerDisconnected | aiosmtplib.SMTPTimeoutError
    return isinstance(fault, aiosmtplib.SMTPException) and not isinstance(fault, broken)


def _reply_about_the_letter(fault: Exception) -> int | None:
    if isinstance(fault, aiosmtplib.SMTPRecipientsRefused) and fault.recipients:
        return fault.recipients[0].code
    if isinstance(fault, aiosmtplib.SMTPSenderRefused | aiosmtplib.SMTPDataError):
        return fault.code
    return None
