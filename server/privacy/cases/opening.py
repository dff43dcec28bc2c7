"""The staff opens a case: with a reason, for a while, and its owner reads that it was opened."""

from datetime import datetime, timedelta
from typing import Final

from server.foundation.database import Db
from server.foundation.ids import Ids
from server.privacy.cases import queries
from server.privacy.cases.tables import CASE_KEPT, CaseOpening, PrivacyCase
from server.privacy.erasure.history import note_unless_erased
from server.security.audit import enter
from server.security.events import EventKind

OPEN_FOR: Final = timedelta(hours=1)  # an answer is written in one sitting


async def open_case(
    db: Db, ids: Ids, staff_id: str, number: str, reason: str, now: datetime
) -> tuple[PrivacyCase, datetime]:
    """The case, and until when it is open to this member of the staff. Raises UnknownRequest.

    The opening is on record, and in the owner's own history where an account is linked: neither
    leaves without the other, and the case not without both. Who was erased has no history.
    """
    case = await queries.case_with_number(db, number)
    until = now + OPEN_FOR
    opening = CaseOpening(
        id=ids.new("opn"), case_id=case.id, staff_id=staff_id, reason=reason, at=now, until=until
    )
    db.add(opening)
    opened = EventKind.REQUEST_OPENED
    await note_unless_erased(db, ids, case.account_id, opened, now, case.number)
    # A case takes its openings along when it ends, those too that came after it was answered.
    await enter(db, opening, case.closed_at and case.closed_at + CASE_KEPT)
    return case, until
