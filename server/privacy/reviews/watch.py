"""The look at what is to be reviewed: every hour, and at each start. Numbers, and no words."""

from datetime import datetime

import structlog

from server.foundation.database import Database
from server.privacy.reviews.metrics import ReviewMetrics
from server.privacy.reviews.review_rules import is_overdue
from server.privacy.reviews.reviewing import open_findings, standings


async def watch_reviews(database: Database, metrics: ReviewMetrics, now: datetime) -> None:
    """See which reviews and findings are overdue; the log says so at every look."""
    async with database.reading() as db:
        overdue = [it.practice for it in await standings(db) if is_overdue(it.due, now)]
        findings = sum(is_overdue(it.due_at, now) for it, _ in await open_findings(db))
    metrics.looked(overdue, findings)
    log = structlog.get_logger()
    if overdue:
        log.warning("reviews_overdue", count=len(overdue))
    if findings:
        log.warning("review_findings_overdue", count=findings)
