"""Whether each use that was noted had a choice to stand on: letters, so far.

A use names the choice that it stands on. That must be of the same person, about the same purpose,
a yes, from before the use, and not withdrawn before it. Uses are noted with the choice in one unit
of work, so a fault found here is a fault of the code, or of whoever wrote into the database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from server.foundation.database import Database, Db
from server.privacy.consent_rules import State
from server.privacy.news.tables import NewsIssue, NewsLetter
from server.privacy.tables import Consent

AT_ONCE: Final = 1_000
# A withdrawal bears the moment in which it was asked for, and may then have waited for the use.
WAITED: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Audited:
    """What was found: how many uses there are, and the ids of those that no choice allowed."""

    rows: int
    unfounded: tuple[str, ...]


async def audit_uses(database: Database) -> Audited:
    """Look at every letter that was taken for sending, in one state of the database."""
    rows, unfounded, after = 0, list[str](), ""
    async with database.reading() as db:
        while True:
            query = (
                select(
                    col(NewsLetter.id),
                    col(NewsLetter.account_id),
                    col(NewsLetter.taken_at),
                    col(NewsIssue.purpose),
                    col(NewsLetter.consent_id),
                )
                .join(NewsIssue, col(NewsIssue.id) == col(NewsLetter.issue_id))
                .where(col(NewsLetter.taken_at).is_not(None), col(NewsLetter.id) > after)
                .order_by(col(NewsLetter.id))
                .limit(AT_ONCE)
            )
            found = (await (await db.connection()).execute(query)).all()
            for use, account_id, at, purpose, consent_id in found:
                rows += 1
                if at and not await is_founded(db, (account_id, purpose), consent_id, at):
                    unfounded.append(use)
            if len(found) < AT_ONCE:
                return Audited(rows, tuple(unfounded))
            after = found[-1][0]


async def is_founded(
    db: Db, whose_what: tuple[str, str], consent_id: str, used_at: datetime
) -> bool:
    """Whether the choice that a use names allowed it at that moment."""
    query = (
        select(col(Consent.id), col(Consent.state), col(Consent.at))
        .where(
            col(Consent.account_id) == whose_what[0],
            col(Consent.purpose) == whose_what[1],
            col(Consent.at) <= used_at,
        )
        .order_by(col(Consent.number))
    )
    choices = (await (await db.connection()).execute(query)).all()
    places = [place for place, it in enumerate(choices) if it[0] == consent_id]
    if not places or choices[places[0]][1] != State.GIVEN:
        return False
    return all(it[2] > used_at - WAITED for it in choices[places[0] + 1 :])
