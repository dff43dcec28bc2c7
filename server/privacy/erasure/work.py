"""Runs the erasures that are due: at the start, when one is asked for, and every minute.

Several processes may do so at once. Each unit of work takes the lock of its erasure and looks which
step is next, so that every step is done once by one of them.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Final

import structlog
from fastapi import Depends, Request

from server.foundation.log import faults_told
from server.foundation.requests import Foundation
from server.privacy.erasure import queries
from server.privacy.erasure.erasure_rules import Step, after, unit_from
from server.privacy.erasure.metrics import ErasureMetrics
from server.privacy.erasure.steps import ACTS, Tools
from server.privacy.receipts import Receipts
from server.privacy.tombstone_file import TombstoneFile

EVERY_S: Final = 60
REST: Final = 2  # times as long as a unit of work took
WARNED: Final = timedelta(days=3)  # before the last day of an erasure that has begun
log = structlog.get_logger()


class ErasureWork:
    """The erasures of one process. `app.state.erasures`."""

    def __init__(
        self,
        foundation: Foundation,
        receipts: Receipts,
        tombstones: TombstoneFile,
        metrics: ErasureMetrics,
    ) -> None:
        self._foundation, self._metrics = foundation, metrics
        self._tools = Tools(foundation, receipts, tombstones)
        self._wanted = asyncio.Event()

    async def wake(self) -> None:
        """There is something to do now."""
        self._wanted.set()

    async def keep_on(self, over: asyncio.Event) -> None:
        """Run what is due until `over`. Ends between two steps, not in the middle of one."""
        ending = asyncio.create_task(self._wake_at(over))
        while not over.is_set():
            self._wanted.clear()
            await self.run_due(over)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), EVERY_S)
        await ending

    async def run_due(self, over: asyncio.Event | None = None) -> None:
        """Take every erasure that is due to its end. One that fails is told in the log.

        It is tried again at the next round, and the others go on.
        """
        now = self._foundation.clock.now()
        due: Sequence[str] = ()
        with faults_told("erasure"):
            async with self._foundation.database.reading() as db:
                due = await queries.due(db, now)
        for erasure_id in due:
            with faults_told("erasure"):
                while (over is None or not over.is_set()) and await self._step(erasure_id, over):
                    pass
        with faults_told("erasure"):
            await self._tell_late()

    async def _step(self, erasure_id: str, over: asyncio.Event | None) -> bool:
        """Do the next unit of steps, or a part of it; whether there may be more to do.

        Beside a server that serves (until `over`) it then rests, and longer if it had to wait: an
        erasure has days, and others wait for answers.
        """
        began = time.monotonic()
        more = await self._unit(erasure_id)
        if over is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), REST * (time.monotonic() - began))
        return more

    async def _unit(self, erasure_id: str) -> bool:
        async with self._foundation.database.writing() as db:
            found = await queries.locked(db, erasure_id)
            if found is None or found[0].finished_at is not None:
                return False
            erasure, account = found
            with db.no_autoflush:  # which step is next is told once, with the commit
                for step in unit_from(Step(erasure.next_step)):
                    if not await ACTS[step](db, erasure, account, self._tools):
                        break
                    erasure.next_step = after(step).value
        return erasure.finished_at is None

    async def _tell_late(self) -> None:
        """Say so in the log while there is still time: alerts are made of it."""
        now = self._foundation.clock.now()
        async with self._foundation.database.reading() as db:
            count = await queries.late(db, now, now.date() + WARNED)
        self._metrics.looked(count)
        if count:
            log.error("erasures_late", count=count)

    async def _wake_at(self, over: asyncio.Event) -> None:
        await over.wait()
        self._wanted.set()


def _erasures(request: Request) -> ErasureWork:
    return request.app.state.erasures


RequestErasures = Annotated[ErasureWork, Depends(_erasures)]
