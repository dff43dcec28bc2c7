"""An exception is asked for by one of the staff, approved by another, and ends.

The person reads of its beginning and its end in the account's history. What was gathered on its
ground alone goes when it is over.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.accounts import queries as accounts
from server.foundation.database import Db
from server.foundation.errors import InvalidRequest
from server.foundation.ids import Ids
from server.foundation.purposes import granted_by
from server.privacy import queries as policies
from server.privacy.acts.errors import NothingToActOn
from server.privacy.ending_purposes import delete_what_served
from server.privacy.erasure.history import note_unless_erased
from server.privacy.exceptions import queries
from server.privacy.exceptions.errors import ExceptionOver, OwnException
from server.privacy.exceptions.exception_rules import faults_of
from server.privacy.exceptions.situations import SITUATIONS, Situation
from server.privacy.exceptions.tables import ConsentException
from server.privacy.purpose_gate import PurposeGate
from server.privacy.purposes import DeclaredPurpose, Switch
from server.security.events import EventKind
from server.security.staff_acts import Deed, note_deed
from server.security.two_people import Operator, objection

AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """In which situation which purpose is to be followed, for whom, until when, and what shows it.

    `concerning` is the e-mail address of the account.
    """

    situation: Situation
    purpose: str
    concerning: str
    evidence: Mapping[str, str]
    until: datetime


async def ask(
    db: Db, ids: Ids, gate: PurposeGate, staff_id: str, asked: Asked, now: datetime
) -> ConsentException:
    """Ask for an exception; nothing follows from it before somebody else approves it.

    Raises UnknownPurpose, InvalidRequest for what is incomplete, NothingToActOn.
    """
    faults = list(faults_of(asked.situation, asked.evidence, asked.until, now))
    if faults:
        raise InvalidRequest([fault._asdict() for fault in faults])
    if gate.purpose(asked.purpose).switch is Switch.NONE:
        raise InvalidRequest([{"field": "purpose", "message": "this needs no consent"}])
    account = await accounts.account_with_email(db, asked.concerning)
    if account is None or account.ended_at is not None:
        raise NothingToActOn
    made = ConsentException(
        id=ids.new("exc"),
        account_id=account.id,
        situation=asked.situation.value,
        purpose=asked.purpose,
        evidence=json.dumps(dict(asked.evidence), ensure_ascii=False),
        asked_by=staff_id,
        asked_at=now,
        until=asked.until,
    )
    db.add(made)
    await note_deed(db, ids, staff_id, Deed.EXCEPTION_ASKED, made.id, now)
    return made


async def approve(
    db: Db, ids: Ids, gate: PurposeGate, by: Operator, exception_id: str, now: datetime
) -> ConsentException:
    """Let an exception count from now on. Raises UnknownException, ExceptionOver, OwnException."""
    found = await queries.locked(db, exception_id)
    if found.approved_at is not None or found.ended_at is not None or found.until <= now:
        raise ExceptionOver
    if objection(by, found.asked_by, found.asked_at) is not None:
        raise OwnException
    found.approved_by, found.approved_at = by.staff_id, now
    await _tell(db, ids, gate, found, EventKind.CONSENT_DISPENSED, now)
    await note_deed(db, ids, by.staff_id, Deed.EXCEPTION_APPROVED, found.id, now)
    return found


async def end(
    db: Db, ids: Ids, gate: PurposeGate, staff_id: str, exception_id: str, now: datetime
) -> ConsentException:
    """End an exception at once, or turn down one that waits.

    Raises UnknownException, ExceptionOver.
    """
    found = await queries.locked(db, exception_id)
    if found.ended_at is not None or found.until <= now:
        raise ExceptionOver
    await _end(db, ids, gate, found, now)
    await note_deed(db, ids, staff_id, Deed.EXCEPTION_ENDED, found.id, now)
    return found


async def end_run_out(db: Db, ids: Ids, gate: PurposeGate, now: datetime) -> None:
    """Clear up after exceptions whose end has come. The gate has not honoured them since then."""
    for it in await queries.run_out(db, now, AT_ONCE):
        await _end(db, ids, gate, it, now)


async def _end(db: Db, ids: Ids, gate: PurposeGate, found: ConsentException, now: datetime) -> None:
    await policies.lock_account(db, found.account_id)
    found.ended_at = now
    await db.flush()
    if found.approved_at is None:
        return
    granted = await granted_by(db, found.account_id)
    if not granted.shows(found.purpose):
        await delete_what_served(db, found.account_id, gate.purpose(found.purpose), now)
    await _tell(db, ids, gate, found, EventKind.CONSENT_NEEDED_AGAIN, now)


async def _tell(
    db: Db, ids: Ids, gate: PurposeGate, found: ConsentException, kind: EventKind, now: datetime
) -> None:
    await policies.lock_account(db, found.account_id)  # uses under way come first
    words = told(gate.purpose(found.purpose), found)
    await note_unless_erased(db, ids, found.account_id, kind, now, words)


def told(purpose: DeclaredPurpose, found: ConsentException) -> str:
    """An exception in a line, as its person reads it in the history."""
    terms = SITUATIONS[Situation(found.situation)]
    return f"{purpose.title}, for {terms.title}, until {found.until:%-d %B %Y}"
