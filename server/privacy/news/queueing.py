"""Queueing an issue: one row; the running server does the rest."""

from server.accounts.area_rules import AREAS
from server.foundation.database import Db
from server.foundation.purposes import Purpose
from server.foundation.requests import Foundation
from server.privacy.news.errors import UnfitIssue
from server.privacy.news.issue_file import Draft
from server.privacy.news.tables import NewsIssue
from server.privacy.purpose_gate import PurposeGate

AREA = "account.area"


async def queue_issue(
    db: Db, draft: Draft, purpose: Purpose, country: str | None, parts: Foundation
) -> NewsIssue:
    """Queue it. Raises UnfitIssue for a country that there isn't, or that isn't to be used here."""
    if country is not None:
        if country not in AREAS:
            raise UnfitIssue("name a country by its two capital letters (ISO 3166-1)")
        if AREA not in PurposeGate().uses[purpose]:
            raise UnfitIssue("where people live is looked at for invitations only")
    issue = NewsIssue(
        id=parts.ids.new("nws"),
        purpose=purpose.value,
        country=country,
        subject=draft.subject,
        text=draft.text,
        queued_at=parts.clock.now(),
    )
    db.add(issue)
    return issue
