"""The staff's answer: what alone stops a case's clock.

The letter leaves first, and the case is closed once it has left; if it can't leave, nothing has
happened. Meanwhile the case is claimed, so that two answers made at once are one letter.
"""

from datetime import datetime, timedelta
from typing import Final

from server.accounts.letters import deliver
from server.foundation.database import Db
from server.foundation.errors import InvalidRequest
from server.foundation.requests import Foundation
from server.privacy.acts.act_rules import DELETING, Act
from server.privacy.acts.queries import acts_of
from server.privacy.cases import queries
from server.privacy.cases.case_rules import Answer, faults_of_answer, needs_proof
from server.privacy.cases.errors import IdentityNotProven, RequestClosed, RequestNotOpened
from server.privacy.cases.kinds import CaseKind, CaseState, ContactKind, Ground
from server.privacy.cases.letters import answer_letter
from server.privacy.cases.tables import PrivacyCase
from server.privacy.erasure.history import note_unless_erased
from server.privacy.findings.finding import findings
from server.privacy.gate import PolicyGate
from server.security.events import EventKind
from server.security.staff_acts import Deed, note_deed

CLAIMED: Final = timedelta(minutes=2)  # longer than any mail server takes; a crash frees it then


async def answer(
    parts: Foundation, policy: PolicyGate, staff_id: str, number: str, given: Answer
) -> None:
    """Answer a case and close it.

    Raises UnknownRequest, RequestNotOpened, RequestClosed, IdentityNotProven, InvalidRequest for
    an answer that lacks what it must hold or contradicts what was found, and MailNotSent, which
    leaves the case as it was.
    """
    async with parts.database.writing() as db:
        case = await case_in_hand(db, staff_id, number, parts.clock.now())
        _check(case, given)
        await _check_ground(db, case, given, policy, parts.clock.now())
        case.answering_until = parts.clock.now() + CLAIMED
    sent = False
    try:
        if case.contact_kind == ContactKind.EMAIL and case.contact:
            await deliver(parts.mail, answer_letter(case.contact, case.number, given))
        sent = True
    finally:
        async with parts.database.writing() as db:
            case = await queries.case_with_number(db, number, lock=True)
            case.answering_until = None
            if sent:
                await _close(parts, db, case, staff_id, given)


async def case_in_hand(db: Db, staff_id: str, number: str, now: datetime) -> PrivacyCase:
    """The open case, locked, if this member of the staff has opened it lately.

    Raises UnknownRequest, RequestNotOpened, RequestClosed.
    """
    case = await queries.case_with_number(db, number, lock=True)
    if not await queries.is_open_to(db, staff_id, case.id, now):
        raise RequestNotOpened
    claimed = case.answering_until is not None and case.answering_until > now
    if case.state != CaseState.OPEN or claimed:
        raise RequestClosed
    return case


def _check(case: PrivacyCase, given: Answer) -> None:
    kind = CaseKind(case.kind)
    if faults := list(faults_of_answer(kind, case.region, given)):
        raise InvalidRequest([fault._asdict() for fault in faults])
    if needs_proof(kind) and case.proven_at is None and given.outcome is not CaseState.REFUSED:
        raise IdentityNotProven


async def _check_ground(
    db: Db, case: PrivacyCase, given: Answer, policy: PolicyGate, now: datetime
) -> None:
    """On a ground words alone close nothing: who is right has the data deleted first."""
    ground = Ground(case.ground) if case.ground else None
    if ground is None or case.account_id is None:
        return
    done = {it.act for it in await acts_of(db, case.id)} & DELETING
    if given.outcome is not CaseState.REFUSED and not done:
        raise _contradiction("delete first what the request is right about, or refuse")
    left = (await findings(db, case, policy, now)).is_right(ground)
    if left and given.outcome is CaseState.REFUSED:
        raise _contradiction("the findings bear the request out: delete, then answer")
    if left and ground is Ground.WITHOUT_CONSENT and Act.CANCEL not in done:
        raise _contradiction("something is still held without a basis: delete it first")


def _contradiction(message: str) -> InvalidRequest:
    return InvalidRequest([{"field": "outcome", "message": message}])


async def _close(
    parts: Foundation, db: Db, case: PrivacyCase, staff_id: str, given: Answer
) -> None:
    now = parts.clock.now()
    case.state, case.closed_at = given.outcome.value, now
    case.reply, case.reason = given.reply, given.reason
    case.cause, case.resolution = given.cause, given.resolution
    if told := given.remedies:
        case.review, case.authority, case.court = told.review, told.authority, told.court
    case.code_hash = case.proof_expires_at = None
    answered = EventKind.REQUEST_ANSWERED
    await note_unless_erased(db, parts.ids, case.account_id, answered, now, case.number)
    await note_deed(db, parts.ids, staff_id, Deed.REQUEST_ANSWERED, case.id, now)
