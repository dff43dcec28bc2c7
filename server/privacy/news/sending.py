"""From an issue to letters, and each letter to its reader, in durable steps.

1. *Write*: a row for each who has confirmed and allows it now, some at a time.
2. *Take*: the gate is asked again, in the unit of work that notes the letter as taken. On a
   database with row locks a withdrawal waits for it, and then finds the letter taken or dropped.
3. *Hand over*: outside of any unit of work, because a mail server may take its time; the gate is
   asked once more at the last moment.
4. *Settle*: what the mail server said (`states.py`).

Whoever dies in between leaves rows from which the next goes on; a letter that was taken is never
taken again, so nobody gets it twice.
"""

from dataclasses import dataclass
from typing import Final

from server.accounts.tables import Account
from server.foundation.database import Db
from server.foundation.mail import Letter
from server.foundation.purposes import Granted, granted_by
from server.foundation.requests import Foundation
from server.privacy import consent_queries
from server.privacy.news import links, queries
from server.privacy.news.letters import Ground, issue_letter
from server.privacy.news.links import Act
from server.privacy.news.queries import confirmed_at
from server.privacy.news.states import LetterState
from server.privacy.news.tables import LettersWanted, NewsIssue, NewsLetter
from server.privacy.purpose_gate import PurposeGate

AT_ONCE: Final = 100  # people in one unit of work: others who write wait for it on SQLite


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter that is ours to hand over."""

    id: str
    tries: int
    account_id: str
    purpose: str
    letter: Letter


async def write_some(db: Db, issue_id: str, parts: Foundation) -> bool:
    """Write the next letters of an issue; whether there may be more to write."""
    issue = await queries.locked_issue(db, issue_id)
    if issue is None or issue.written_at is not None:
        return False
    asked = await queries.wanted_after(db, issue.reached, AT_ONCE)
    for wanted in asked:
        await _write_one(db, issue, wanted, parts)
        issue.reached = wanted.link_id
    if len(asked) < AT_ONCE:
        issue.written_at = parts.clock.now()
    return len(asked) == AT_ONCE


async def take(db: Db, letter_id: str, gate: PurposeGate, parts: Foundation) -> Taken | None:
    """Take a letter that waits; None for one that is another's, or that nobody wants any more."""
    row = await queries.locked_letter(db, letter_id)
    if row is None or row.state != LetterState.WAITING:
        return None
    issue = await db.get_one(NewsIssue, row.issue_id)
    granted = await granted_by(db, row.account_id)
    wanted = await queries.wanted_by(db, row.account_id)
    consent = await consent_queries.newest_about(db, row.account_id, issue.purpose)
    address = await _address_for(db, issue, wanted, granted) if wanted else None
    if address is None or wanted is None or consent is None:
        row.state = LetterState.DROPPED.value
        return None
    row.state, row.taken_at, row.tries = LetterState.TAKEN.value, parts.clock.now(), row.tries + 1
    row.consent_id = consent.id  # it may have been given anew since
    ground = Ground(gate.purpose(issue.purpose), consent)
    token = links.token_of(db, Act.END, issue.purpose, wanted.link_id)
    letter = issue_letter(address, issue, ground, token, parts.settings)
    return Taken(row.id, row.tries, row.account_id, issue.purpose, letter)


async def _write_one(db: Db, issue: NewsIssue, wanted: LettersWanted, parts: Foundation) -> None:
    granted = await granted_by(db, wanted.account_id)
    consent = await consent_queries.newest_about(db, wanted.account_id, issue.purpose)
    if consent is None or await _address_for(db, issue, wanted, granted) is None:
        return
    now = parts.clock.now()
    db.add(
        NewsLetter(
            id=parts.ids.new("nwl"),
            issue_id=issue.id,
            account_id=wanted.account_id,
            consent_id=consent.id,
            state=LetterState.WAITING.value,
            queued_at=now,
            try_at=now,
        )
    )


async def _address_for(
    db: Db, issue: NewsIssue, wanted: LettersWanted, granted: Granted
) -> str | None:
    """Where this issue goes for this person; None if it doesn't go to them now."""
    purpose = issue.purpose
    if confirmed_at(wanted, purpose, granted) is None:
        return None
    account = await db.get(Account, wanted.account_id)
    if account is None or account.ends_at is not None or account.ended_at is not None:
        return None  # whoever is leaving gets no more letters
    if issue.country is not None and not (
        granted.may_use(Account.area, purpose) and account.area == issue.country
    ):
        return None
    return account.email if granted.may_use(Account.email, purpose) else None
