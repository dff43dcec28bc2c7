"""What is stored of exceptions: what goes without consent, why, until when, by whom."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import SQLModel

from server.foundation.columns import UtcMoment
from server.foundation.labels import OnErasure, Why, days, link, personal, plain
from server.foundation.table_labels import rows

KEPT = days(3 * 366)  # since its end: as long as somebody may go to court about the use


def _about(category: str, **field: Any) -> Any:
    return personal(category, why=Why.EVIDENCE, keep=KEPT, on_erasure=OnErasure.DELETE, **field)


def _moment(*, default: Any = ...) -> Any:
    return _about("use without consent", sa_type=UtcMoment, default=default)


class ConsentException(SQLModel, table=True):
    """A purpose that is followed without your consent: in which situation, on which evidence."""

    __tablename__: ClassVar[Any] = "consent_exception"
    __table_args__ = rows(counted_from=("until", "its end"))

    id: str = plain(primary_key=True, max_length=64)  # exc_…
    account_id: str = link("account.id", on_erasure=OnErasure.DELETE, index=True, max_length=64)
    situation: str = _about(
        "use without consent", plain_because="a word of a closed list", max_length=32
    )
    purpose: str = _about(
        "use without consent", plain_because="a word of a closed list", max_length=32
    )
    evidence: str = _about(  # JSON: what was shown, by the names that the situation asks for
        "evidence for a use without consent", sealed_for="account_id"
    )
    asked_by: str = plain(foreign_key="staff_member.id", index=True, max_length=64)
    asked_at: datetime = _moment()
    approved_by: str | None = plain(
        foreign_key="staff_member.id", index=True, max_length=64, default=None
    )
    approved_at: datetime | None = _moment(default=None)
    until: datetime = _moment()
    # Set when it was ended, or when what only it allowed has gone after its end.
    ended_at: datetime | None = _moment(default=None)
