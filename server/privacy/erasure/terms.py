"""What cancelling an account would take and bring, told before somebody does it."""

from dataclasses import dataclass
from datetime import date, datetime

from server.accounts import queries
from server.accounts.tables import Account
from server.foundation.database import Db
from server.foundation.identity import Identity
from server.foundation.settings import Settings
from server.privacy.cases.calendars import calendar_of
from server.privacy.cases.kinds import CaseKind


@dataclass(frozen=True, slots=True)
class Terms:
    """What cancelling would take and bring, if it were done now."""

    needs_password: bool
    starts_at: datetime
    due_on: date


async def terms(db: Db, owner: Identity, now: datetime, settings: Settings) -> Terms:
    """What cancelling would take and bring, if it were done now. Raises BadToken."""
    account = await queries.own_account(db, owner)
    return Terms(
        needs_password=account.password_hash is not None,
        starts_at=now + settings.erasure_grace,
        due_on=last_day_for(account, now),
    )


def last_day_for(account: Account, now: datetime) -> date:
    """The last day on which an account that is cancelled now is erased, by its own calendar."""
    calendar = calendar_of(account.area or "")
    return calendar.due_on(calendar.received_on(now), CaseKind.CANCELLATION)
