"""The uses of an account's data that are on record, held against what was accepted then.

On record are uses that others than the person made: letters that were sent, and looks by the staff.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import SQLModel, col, select

from server.foundation.database import Db
from server.foundation.purposes import Purpose
from server.privacy.declaration_rules import Declaration
from server.privacy.errors import UnknownPolicyVersion
from server.privacy.findings.finding_rules import RecordedUse, UseFinding, beyond
from server.privacy.gate import PolicyGate
from server.privacy.news.tables import NewsIssue, NewsLetter
from server.privacy.subject_paths import rows_about
from server.privacy.tables import PolicyAcceptance
from server.privacy.use_audit import is_founded
from server.support.tables import Lookup

LETTER, LOOK = "letter", "look by our staff"
Accepted = Sequence[tuple[str, datetime]]  # versions and when, the first acceptance first


async def use_findings(db: Db, account_id: str, policy: PolicyGate) -> tuple[UseFinding, ...]:
    """Every use on record, the oldest first, and whether it kept to the version accepted then."""
    accepted = await acceptances(db, account_id)
    uses = [*await _letters(db, account_id), *await _looks(db, account_id)]
    return tuple(_found(it, accepted, policy) for it in sorted(uses, key=lambda use: use.at))


async def acceptances(db: Db, account_id: str) -> Accepted:
    """Which versions of the policy the account accepted, and when."""
    query = (
        select(PolicyAcceptance.version, PolicyAcceptance.accepted_at)
        .where(PolicyAcceptance.account_id == account_id)
        .order_by(col(PolicyAcceptance.accepted_at), col(PolicyAcceptance.id))
    )
    return (await db.exec(query)).all()


def _found(use: RecordedUse, accepted: Accepted, policy: PolicyGate) -> UseFinding:
    version = next((it for it, at in reversed(accepted) if at <= use.at), None)
    declared = _declared(version, policy) if version else None
    return UseFinding(use, version, beyond(use, declared))


def _declared(version: str, policy: PolicyGate) -> Declaration | None:
    try:
        return policy.edition(version).declared
    except UnknownPolicyVersion:  # accepted once, and taken away: it declares nothing to anybody
        return None


async def _letters(db: Db, account_id: str) -> Sequence[RecordedUse]:
    query = (
        select(NewsLetter.taken_at, NewsLetter.consent_id, NewsIssue.purpose, NewsIssue.country)
        .join(NewsIssue, col(NewsIssue.id) == col(NewsLetter.issue_id))
        .where(NewsLetter.account_id == account_id, col(NewsLetter.taken_at).is_not(None))
    )
    found = list[RecordedUse]()
    for at, consent_id, purpose, country in (await db.exec(query)).all():
        if at is not None:
            chosen = await is_founded(db, (account_id, purpose), consent_id, at)
            columns = ("account.email", *(("account.area",) if country else ()))
            found.append(RecordedUse(LETTER, purpose, at, columns, chosen))
    return found


async def _looks(db: Db, account_id: str) -> Sequence[RecordedUse]:
    its = SQLModel.metadata.tables[str(Lookup.__tablename__)]
    query = select(Lookup.at).where(rows_about(its, account_id))
    columns = ("warranty.activated_at",)
    moments = (await db.exec(query)).all()
    return [RecordedUse(LOOK, Purpose.SUPPORT, it, columns, chosen=False) for it in moments]
