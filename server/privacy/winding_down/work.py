"""Carries the end of the service on by itself, hour by hour, until the report is signed."""

import asyncio
from typing import Final

import structlog
from sqlmodel import col, func, select

from server.foundation.requests import Foundation
from server.foundation.rounds import in_rounds
from server.privacy.erasure.ceasing import Whom, cease, concerned
from server.privacy.erasure.tables import Erasure
from server.privacy.erasure.work import ErasureWork
from server.privacy.receipts import Receipts
from server.privacy.winding_down.closing import the_end
from server.privacy.winding_down.closing_rules import is_due
from server.privacy.winding_down.report import KIND, StillThere, blank_the_rest, members_of
from server.privacy.winding_down.tables import EndOfService
from server.privacy.winding_down.telling import tell_everybody

HOURLY_S: Final = 3_600
log = structlog.get_logger()


class WindingDown:
    """The end of the service, as one process carries it on. Several may do so at once."""

    def __init__(self, foundation: Foundation, receipts: Receipts, erasures: ErasureWork) -> None:
        self._parts, self._receipts, self._erasures = foundation, receipts, erasures

    async def keep_on(self, over: asyncio.Event) -> None:
        """Do what is due, at once and every hour, until `over`."""
        await in_rounds("end_of_service", lambda: self.run_due(over), HOURLY_S, over)

    async def run_due(self, over: asyncio.Event | None = None) -> None:
        """Tell who was not told; on the day, erase everybody; when nothing is left, report."""
        over = over or asyncio.Event()
        async with self._parts.database.reading() as db:
            end = await the_end(db)
        if end is None or end.closed_at is not None:
            return
        if not await tell_everybody(self._parts, end, over):
            return
        if not is_due(end.erases_on, self._parts.clock.now()):
            return
        if everybody := await concerned(self._parts.database, Whom(everybody=True)):
            await cease(self._parts, everybody, end.reason)
            await self._erasures.wake()
            return
        await self._report()

    async def _report(self) -> None:
        """Sign the report, if all is done. Told in the log: what is still there, for the staff."""
        parts = self._parts
        async with parts.database.writing() as db:
            waiting = select(func.count()).where(col(Erasure.finished_at).is_(None))
            end = (await db.exec(select(EndOfService).with_for_update())).one()
            if (await db.exec(waiting)).one() or end.closed_at is not None:
                return
            try:
                await blank_the_rest(db)
                told = await members_of(db, end, parts.clock.now(), parts.settings)
            except StillThere as what:
                log.warning("end_of_service_waits", where=[str(what)])
                return
            end.report, end.closed_at = self._receipts.sign(KIND, told), parts.clock.now()
        log.info("end_of_service_closed")
