"""What our staff does and no other row says: each act has a row of its own, in the audit.

Looks, openings and acts upon a request have their own tables, which their people read. An act
that is here is told to the one whom it concerns by the history of their account.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlmodel import SQLModel

from server.foundation.columns import UtcMoment
from server.foundation.database import Db
from server.foundation.ids import Ids
from server.foundation.labels import plain
from server.foundation.table_labels import rows
from server.security.audit import AUDIT_KEPT, enter


class Deed(StrEnum):
    """What was done."""

    EXCEPTION_ASKED = "exception_asked"
    EXCEPTION_APPROVED = "exception_approved"
    EXCEPTION_ENDED = "exception_ended"
    END_PROPOSED = "end_proposed"
    END_CONFIRMED = "end_confirmed"
    REVIEWED = "reviewed"
    FINDING_CLOSED = "finding_closed"
    REQUEST_ENTERED = "request_entered"
    REQUEST_SORTED = "request_sorted"
    REQUEST_ANSWERED = "request_answered"
    LOCKED_OPENED = "locked_opened"


class StaffAct(SQLModel, table=True):
    """One of our staff did something. Never changed."""

    __tablename__: ClassVar[Any] = "staff_act"
    __table_args__ = rows(
        counted_from=("at", "it was done"),
        keep=AUDIT_KEPT,
        audited=("id", "staff_id", "deed", "about", "at"),
    )

    id: str = plain(primary_key=True, max_length=64)  # sta_…
    staff_id: str = plain(foreign_key="staff_member.id", index=True, max_length=64)
    deed: str = plain(max_length=32)
    about: str = plain(max_length=64)  # the id of the record that it was done to
    at: datetime = plain(sa_type=UtcMoment, index=True)


async def note_deed(
    db: Db, ids: Ids, staff_id: str, deed: Deed, about: str, now: datetime
) -> StaffAct:
    """Write down what one of our staff has done to the record `about`. Last in its unit of work.

    See `enter` for why last.
    """
    done = StaffAct(id=ids.new("sta"), staff_id=staff_id, deed=deed.value, about=about, at=now)
    db.add(done)
    await enter(db, done)
    return done
