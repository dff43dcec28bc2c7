"""The look at all open cases: who waits, and whose date is near. Every hour, and at each start.

A case is warned of when it comes near its date, again when it is very near, and from its date on
at every look. The warnings are lines of the log and a gauge; both hold numbers and no case.
"""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Final

import structlog
from sqlmodel import col, select, update

from server.foundation.database import Database, Db
from server.privacy.cases.calendars import calendar_of
from server.privacy.cases.deadline_rules import Stage
from server.privacy.cases.kinds import CaseState
from server.privacy.cases.metrics import CaseMetrics
from server.privacy.cases.tables import PrivacyCase

ORDER: Final = tuple(Stage)
EVENTS: Final = {
    Stage.SOON: "cases_due_soon",
    Stage.URGENT: "cases_urgent",
    Stage.OVERDUE: "cases_overdue",
}
AT_ONCE: Final = 500  # ids of one IN


async def watch_cases(database: Database, metrics: CaseMetrics, now: datetime) -> None:
    """Count the open cases by stage, and warn of those that have come nearer to their date."""
    async with database.writing() as db:
        due, nearer = await _look(db, now)
    metrics.counted(due, now)
    log = structlog.get_logger()
    for stage, event in EVENTS.items():
        if stage is Stage.OVERDUE and due[stage]:
            log.error(event, count=due[stage])  # at every look: it can't be got used to silently
        elif nearer[stage]:
            log.warning(event, count=nearer[stage])


async def _look(db: Db, now: datetime) -> tuple[Counter[Stage], Counter[Stage]]:
    row = PrivacyCase
    query = select(col(row.id), col(row.region), col(row.due_on), col(row.stage)).where(
        row.state == CaseState.OPEN.value
    )
    due: Counter[Stage] = Counter()
    moved: defaultdict[Stage, list[str]] = defaultdict(list)
    for case_id, region, due_on, known in (await db.exec(query)).all():
        stage = calendar_of(region).stage(now, due_on)
        due[stage] += 1
        if stage is not Stage(known):
            moved[stage].append(case_id)
    for stage, ids in moved.items():
        for start in range(0, len(ids), AT_ONCE):
            some = col(row.id).in_(ids[start : start + AT_ONCE])
            await db.exec(update(row).where(some).values(stage=stage.value))
    return due, Counter({stage: len(ids) for stage, ids in moved.items()})
