"""A visit: when somebody came and where from. What every act of a person is noted with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends

from server.foundation.database import Db
from server.foundation.ids import Ids
from server.foundation.requests import RequestFoundation
from server.security import events
from server.security.events import EventKind
from server.security.sightings import RequestSeen, Seen


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a person."""

    now: datetime
    seen: Seen
    ids: Ids

    async def note(
        self, db: Db, account_id: str, kind: EventKind, about: str | None = None
    ) -> None:
        """Write it into the account's history."""
        await events.note(
            db,
            id=self.ids.new("evt"),
            account_id=account_id,
            kind=kind,
            at=self.now,
            seen=self.seen,
            about=about,
        )


def _visit(foundation: RequestFoundation, seen: RequestSeen) -> Visit:
    return Visit(foundation.clock.now(), seen, foundation.ids)


RequestVisit = Annotated[Visit, Depends(_visit)]
