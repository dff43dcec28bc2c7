"""Mail that was unclear, and what turned out to be something else: the staff says what it asks."""

from server.foundation.requests import Foundation
from server.privacy.cases import queries
from server.privacy.cases.answering import case_in_hand
from server.privacy.cases.calendars import calendar_of
from server.privacy.cases.case_rules import needs_proof
from server.privacy.cases.codes import PROOF_OF_MAIL, new_code, send_code
from server.privacy.cases.kinds import CaseKind, ContactKind
from server.privacy.cases.tables import PrivacyCase
from server.security.passwords import Passwords


async def sort(
    parts: Foundation, passwords: Passwords, staff_id: str, number: str, kind: CaseKind
) -> PrivacyCase:
    """Say what a case asks for. Its date is that of the kind, counted from the same receipt.

    What is about a person gets a code for its address. Raises UnknownRequest, RequestNotOpened,
    RequestClosed, MailNotSent.
    """
    async with parts.database.reading() as db:
        case = await queries.case_with_number(db, number)
    mailed = case.contact_kind == ContactKind.EMAIL and case.contact is not None
    wanted = mailed and case.proven_at is None and needs_proof(kind)
    code = await new_code(parts, passwords, PROOF_OF_MAIL if wanted else None)
    async with parts.database.writing() as db:
        case = await case_in_hand(db, staff_id, number, parts.clock.now())
        case.kind = kind.value
        case.due_on = calendar_of(case.region).due_on(case.received_on, kind)
        if code is not None:
            case.code_hash, case.tries_left = code.hash, code.tries
            case.proof_expires_at = code.expires_at
    if code is not None:
        await send_code(parts, case, code)
    return case
