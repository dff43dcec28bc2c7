"""Reads of issues, letters and confirmations."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, func, select

from server.foundation.database import Db
from server.foundation.purposes import Granted, Purpose
from server.privacy.news.states import LetterState
from server.privacy.news.tables import LettersWanted, NewsIssue, NewsLetter


async def wanted_by(db: Db, account_id: str) -> LettersWanted | None:
    """What the account confirmed; None for one that was never asked."""
    return await db.get(LettersWanted, account_id)


async def wanted_at(db: Db, link_id: str) -> LettersWanted | None:
    """What a link's id stands for."""
    query = select(LettersWanted).where(LettersWanted.link_id == link_id)
    return (await db.exec(query)).one_or_none()


def confirmed_at(wanted: LettersWanted, purpose: str, granted: Granted) -> datetime | None:
    """When letters of this kind were confirmed; None while the purpose is off, too."""
    if purpose not in granted:
        return None
    if purpose == Purpose.NEWS:
        return wanted.news_confirmed_at
    return wanted.invitations_confirmed_at


async def wanted_after(db: Db, link_id: str, most: int) -> Sequence[LettersWanted]:
    """The next so many who were ever asked to confirm, in the order of their links."""
    query = select(LettersWanted).where(col(LettersWanted.link_id) > link_id)
    return (await db.exec(query.order_by(col(LettersWanted.link_id)).limit(most))).all()


async def unwritten(db: Db) -> Sequence[str]:
    """The issues whose letters are not all written, the oldest first."""
    query = select(NewsIssue.id).where(col(NewsIssue.written_at).is_(None))
    return (await db.exec(query.order_by(col(NewsIssue.id)))).all()


async def locked_issue(db: Db, issue_id: str) -> NewsIssue | None:
    """The issue, if nobody else works on it."""
    return await db.get(NewsIssue, issue_id, with_for_update={"skip_locked": True})


async def locked_letter(db: Db, letter_id: str) -> NewsLetter | None:
    """The letter, if nobody else works on it."""
    return await db.get(NewsLetter, letter_id, with_for_update={"skip_locked": True})


async def waiting(db: Db, now: datetime, most: int) -> Sequence[str]:
    """The letters that may go now, the oldest first."""
    query = select(NewsLetter.id).where(
        NewsLetter.state == LetterState.WAITING.value, NewsLetter.try_at <= now
    )
    return (await db.exec(query.order_by(col(NewsLetter.id)).limit(most))).all()


async def issues(db: Db) -> Sequence[NewsIssue]:
    """Every issue that we still know of, the oldest first."""
    return (await db.exec(select(NewsIssue).order_by(col(NewsIssue.id)))).all()


async def counts(db: Db, issue_id: str) -> dict[str, int]:
    """How many letters of an issue are in which state."""
    query = (
        select(NewsLetter.state, func.count())
        .where(NewsLetter.issue_id == issue_id)
        .group_by(col(NewsLetter.state))
    )
    return dict((await db.exec(query)).all())
