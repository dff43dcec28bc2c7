"""What is stored about our staff, and about each of their looks."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import SQLModel

from devices.registry.tables import owner_then
from server.foundation.columns import UtcMoment
from server.foundation.labels import ACCOUNT_LIFE, OnErasure, Why, days, personal, plain
from server.foundation.table_labels import NoAccount, rows

LOOKS_KEPT = days(3 * 366)  # as long as somebody may ask who looked, and a court may answer
SESSIONS_KEPT = days(30)
ON_STAFF = NoAccount(
    "somebody on our staff, who is named to us by an employer and not by an account"
)


class StaffMember(SQLModel, table=True):
    """Somebody who works for us. Never deleted while looks name them; made inactive instead."""

    __tablename__: ClassVar[Any] = "staff_member"
    __table_args__ = rows(whose=ON_STAFF)

    id: str = plain(primary_key=True, max_length=64)  # stf_…
    name: str = personal(
        "staff member's name",
        why=Why.OPERATION,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.KEEP,
        sealed_for="id",
    )
    name_index: bytes = personal(
        "staff member's name, as a keyed hash",
        why=Why.OPERATION,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.KEEP,
        index_of=("name",),
        unique=True,
    )
    password_hash: str = personal(
        "password, as argon2id",
        why=Why.OPERATION,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.BLANK,
        sealed_for="id",
        told_as="A password is kept, as a hash from which it can't be read.",
    )
    active: bool = plain(default=True)
    created_at: datetime = plain(sa_type=UtcMoment)


class StaffSession(SQLModel, table=True):
    """One sign-in of a staff member. Lives as long as its only token."""

    __tablename__: ClassVar[Any] = "staff_session"
    __table_args__ = rows(whose=ON_STAFF, counted_from=("created_at", "it began"))

    id: str = plain(primary_key=True, max_length=64)  # ses_…
    staff_id: str = plain(foreign_key="staff_member.id", index=True, max_length=64)
    created_at: datetime = personal(
        "staff member's sign-in",
        why=Why.OPERATION,
        keep=SESSIONS_KEPT,
        on_erasure=OnErasure.DELETE,
        sa_type=UtcMoment,
    )
    expires_at: datetime = plain(sa_type=UtcMoment)
    ended_at: datetime | None = personal(
        "staff member's sign-in",
        why=Why.OPERATION,
        keep=SESSIONS_KEPT,
        on_erasure=OnErasure.DELETE,
        default=None,
        sa_type=UtcMoment,
    )


class Lookup(SQLModel, table=True):
    """One look by our staff at a camera of yours, whether or not there was something to see."""

    __tablename__: ClassVar[Any] = "lookup"
    __table_args__ = rows(
        whose=owner_then("device_id", at="at"),
        counted_from=("at", "the look"),
        audited=("id", "staff_id", "device_id", "at"),
    )

    id: str = plain(primary_key=True, max_length=64)  # lkp_…
    staff_id: str = plain(foreign_key="staff_member.id", index=True, max_length=64)
    # None: a serial that we never made. The serial itself is not kept then: it may be anything.
    device_id: str | None = plain(foreign_key="device.id", index=True, max_length=64)
    case_number: str = personal(
        "support case",
        why=Why.SUPPORT,
        keep=LOOKS_KEPT,
        on_erasure=OnErasure.KEEP,
        sealed_for="staff_id",
    )
    reason: str | None = personal(
        "reason for a look",
        why=Why.SUPPORT,
        keep=LOOKS_KEPT,
        on_erasure=OnErasure.BLANK,
        sealed_for="staff_id",
    )
    at: datetime = personal(
        "when staff looked",
        why=Why.SUPPORT,
        keep=LOOKS_KEPT,
        on_erasure=OnErasure.KEEP,
        sa_type=UtcMoment,
    )
