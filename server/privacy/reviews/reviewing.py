"""A review is written down, and a finding is closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import col, func, select

from server.foundation.database import Db
from server.foundation.ids import Ids
from server.privacy.reviews.review_rules import (
    FINDING_OPEN,
    LEAST_ACTION,
    Area,
    due_at,
    says_something,
)
from server.privacy.reviews.tables import PracticeReview, ReviewFinding
from server.security.staff_acts import Deed, note_deed


class WhyNot(StrEnum):
    """Why a review or an action isn't written down, and what to do."""

    NO_WORDS = "say what was looked at, and each finding, in 1 to 1000 printable characters"
    NO_ACTION = "a finding is closed by what was done about it: 10 to 1000 printable characters"
    UNKNOWN = "there is no such finding; secuhome reviews list names those that are open"
    CLOSED = "the finding is closed already"


class ReviewRefused(Exception):  # noqa: N818 - says what was done
    """Nothing was written down."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Standing:
    """How an area stands: when it was reviewed last, and when it is to be again."""

    practice: Area
    newest: datetime | None
    due: datetime | None


async def record_review(
    db: Db, ids: Ids, area: Area, staff_id: str, told: tuple[str, Sequence[str]], now: datetime
) -> list[ReviewFinding]:
    """Write down a review: `told` is what was looked at, and what was found. The findings.

    Raises ReviewRefused.
    """
    summary, found = told
    if not all(says_something(it) for it in (summary, *found)):
        raise ReviewRefused(WhyNot.NO_WORDS)
    review = PracticeReview(
        id=ids.new("rev"), practice=area.value, reviewer=staff_id, at=now, summary=summary
    )
    db.add(review)
    await db.flush()
    findings = [
        ReviewFinding(id=ids.new("fnd"), review_id=review.id, finding=it, due_at=now + FINDING_OPEN)
        for it in found
    ]
    db.add_all(findings)
    await note_deed(db, ids, staff_id, Deed.REVIEWED, review.id, now)
    return findings


async def close_finding(
    db: Db, ids: Ids, finding_id: str, staff_id: str, action: str, now: datetime
) -> ReviewFinding:
    """Close a finding with what was done about it. Raises ReviewRefused."""
    if not says_something(action, LEAST_ACTION):
        raise ReviewRefused(WhyNot.NO_ACTION)
    finding = await db.get(ReviewFinding, finding_id, with_for_update=True)
    if finding is None:
        raise ReviewRefused(WhyNot.UNKNOWN)
    if finding.closed_at is not None:
        raise ReviewRefused(WhyNot.CLOSED)
    finding.action, finding.closed_by, finding.closed_at = action, staff_id, now
    await note_deed(db, ids, staff_id, Deed.FINDING_CLOSED, finding.id, now)
    return finding


async def standings(db: Db) -> list[Standing]:
    """Each area, reviewed or not."""
    query = select(PracticeReview.practice, func.max(PracticeReview.at)).group_by(
        PracticeReview.practice
    )
    newest = dict((await db.exec(query)).all())
    return [Standing(it, newest.get(it.value), due_at(it, newest.get(it.value))) for it in Area]


async def open_findings(db: Db) -> Sequence[tuple[ReviewFinding, str]]:
    """The findings that nothing was done about yet, each with its area; the most urgent first."""
    query = (
        select(ReviewFinding, PracticeReview.practice)
        .join(PracticeReview, col(PracticeReview.id) == col(ReviewFinding.review_id))
        .where(col(ReviewFinding.closed_at).is_(None))
        .order_by(col(ReviewFinding.due_at), col(ReviewFinding.id))
    )
    return (await db.exec(query)).all()
