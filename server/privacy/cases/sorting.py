"""Mail that was unclear, and what turned out to be something else: the staff says what it asks."""

from typing import NamedTuple

from server.foundation.errors import InvalidRequest
from server.foundation.requests import Foundation
from server.privacy.cases import queries
from server.privacy.cases.answering import case_in_hand
from server.privacy.cases.calendars import calendar_of
from server.privacy.cases.case_rules import fault_of_ground, needs_proof
from server.privacy.cases.codes import PROOF_OF_MAIL, new_code, send_code
from server.privacy.cases.kinds import CaseKind, ContactKind, Ground
from server.privacy.cases.tables import PrivacyCase
from server.privacy.restriction import lock_for_ground
from server.security.passwords import Passwords
from server.security.staff_acts import Deed, note_deed


class Sorted(NamedTuple):
    """What a case asks for, as somebody has read it."""

    kind: CaseKind
    ground: Ground | None


async def sort(
    parts: Foundation, passwords: Passwords, staff_id: str, number: str, read: Sorted
) -> PrivacyCase:
    """Say what a case asks for. Its date is that of the kind, counted from the same receipt.

    What is about a person gets a code for its address. A ground that was named stays, so that
    sorting doesn't end what it restricts. Raises UnknownRequest, RequestNotOpened, RequestClosed,
    InvalidRequest, MailNotSent.
    """
    async with parts.database.reading() as db:
        case = await queries.case_with_number(db, number)
    mailed = case.contact_kind == ContactKind.EMAIL and case.contact is not None
    wanted = mailed and case.proven_at is None and needs_proof(read.kind)
    code = await new_code(parts, passwords, PROOF_OF_MAIL if wanted else None)
    async with parts.database.writing() as db:
        case = await case_in_hand(db, staff_id, number, parts.clock.now())
        ground = Ground(case.ground) if case.ground else read.ground
        if fault := fault_of_ground(read.kind, ground):
            raise InvalidRequest([fault._asdict()])
        case.kind, case.ground = read.kind.value, ground
        await lock_for_ground(db, case)
        case.due_on = calendar_of(case.region).due_on(case.received_on, read.kind)
        if code is not None:
            case.code_hash, case.tries_left = code.hash, code.tries
            case.proof_expires_at = code.expires_at
        await note_deed(db, parts.ids, staff_id, Deed.REQUEST_SORTED, case.id, parts.clock.now())
    if code is not None:
        await send_code(parts, case, code)
    return case
