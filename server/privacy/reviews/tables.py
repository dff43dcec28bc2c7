"""What is stored of reviews. Our own practices, and nobody's data."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import SQLModel

from server.foundation.columns import UtcMoment
from server.foundation.labels import plain


class PracticeReview(SQLModel, table=True):
    """Somebody of ours has looked at one area, and what they saw. Never changed, never deleted."""

    __tablename__: ClassVar[Any] = "practice_review"

    id: str = plain(primary_key=True, max_length=64)  # rev_…
    practice: str = plain(max_length=16, index=True)
    reviewer: str = plain(foreign_key="staff_member.id", max_length=64)
    at: datetime = plain(sa_type=UtcMoment)
    summary: str = plain(max_length=1000)  # what was looked at, and about nobody


class ReviewFinding(SQLModel, table=True):
    """Something that a review has found. It is closed by saying what was done about it."""

    __tablename__: ClassVar[Any] = "review_finding"

    id: str = plain(primary_key=True, max_length=64)  # fnd_…
    review_id: str = plain(foreign_key="practice_review.id", index=True, max_length=64)
    finding: str = plain(max_length=1000)
    due_at: datetime = plain(sa_type=UtcMoment)
    action: str | None = plain(max_length=1000, default=None)
    closed_by: str | None = plain(foreign_key="staff_member.id", max_length=64, default=None)
    closed_at: datetime | None = plain(default=None, sa_type=UtcMoment)
